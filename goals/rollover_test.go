package goals_test

import (
	"testing"

	"channelbook/ent/goal"
	"channelbook/goals"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
)

func (p *plan) roll() int {
	p.t.Helper()
	return must(p.RollOver(p.system))
}

func TestTheFirstOfAMonthRollsGoalsOver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPlan(t, d, "Europe/Moscow")
		p.at("2025-12-31T20:59:59Z") // a second before January in Moscow
		a, b, idle, gone := p.distributor("А"), p.distributor("Б"), p.distributor("без целей"), p.distributor("ушёл")
		december, january := month("2025-12"), month("2026-01")
		p.set(target(a, december, goal.MetricPAYOUT, "1"), target(a, december, goal.MetricLEAD_COUNT, "2"), target(b, december, goal.MetricPAYOUT, "3"),
			target(b, january, goal.MetricSALE_COUNT, "4"), target(gone, december, goal.MetricPAYOUT, "5"))
		p.suspend(gone)
		equal(t, "goals in December", p.roll(), 0)
		p.at("2025-12-31T21:00:00Z")
		equal(t, "goals on the 1st of January", p.roll(), 2)
		equal(t, "those of last month", p.of(a, january), "LEAD_COUNT=2 PAYOUT=100")
		equal(t, "who has goals already keeps them", p.of(b, january), "SALE_COUNT=4")
		equal(t, "who had none, and who gets no leads", p.of(idle, january)+p.of(gone, january), "")
		equal(t, "again", p.roll(), 0)
		equal(t, "audit", p.acts(), "GOALS_ROLLED_OVER GOALS_SET GOALS_SET GOALS_SET")
		for _, g := range must(d.Goal.Query().Where(goal.DistributorID(a), goal.StartsOn(&january.StartsOn)).All(p.system)) {
			if err := p.Remove(p.admin, g.ID, ""); err != nil {
				t.Fatal(err)
			}
		}
		equal(t, "what was removed by hand", p.roll(), 0)
		equal(t, "stays away", p.of(a, january), "")
	})
}

func TestWhatWasRemovedBeforeTheMonthBeganStaysAway(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPlan(t, d, "Europe/Moscow")
		a := p.distributor("А")
		p.set(target(a, month("2026-03"), goal.MetricPAYOUT, "1"))
		next := p.set(target(a, month("2026-04"), goal.MetricPAYOUT, "1"))
		if err := p.Remove(p.admin, next[0].ID, ""); err != nil {
			t.Fatal(err)
		}
		p.at("2026-04-01T09:00:00Z")
		equal(t, "goals", p.roll(), 0)
	})
}

func TestMonthsInWhichTheServerWasDownAreMadeUpFor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPlan(t, d, "Europe/Moscow")
		p.at("2027-11-20T09:00:00Z")
		a, removed := p.distributor("А"), p.distributor("Б")
		p.set(target(a, month("2027-11"), goal.MetricPAYOUT, "1"), target(removed, month("2027-11"), goal.MetricPAYOUT, "1"))
		p.roll()
		p.at("2028-03-02T00:00:00Z")
		must(p.Close(p.admin, month("2028-01")))
		equal(t, "goals in March", p.roll(), 2) // December's; January is closed, and February had nothing to be given from
		for text, want := range map[string]string{"2027-12": "PAYOUT=100", "2028-01": "", "2028-02": "", "2028-03": ""} {
			equal(t, text, p.of(a, month(text)), want)
		}
		equal(t, "again", p.roll(), 0)
	})
}

func TestALeapFebruaryIsMadeUpForLikeAnyOther(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPlan(t, d, "Europe/Moscow")
		p.at("2028-01-31T09:00:00Z")
		a := p.distributor("А")
		p.set(target(a, month("2028-01"), goal.MetricPAYOUT, "1"))
		p.roll()
		p.at("2028-02-29T20:59:59Z")
		equal(t, "goals on the 29th of February", p.roll(), 1)
		p.at("2028-02-29T21:00:00Z")
		equal(t, "goals on the 1st of March", p.roll(), 1)
		equal(t, "both", p.of(a, month("2028-02"))+" "+p.of(a, month("2028-03")), "PAYOUT=100 PAYOUT=100")
	})
}

func TestTwelveMonthsAreMadeUpForAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPlan(t, d, "Europe/Moscow")
		p.at("2024-05-31T09:00:00Z")
		a := p.distributor("А")
		p.set(target(a, month("2024-05"), goal.MetricPAYOUT, "1"))
		p.roll()
		p.at("2026-05-31T09:00:00Z")
		equal(t, "goals", p.roll(), 12)
		equal(t, "the twelfth", p.of(a, month("2025-05")), "PAYOUT=100")
		equal(t, "the thirteenth", p.of(a, month("2025-06")), "")
	})
}

func TestTwoInstancesRollOverOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPlan(t, d, "Europe/Moscow")
		two := p.second()
		const distributors = 30
		ids := make([]gid.ID, distributors)
		var targets []goals.Target
		for i := range ids {
			ids[i] = p.distributor("Д")
			targets = append(targets, target(ids[i], month("2026-03"), goal.MetricPAYOUT, "1"), target(ids[i], month("2026-03"), goal.MetricLEAD_COUNT, "1"))
		}
		p.set(targets...)
		p.roll()
		p.at("2026-05-01T09:00:00Z")
		given := make([]int, 16)
		atOnce(len(given), func(i int) { given[i] = must([]*plan{p, two}[i%2].RollOver(p.system)) })
		sum := 0
		for _, n := range given {
			sum += n
		}
		equal(t, "goals given", sum, 2*2*distributors) // April and May
		for _, id := range ids {
			equal(t, "history", p.history(id), "SET PAYOUT -→100, SET LEAD_COUNT -→1, ROLLED_OVER PAYOUT -→100, ROLLED_OVER LEAD_COUNT -→1, ROLLED_OVER PAYOUT -→100, ROLLED_OVER LEAD_COUNT -→1")
		}
		equal(t, "marks", must(d.GoalRollover.Query().Count(p.system)), 3*distributors)
	})
}

func TestRollingOverCostsTheSameWhereNobodyNeedsIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPlan(t, d, "Europe/Moscow")
		for range 20 {
			p.distributor("Д")
		}
		p.roll()
		ctx, counter := db.CountStatements(p.system)
		must(p.RollOver(ctx))
		equal(t, "statements", len(counter.List()), 2)
	})
}

// TestARollOverThatWasBrokenOffIsTakenUp: some distributors had been given April's goals when the server stopped, and it starts
// again in May.
func TestARollOverThatWasBrokenOffIsTakenUp(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPlan(t, d, "Europe/Moscow")
		p.at("2026-03-10T09:00:00Z")
		given, left := p.distributor("А"), p.distributor("Б")
		p.set(target(given, month("2026-03"), goal.MetricPAYOUT, "1"), target(left, month("2026-03"), goal.MetricPAYOUT, "1"))
		p.roll()
		april := month("2026-04").StartsOn
		d.GoalRollover.Create().SetDistributorID(given).SetStartsOn(&april).SetAt(p.Now()).ExecX(p.system)
		p.at("2026-05-02T09:00:00Z")
		p.roll()
		for text, want := range map[string]string{"2026-04": "PAYOUT=100", "2026-05": "PAYOUT=100"} {
			equal(t, "of who was left, "+text, p.of(left, month(text)), want)
		}
	})
}
