package goals_test

import (
	"testing"

	"channelbook/ent"
	"channelbook/ent/goal"
	"channelbook/goals"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
)

func TestFactsComeFromTheLedgerAndTheLeads(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPlan(t, d, "Europe/Moscow")
		a, b := p.distributor("А"), p.distributor("Б")
		feb, march, year := month("2026-02"), month("2026-03"), whole(calendar.Year, "2026-01-01")
		p.at("2026-02-27T09:00:00Z")
		p.sell(a, 500, 9_000)
		back := p.sell(a, 700, 1_000)
		p.lead(a)
		p.sell(b, 11, 12)
		p.at("2026-03-02T09:00:00Z")
		must(p.payouts.ReverseSale(p.admin, back, "возврат"))
		p.lead(a)
		facts := must(goals.Facts(p.admin, d, p.TimeZone, []gid.ID{a}, []calendar.Period{feb, march, year}, true))
		for name, c := range map[string]struct {
			period calendar.Period
			want   goals.Fact
		}{
			"the month of the sales":         {feb, goals.Fact{Payout: 1200, Revenue: 10_000, SaleCount: 2, LeadCount: 3, Converted: 1}},
			"a reversal counts in its month": {march, goals.Fact{Payout: -700, Revenue: -1_000, SaleCount: -1, LeadCount: 1}},
			"both":                           {year, goals.Fact{Payout: 500, Revenue: 9_000, SaleCount: 1, LeadCount: 4, Converted: 1}},
		} {
			equal(t, name, facts[goals.Whose{Distributor: a, Period: c.period}], c.want)
		}
		equal(t, "who was not asked for", len(facts), 3)
		everybody := must(goals.Facts(p.admin, d, p.TimeZone, nil, []calendar.Period{feb}, false))
		equal(t, "everybody, without leads", everybody[goals.Whose{Distributor: b, Period: feb}], goals.Fact{Payout: 11, Revenue: 12, SaleCount: 1})
		less := p.set(target(a, march, goal.MetricPAYOUT, "10"))[0]
		equal(t, "more reversed than sold", *p.progress(less).Percent, -70)
	})
}

// TestPeriodsBeginInTheBusinessZone: an instant that is in the next month already there belongs to that.
func TestPeriodsBeginInTheBusinessZone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPlan(t, d, "Asia/Vladivostok")
		a := p.distributor("А")
		p.at("2026-08-31T13:59:59Z") // a second before September in Vladivostok
		p.sell(a, 100, 100)
		p.at("2026-08-31T14:00:00Z")
		p.sell(a, 1, 1)
		facts := must(goals.Facts(p.admin, d, p.TimeZone, nil, []calendar.Period{month("2026-08"), month("2026-09")}, true))
		equal(t, "August", facts[goals.Whose{Distributor: a, Period: month("2026-08")}], goals.Fact{Payout: 100, Revenue: 100, SaleCount: 1, LeadCount: 1, Converted: 1})
		equal(t, "September", facts[goals.Whose{Distributor: a, Period: month("2026-09")}], goals.Fact{Payout: 1, Revenue: 1, SaleCount: 1, LeadCount: 1, Converted: 1})
		g := p.set(target(a, month("2026-08"), goal.MetricPAYOUT, "2"))[0]
		equal(t, "August is over there", p.progress(g).Standing, goals.Missed)
		_, err := p.Close(p.admin, month("2026-08"))
		wantFaults(t, err, "PERIOD_NOT_OVER period")
		p.at("2026-08-31T14:01:00Z")
		must(p.Close(p.admin, month("2026-08")))
	})
}

func TestProgressTakesTwoStatementsWhateverTheSize(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPlan(t, d, "Europe/Moscow")
		var targets []goals.Target
		for range 20 {
			id := p.distributor("Д")
			for _, in := range []calendar.Period{month("2026-01"), month("2026-02"), month("2026-03"), whole(calendar.Quarter, "2026-01-01"), whole(calendar.Year, "2026-01-01")} {
				for _, m := range []goal.Metric{goal.MetricPAYOUT, goal.MetricREVENUE, goal.MetricSALE_COUNT, goal.MetricLEAD_COUNT} {
					targets = append(targets, target(id, in, m, "10"))
				}
			}
		}
		rows := p.set(targets...)
		count := func(of []*ent.Goal) int {
			ctx, counter := db.CountStatements(p.admin)
			if got := must(p.Progress(ctx, of)); len(got) != len(of) {
				t.Errorf("got %d, want %d", len(got), len(of))
			}
			return len(counter.List())
		}
		equal(t, "statements", count(rows), 2)
		equal(t, "statements without goals of leads", count(rows[:3]), 1)
		must(p.Close(p.admin, month("2026-01")))
		equal(t, "statements for what is closed", count(must(d.Goal.Query().Where(goal.ClosedAtNotNil()).All(p.system))), 0)
	})
}

// TestProgressOfManyPeriods: goals may be of any months, of more than a statement puts together on SQLite.
func TestProgressOfManyPeriods(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPlan(t, d, "Europe/Moscow")
		p.at("2026-03-02T09:00:00Z")
		a := p.distributor("А")
		p.lead(a)
		var targets []goals.Target
		for m := month("2026-03"); len(targets) < 200; m = m.Previous() {
			targets = append(targets, target(a, m, goal.MetricLEAD_COUNT, "1"))
		}
		rows := p.set(targets...)
		progress := must(p.Progress(p.admin, rows))
		equal(t, "goals with progress", len(progress), len(rows))
		equal(t, "this month's", progress[rows[0].ID].Actual, 1)
	})
}
