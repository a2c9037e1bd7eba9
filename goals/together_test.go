package goals_test

import (
	"context"
	"testing"

	"channelbook/ent"
	"channelbook/ent/goal"
	"channelbook/goals"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
)

// Of August all is due by September the 2nd, of September's 22 working days one to two, of October nothing.
func TestGoalsTogether(t *testing.T) {
	august, september, october := month("2026-08"), month("2026-09"), month("2026-10")
	today := day("2026-09-02")
	for name, c := range map[string]struct {
		parts []goals.Part
		want  string
	}{
		"one is as by itself":                             {[]goals.Part{{Period: september, Target: 100, Actual: 3}}, "BEHIND 3% →- 0/0"},
		"what one month lacks another makes up for":       {[]goals.Part{{Period: august, Target: 100, Actual: 90}, {Period: september, Target: 100, Actual: 14}}, "ON_TRACK 52% →- 0/0"},
		"less than was due of all":                        {[]goals.Part{{Period: august, Target: 100, Actual: 90}, {Period: september, Target: 100, Actual: 13}}, "BEHIND 51.5% →- 0/0"},
		"more than is due of all":                         {[]goals.Part{{Period: august, Target: 100, Actual: 101}, {Period: september, Target: 100, Actual: 10}}, "AHEAD 55.5% →- 0/0"},
		"nothing is due of what has not begun":            {[]goals.Part{{Period: september, Target: 100, Actual: 4}, {Period: october, Target: 1000}}, "ON_TRACK 0.36% →- 0/0"},
		"all over and missed":                             {[]goals.Part{{Period: august, Target: 100, Actual: 150}, {Period: august, Target: 100, Actual: 49}}, "MISSED 99.5% →- 0/0"},
		"what is closed is over":                          {[]goals.Part{{Period: september, Closed: true, Target: 100, Actual: 50}}, "MISSED 50% →- 0/0"},
		"reached before the end":                          {[]goals.Part{{Period: august, Target: 100, Actual: 100}, {Period: september, Target: 100, Actual: 100}}, "REACHED 100% →- 0/0"},
		"what was achieved without a goal counts as well": {[]goals.Part{{Period: august, Target: 100, Actual: 60}, {Period: august, Actual: 40}}, "REACHED 100% →- 0/0"},
	} {
		equal(t, name, told(goals.Together(c.parts, today)), c.want)
	}
}

// TestAchieved: in one transaction, what is closed is as it was frozen, and what is open as it stands.
func TestAchieved(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPlan(t, d, "Europe/Moscow")
		a, b := p.distributor("А"), p.distributor("Б")
		february, march := month("2026-02"), month("2026-03")
		p.set(target(a, february, goal.MetricPAYOUT, "100"), target(a, march, goal.MetricPAYOUT, "100"))
		p.at("2026-02-20T09:00:00Z")
		back := p.sell(a, 50_00, 900_00)
		p.sell(b, 7_00, 70_00)
		p.at("2026-03-05T09:00:00Z")
		must(p.Close(p.admin, february))
		must(p.payouts.ReverseSale(p.admin, back, "возврат"))
		p.lead(b)

		achieved := func(ctx context.Context, of ...gid.ID) (facts map[goals.Whose]goals.Fact) {
			t.Helper()
			if err := db.Snapshot(ctx, d, func(tx *db.Tx) (err error) {
				facts, err = goals.Achieved(ctx, tx, p.TimeZone, of, []calendar.Period{february, march})
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return facts
		}
		all := achieved(p.admin)
		equal(t, "what was frozen", all[goals.Whose{Distributor: a, Period: february}], goals.Fact{Payout: 50_00, Revenue: 900_00, SaleCount: 1, LeadCount: 1, Converted: 1})
		equal(t, "what was reversed since", all[goals.Whose{Distributor: a, Period: march}], goals.Fact{Payout: -50_00, Revenue: -900_00, SaleCount: -1})
		equal(t, "another's, without a goal", all[goals.Whose{Distributor: b, Period: february}], goals.Fact{Payout: 7_00, Revenue: 70_00, SaleCount: 1, LeadCount: 1, Converted: 1})
		equal(t, "a lead of this month", all[goals.Whose{Distributor: b, Period: march}], goals.Fact{LeadCount: 1})
		its := achieved(auth.With(context.Background(), auth.Viewer{Role: auth.Distributor, Distributor: b}), b)
		equal(t, "of one's own months", len(its), 2)

		for _, g := range must(d.Goal.Query().All(p.system)) {
			got := goals.ProgressOf(g, all[goals.Whose{Distributor: a, Period: goals.PeriodOf(g)}], day("2026-03-05"))
			want := must(p.Progress(p.admin, []*ent.Goal{g}))[g.ID]
			equal(t, "the progress of "+g.StartsOn.String(), told(got), told(want))
		}
	})
}
