package goals_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"channelbook/ent/goal"
	"channelbook/ent/goalmilestone"
	"channelbook/goals"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
)

// waiting are the milestones of a goal that wait to be told, sorted.
func (p *plan) waiting(id gid.ID) string {
	p.t.Helper()
	var texts []string
	for _, m := range must(p.DB.GoalMilestone.Query().Where(goalmilestone.GoalID(id), goalmilestone.ToldAtIsNil()).All(p.system)) {
		texts = append(texts, m.Milestone.String())
	}
	slices.Sort(texts)
	return strings.Join(texts, " ")
}

func TestMilestonesComeOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPlan(t, d, "Europe/Moscow")
		a, b := p.distributor("А"), p.distributor("Б")
		p.at("2026-09-01T09:00:00Z")
		september, october := month("2026-09"), month("2026-10")
		rows := p.set(target(a, september, goal.MetricSALE_COUNT, "10"), target(a, september, goal.MetricPAYOUT, "0"),
			target(b, september, goal.MetricSALE_COUNT, "10"), target(b, october, goal.MetricSALE_COUNT, "0"), target(a, month("2026-07"), goal.MetricSALE_COUNT, "0"))
		look := func() int { return must(p.Milestones(p.system)) }
		equal(t, "goals at the beginning", look(), 1)
		equal(t, "nothing is reached at once", p.waiting(rows[1].ID), "REACHED")
		for range 5 {
			p.sell(a, 1, 1)
		}
		equal(t, "goals at the half", look(), 1)
		equal(t, "half", p.waiting(rows[0].ID), "HALF")
		p.at("2026-09-08T09:00:00Z")
		equal(t, "goals that fall behind", look(), 1)
		equal(t, "who is behind", p.waiting(rows[2].ID), "BEHIND")
		for range 5 {
			p.sell(a, 1, 1)
		}
		equal(t, "goals at the end", look(), 1)
		equal(t, "several at once", p.waiting(rows[0].ID), "HALF NINETY_PERCENT REACHED")
		equal(t, "goals again", look(), 0)
		equal(t, "a month that has not begun, and one long ago", p.waiting(rows[3].ID)+p.waiting(rows[4].ID), "")
		half := must(d.GoalMilestone.Query().Where(goalmilestone.GoalID(rows[0].ID), goalmilestone.MilestoneEQ(goalmilestone.MilestoneHALF)).Only(p.system))
		if half.Target != 10 || half.Actual != 5 || half.DistributorID != a {
			t.Errorf("got %v, want the target and the fact of that moment", half)
		}
	})
}

func TestMilestonesEndWithThePeriod(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPlan(t, d, "Europe/Moscow")
		a := p.distributor("А")
		p.at("2026-09-30T09:00:00Z")
		g := p.set(target(a, month("2026-09"), goal.MetricSALE_COUNT, "1"), target(a, month("2026-08"), goal.MetricSALE_COUNT, "0"))
		must(p.Close(p.admin, month("2026-08")))
		p.sell(a, 1, 1)
		p.at("2026-11-01T09:00:00Z") // 32 days after the 30th of September
		must(p.Milestones(p.system))
		equal(t, "too late", p.waiting(g[0].ID), "")
		p.at("2026-10-31T09:00:00Z")
		must(p.Milestones(p.system))
		equal(t, "31 days after its end", p.waiting(g[0].ID), "HALF NINETY_PERCENT REACHED")
		equal(t, "what is closed", p.waiting(g[1].ID), "")
	})
}

func TestTwoInstancesEnqueueEachMilestoneOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPlan(t, d, "Europe/Moscow")
		two := p.second()
		var targets []goals.Target
		for range 10 {
			id := p.distributor("Д")
			p.sell(id, 1, 1)
			targets = append(targets, target(id, month("2026-03"), goal.MetricSALE_COUNT, "1"))
		}
		p.set(targets...)
		atOnce(12, func(i int) { must([]*plan{p, two}[i%2].Milestones(p.system)) })
		equal(t, "milestones", must(d.GoalMilestone.Query().Count(p.system)), 10*3)
	})
}

func TestRunTellsSoonAfterASale(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPlan(t, d, "Europe/Moscow")
		a := p.distributor("А")
		g := p.set(target(a, month("2026-03"), goal.MetricSALE_COUNT, "1"))[0]
		var runs atomic.Int64
		p.Ran = func(name string, _ time.Time, err error) {
			if err != nil || name != goals.JobRollOver && name != goals.JobMilestones && name != goals.JobTellMilestones {
				t.Error(name, err)
			}
			runs.Add(1)
		}
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan struct{})
		go func() { p.Run(ctx); close(ended) }()
		soon(t, "the first run", func() bool { return runs.Load() >= 3 })
		p.sell(a, 1, 1)
		soon(t, "the milestone of a sale", func() bool { return strings.Contains(p.told(), "Цель достигнута!") })
		equal(t, "what waits", p.waiting(g.ID), "")
		cancel()
		select {
		case <-ended:
		case <-time.After(5 * time.Second):
			t.Error(errors.New("it does not end with its context"))
		}
	})
}

func soon(t *testing.T, what string, yes func() bool) {
	t.Helper()
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if yes() {
			return
		}
	}
	t.Fatalf("%s does not come", what)
}
