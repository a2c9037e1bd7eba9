package goals_test

import (
	"strings"
	"testing"

	"channelbook/ent"
	"channelbook/ent/goal"
	"channelbook/ent/goalchange"
	"channelbook/goals"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
)

func TestSet(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPlan(t, d, "Europe/Moscow")
		a, b := p.distributor("А"), p.distributor("Б")
		march := month("2026-03")
		t.Run("many at once come back in their order", func(t *testing.T) {
			rows := p.set(target(b, march, goal.MetricSALE_COUNT, "7"), target(a, march, goal.MetricPAYOUT, "1000.50"),
				target(a, whole(calendar.Year, "2026-01-01"), goal.MetricLEAD_COUNT, "0"))
			got := []int64{rows[0].Target, rows[1].Target, rows[2].Target}
			if got[0] != 7 || got[1] != 100050 || got[2] != 0 || rows[0].DistributorID != b {
				t.Errorf("got %v, want 7, 100050 and 0", got)
			}
		})
		t.Run("only what changes has a line of history", func(t *testing.T) {
			rows, err := p.Set(p.admin, []goals.Target{target(a, march, goal.MetricPAYOUT, "1000.5"), target(b, march, goal.MetricSALE_COUNT, "9")}, " больше ")
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "А", p.history(a), "SET PAYOUT -→100050, SET LEAD_COUNT -→0")
			equal(t, "Б", p.history(b), "SET SALE_COUNT -→7, SET SALE_COUNT 7→9")
			last := must(d.GoalChange.Query().Where(goalchange.GoalID(rows[1].ID)).Order(ent.Desc(goalchange.FieldID)).First(p.system))
			if last.Reason != "больше" || last.ActorID == nil || last.DistributorID != b || !last.At.Equal(p.Now()) {
				t.Errorf("got %v, want who, when and why", last)
			}
		})
		equal(t, "audit", p.acts(), "GOALS_SET GOALS_SET GOALS_SET")
	})
}

func TestFaultsOfSet(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPlan(t, d, "Europe/Moscow")
		a := p.distributor("А")
		march, february := month("2026-03"), month("2026-02")
		must(p.Close(p.admin, february))
		_, err := p.Set(p.admin, []goals.Target{
			target(a, march, goal.MetricPAYOUT, "1"),
			target(gid.New(), march, goal.MetricPAYOUT, "1"),
			target(a, whole(calendar.Quarter, "2026-02-01"), goal.MetricPAYOUT, "1"),
			target(a, february, goal.MetricPAYOUT, "1"),
			target(a, march, goal.MetricREVENUE, "-0.01"),
			target(a, march, goal.MetricSALE_COUNT, "1.5"),
			target(a, whole(calendar.Year, "2026-01-01"), goal.MetricREVENUE, "10000000000000.01"),
			target(a, whole(calendar.Year, "2026-01-01"), goal.MetricPAYOUT, "0.001"),
			target(a, march, goal.MetricPAYOUT, "2"),
		}, strings.Repeat("ж", 501))
		wantFaults(t, err, "TOO_LONG reason", "NOT_FOUND goals[1].distributorId", "INVALID_PERIOD goals[2].period.startsOn", "PERIOD_CLOSED goals[3].period",
			"NEGATIVE goals[4].target", "INVALID_AMOUNT goals[5].target", "TOO_LARGE goals[6].target", "INVALID_AMOUNT goals[7].target", "DUPLICATE_GOAL goals[8]")
		equal(t, "goals written beside faults", must(d.Goal.Query().Count(p.system)), 0)
		_, err = p.Set(p.admin, nil, "")
		wantFaults(t, err, "REQUIRED goals")
		_, err = p.Set(p.admin, make([]goals.Target, 501), "")
		wantFaults(t, err, "TOO_MANY goals")
		_, err = p.Set(t.Context(), nil, "")
		if !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("got %v, want a refusal of nobody", err)
		}
		p.set(target(a, march, goal.MetricPAYOUT, "10000000000000"))
	})
}

func TestEqualTargetsAtOnceAreOneChange(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPlan(t, d, "Europe/Moscow")
		two := p.second()
		a := p.distributor("А")
		atOnce(12, func(i int) {
			if _, err := []*plan{p, two}[i%2].Set(p.admin, []goals.Target{target(a, month("2026-03"), goal.MetricPAYOUT, "5")}, ""); err != nil {
				t.Error(err)
			}
		})
		equal(t, "history", p.history(a), "SET PAYOUT -→500")
	})
}

