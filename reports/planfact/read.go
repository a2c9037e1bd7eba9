package planfact

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"channelbook/ent"
	"channelbook/ent/distributor"
	"channelbook/ent/goal"
	"channelbook/goals"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/gid"
)

// metrics are what goals are about, in the order of the sheets.
var metrics = []goal.Metric{goal.MetricPAYOUT, goal.MetricREVENUE, goal.MetricSALE_COUNT, goal.MetricLEAD_COUNT}

// row is a distributor.
type row struct {
	id    gid.ID
	name  string
	fold  string
	cells [][]cell // by metric and month
}

// cell is what a distributor was to achieve in a month, and has.
type cell struct {
	goal   *ent.Goal // nil: none
	begun  bool      // the month has
	actual int64
	goals.Progress
}

// tells whether there is anything to tell of.
func (c cell) tells() bool { return c.goal != nil || c.actual != 0 }

func (c cell) part(p calendar.Period) goals.Part {
	part := goals.Part{Period: p, Actual: c.actual}
	if c.goal != nil {
		part.Target, part.Closed = c.goal.Target, c.goal.ClosedAt != nil
	}
	return part
}

// read reads goals, facts and names, each in a statement or two.
func (m *making) read(ctx context.Context) error {
	m.months = goals.Periods(calendar.Month, *m.From, *m.To)
	seen, err := m.distributors(ctx)
	if err != nil || len(seen) == 0 {
		return err
	}
	named := m.DistributorID != nil || m.Viewer.Role == auth.Distributor
	var ids []gid.ID // nil: everybody's
	if named {
		for _, d := range seen {
			ids = append(ids, d.ID)
		}
		m.whose = seen[0].CompanyName
	}
	facts, err := goals.Achieved(ctx, m.Tx, m.TimeZone, ids, m.months)
	if err != nil {
		return err
	}
	targets, err := m.targets(ctx, ids)
	if err != nil {
		return err
	}
	for _, d := range seen {
		r := row{id: d.ID, name: d.CompanyName, fold: d.CompanyNameFold}
		if m.fill(&r, facts, targets) || named {
			m.rows = append(m.rows, r)
		}
	}
	slices.SortFunc(m.rows, func(a, b row) int {
		return cmp.Or(strings.Compare(a.fold, b.fold), strings.Compare(a.id.String(), b.id.String()))
	})
	return nil
}

// distributors are those that the viewer sees and asks for.
func (m *making) distributors(ctx context.Context) ([]*ent.Distributor, error) {
	query := m.Tx.Distributor.Query().Select(distributor.FieldID, distributor.FieldCompanyName, distributor.FieldCompanyNameFold)
	if m.DistributorID != nil {
		query.Where(distributor.ID(*m.DistributorID))
	}
	rows, err := query.All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the names of distributors: %w", err)
	}
	return rows, nil
}

// key is whose goal of which month and metric.
type key struct {
	goals.Whose
	metric goal.Metric
}

func (m *making) targets(ctx context.Context, ids []gid.ID) (map[key]*ent.Goal, error) {
	first, last := m.months[0].StartsOn, m.months[len(m.months)-1].StartsOn
	query := m.Tx.Goal.Query().Where(goal.PeriodKindEQ(goal.PeriodKindMONTH), goal.StartsOnGTE(&first), goal.StartsOnLTE(&last))
	if len(ids) > 0 {
		query.Where(goal.DistributorIDIn(ids...))
	}
	rows, err := query.All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read goals: %w", err)
	}
	out := make(map[key]*ent.Goal, len(rows))
	for _, g := range rows {
		out[key{goals.Whose{Distributor: g.DistributorID, Period: goals.PeriodOf(g)}, g.Metric}] = g
	}
	return out, nil
}

// fill gives a row its cells, and tells whether any of them tells anything.
func (m *making) fill(r *row, facts map[goals.Whose]goals.Fact, targets map[key]*ent.Goal) (any bool) {
	r.cells = make([][]cell, len(metrics))
	for i, metric := range metrics {
		r.cells[i] = make([]cell, len(m.months))
		for j, month := range m.months {
			whose := goals.Whose{Distributor: r.id, Period: month}
			c := cell{goal: targets[key{whose, metric}], begun: !month.StartsOn.After(m.today)}
			var achieved goals.Fact
			if c.begun { // before that there is none, whatever was dated ahead
				achieved = facts[whose]
			}
			c.actual = achieved.Of(metric)
			if c.goal != nil {
				c.Progress = goals.ProgressOf(c.goal, achieved, m.today)
				c.actual = c.Actual
			}
			r.cells[i][j] = c
			any = any || c.tells()
		}
	}
	return any
}

// total is what cells come to together.
type total struct {
	planned bool // there is a goal among them
	begun   bool // and a month that has begun
	target  int64
	goals.Progress
}

// total of the cells of a metric: of one distributor, or all where r is nil, and of one month, or all where j is below 0.
func (m *making) total(metric int, r *row, j int) total {
	var t total
	var parts []goals.Part
	add := func(r *row) {
		for i, month := range m.months {
			if j >= 0 && i != j {
				continue
			}
			c := r.cells[metric][i]
			t.planned, t.begun = t.planned || c.goal != nil, t.begun || c.begun
			part := c.part(month)
			t.target += part.Target
			parts = append(parts, part)
		}
	}
	if r != nil {
		add(r)
	} else {
		for i := range m.rows {
			add(&m.rows[i])
		}
	}
	t.Progress = goals.Together(parts, m.today)
	return t
}