func TestCopy(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPlan(t, d, "Europe/Moscow")
		a, b := p.distributor("А"), p.distributor("Б")
		feb, march := month("2026-02"), month("2026-03")
		p.set(target(a, feb, goal.MetricPAYOUT, "1"), target(a, feb, goal.MetricSALE_COUNT, "2"), target(b, feb, goal.MetricSALE_COUNT, "3"),
			target(a, march, goal.MetricPAYOUT, "9"))
		copied, kept, err := p.Copy(p.admin, goals.Copying{From: feb, To: march, DistributorIDs: []gid.ID{a}})
		if err != nil || copied != 1 || kept != 1 {
			t.Errorf("got %d copied, %d kept, %v, want 1 and 1", copied, kept, err)
		}
		equal(t, "what was there stays", p.of(a, march), "PAYOUT=900 SALE_COUNT=2")
		copied, kept, err = p.Copy(p.admin, goals.Copying{From: feb, To: march, Replace: true, Reason: " как в феврале\n"})
		if err != nil || copied != 2 || kept != 1 {
			t.Errorf("got %d copied, %d kept, %v, want 2 and 1", copied, kept, err)
		}
		equal(t, "what was there is replaced", p.of(a, march)+" "+p.of(b, march), "PAYOUT=100 SALE_COUNT=2 SALE_COUNT=3")
		equal(t, "history", p.history(b), "SET SALE_COUNT -→3, COPIED SALE_COUNT -→3")
		equal(t, "reasons", p.reasons(b), "|как в феврале")
		equal(t, "reasons", p.reasons(a), "||||как в феврале")
		must(p.Close(p.admin, feb))
		for name, c := range map[string]struct {
			in   goals.Copying
			want []string
		}{
			"another kind":           {goals.Copying{From: feb, To: whole(calendar.Year, "2026-01-01")}, []string{"KIND_DIFFERS to.kind"}},
			"itself":                 {goals.Copying{From: march, To: march}, []string{"SAME_PERIOD to.startsOn"}},
			"nothing":                {goals.Copying{From: month("2025-01"), To: march}, []string{"NOTHING_TO_COPY from"}},
			"into what is closed":    {goals.Copying{From: march, To: feb}, []string{"PERIOD_CLOSED to"}},
			"of nobody and no month": {goals.Copying{From: whole(calendar.Month, "2026-03-02"), To: march, DistributorIDs: []gid.ID{a, gid.New()}}, []string{"INVALID_PERIOD from.startsOn", "NOT_FOUND distributorIds[1]"}},
			"a long reason":          {goals.Copying{From: march, To: feb, Reason: strings.Repeat("я", 501)}, []string{"PERIOD_CLOSED to", "TOO_LONG reason"}},
			"a reason that is no text and too many": {goals.Copying{From: feb, To: march, Reason: "\x00", DistributorIDs: make([]gid.ID, 501)},
				[]string{"TOO_MANY distributorIds", "INVALID_CHARACTERS reason"}},
		} {
			_, _, err := p.Copy(p.admin, c.in)
			t.Run(name, func(t *testing.T) { wantFaults(t, err, c.want...) })
		}
	})
}

func TestRemove(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPlan(t, d, "Europe/Moscow")
		a := p.distributor("А")
		rows := p.set(target(a, month("2026-02"), goal.MetricPAYOUT, "1"), target(a, month("2026-03"), goal.MetricPAYOUT, "2"))
		must(p.Close(p.admin, month("2026-02")))
		wantFaults(t, p.Remove(p.admin, rows[0].ID, ""), "PERIOD_CLOSED id")
		if err := p.Remove(p.admin, rows[1].ID, "лишняя"); err != nil {
			t.Fatal(err)
		}
		wantFaults(t, p.Remove(p.admin, rows[1].ID, strings.Repeat("a", 501)), "NOT_FOUND id", "TOO_LONG reason")
		equal(t, "history", p.history(a), "SET PAYOUT -→100, SET PAYOUT -→200, REMOVED PAYOUT 200→-")
		equal(t, "audit", p.acts(), "GOALS_SET GOAL_REMOVED PERIOD_CLOSED")
	})
}
