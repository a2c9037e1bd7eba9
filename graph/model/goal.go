package model

import (
	"cmp"
	"context"
	"slices"

	"entgo.io/ent/dialect/sql"
	"github.com/shopspring/decimal"

	"channelbook/ent"
	"channelbook/ent/goal"
	"channelbook/ent/schema"
	"channelbook/goals"
	"channelbook/internal/calendar"
	"channelbook/internal/gid"
	"channelbook/internal/page"
)

// Goal is a row of goals.
type Goal struct {
	*ent.Goal
	level  *level[*Goal]
	period *Period
}

var goalMapping = mapping{
	"id":          {},
	"target":      {goal.FieldTarget, goal.FieldMetric},
	"period":      {goal.FieldPeriodKind, goal.FieldStartsOn, goal.FieldClosedAt},
	"distributor": {goal.FieldDistributorID},
	"progress": {
		goal.FieldDistributorID, goal.FieldPeriodKind, goal.FieldStartsOn, goal.FieldMetric, goal.FieldTarget,
		goal.FieldClosedAt, goal.FieldClosedActual,
	},
	"changes": {},
}

var goalOrder = page.Order{Name: "goals.STARTS_ON", Columns: []page.Column{{Name: goal.FieldStartsOn, Kind: page.Day}, {Name: goal.FieldID, Kind: page.ID}}}

func (r *Reader) goalList() list[*ent.Goal] {
	return list[*ent.Goal]{table: goal.Table, see: schema.Goals, value: (*ent.Goal).Value, fetch: func(ctx context.Context, columns []string, shape func(*sql.Selector)) ([]*ent.Goal, error) {
		q := r.DB.Goal.Query().Select(columns...)
		q.Modify(shape)
		return q.All(ctx)
	}}
}

// GoalPage is a page of the goals that the viewer sees for the periods that overlap [from, to).
func (r *Reader) GoalPage(ctx context.Context, from, to calendar.Date, first *int, after *string, filter *GoalFilter) (*GoalConnection, error) {
	w, err := newWindow(goalOrder, first, after)
	if err != nil {
		return nil, err
	}
	if w.where, err = goalWhere(from, to, filter); err != nil {
		return nil, err
	}
	of, node := connection(ctx, "Goal")
	w.total = of.has("totalCount")
	w.columns = goalMapping.columns(node, goal.FieldID, goal.FieldStartsOn)
	rows, total, err := all(ctx, r.DB.Dialect(), r.goalList(), w)
	if err != nil {
		return nil, err
	}
	out, info := edges(w, r.goals(rows), func(g *Goal) []any { return []any{*g.StartsOn, g.Goal.ID} },
		func(cursor string, g *Goal) *GoalEdge { return &GoalEdge{Cursor: cursor, Node: g} })
	return &GoalConnection{Edges: out, PageInfo: info, TotalCount: total}, nil
}

func goalWhere(from, to calendar.Date, f *GoalFilter) (func(*sql.Selector), error) {
	var all conditions
	if err := checkSpan(from, to); err != nil {
		return nil, err
	}
	all.add(overlapping(from, to))
	if f == nil {
		return all.where, nil
	}
	ids, err := parseIDs(gid.Distributor, f.DistributorIds, "filter.distributorIds")
	if err != nil {
		return nil, err
	}
	in(&all, goal.FieldDistributorID, ids)
	in(&all, goal.FieldPeriodKind, f.PeriodKinds)
	in(&all, goal.FieldMetric, f.Metrics)
	return all.where, nil
}

// overlapping are the goals whose periods overlap [from, to); none where that is empty.
func overlapping(from, to calendar.Date) func(*sql.Selector) {
	if !to.After(from) {
		return func(s *sql.Selector) { s.Where(sql.False()) }
	}
	return goals.Overlapping(from, to)
}

// Goals of the distributor, for all distributors of the level at once.
func (d *Distributor) Goals(ctx context.Context, from, to calendar.Date) ([]*Goal, error) {
	found, err := load(ctx, d.level, func(ctx context.Context) (map[gid.ID][]*Goal, error) {
		if err := checkSpan(from, to); err != nil {
			return nil, err
		}
		return d.level.reader.goalsOf(ctx, distinct(d.level.rows, (*Distributor).uuid), from, to)
	})
	if err != nil {
		return nil, err
	}
	if own := found[d.Distributor.ID]; own != nil {
		return own, nil
	}
	return []*Goal{}, nil
}

func (r *Reader) goalsOf(ctx context.Context, distributors []gid.ID, from, to calendar.Date) (map[gid.ID][]*Goal, error) {
	columns := goalMapping.columns(selected(ctx, "Goal", "Node"), goal.FieldID, goal.FieldDistributorID, goal.FieldPeriodKind, goal.FieldStartsOn, goal.FieldMetric)
	rows, err := r.DB.Goal.Query().Where(goal.DistributorIDIn(distributors...), overlapping(from, to)).Select(columns...).All(ctx)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(rows, byPeriod)
	groups := map[gid.ID][]*Goal{}
	for _, g := range r.goals(rows) {
		groups[g.DistributorID] = append(groups[g.DistributorID], g)
	}
	return groups, nil
}

var (
	kindsInOrder   = []goal.PeriodKind{goal.PeriodKindMONTH, goal.PeriodKindQUARTER, goal.PeriodKindYEAR}
	metricsInOrder = []goal.Metric{goal.MetricPAYOUT, goal.MetricREVENUE, goal.MetricSALE_COUNT, goal.MetricLEAD_COUNT}
)

// byPeriod is the order of a distributor's goals.
func byPeriod(a, b *ent.Goal) int {
	return cmp.Or(cmp.Compare(a.StartsOn.String(), b.StartsOn.String()),
		cmp.Compare(slices.Index(kindsInOrder, a.PeriodKind), slices.Index(kindsInOrder, b.PeriodKind)),
		cmp.Compare(slices.Index(metricsInOrder, a.Metric), slices.Index(metricsInOrder, b.Metric)))
}

// Goals are whole goals that a mutation has read already; nil stays nil.
func (r *Reader) Goals(rows []*ent.Goal) []*Goal {
	if rows == nil {
		return nil
	}
	return r.goals(rows)
}

func (r *Reader) goals(rows []*ent.Goal) []*Goal {
	out, whens := make([]*Goal, len(rows)), make([]calendar.Period, len(rows))
	for i, row := range rows {
		if row.StartsOn != nil { // null where nobody asks for it
			whens[i] = goals.PeriodOf(row)
		}
	}
	lv, periods := newLevel(r, out), r.periods(whens)
	for i, row := range rows {
		periods[i].told, periods[i].closedAt = true, row.ClosedAt
		out[i] = &Goal{row, lv, periods[i]}
	}
	return out
}

func (r *Reader) goalsByID(ctx context.Context, ids []gid.ID) (map[gid.ID]*Goal, error) {
	return r.goalsAsked(ctx, selected(ctx, "Goal", "Node"), ids)
}

func (r *Reader) goalsAsked(ctx context.Context, asked selection, ids []gid.ID) (map[gid.ID]*Goal, error) {
	rows, err := r.DB.Goal.Query().Where(goal.IDIn(ids...)).Select(goalMapping.columns(asked, goal.FieldID)...).All(ctx)
	if err != nil {
		return nil, err
	}
	return indexByID(r.goals(rows), func(g *Goal) gid.ID { return g.Goal.ID }), nil
}

// IsNode marks a type with an id of its own.
func (*Goal) IsNode() {}

// ID as it is shown outside.
func (g *Goal) ID() string { return gid.Goal.Format(g.Goal.ID) }

// Metric of the goal.
func (g *Goal) Metric() GoalMetric { return GoalMetric(g.Goal.Metric) }

// Target in the metric's unit.
func (g *Goal) Target() decimal.Decimal { return goals.Unit(g.Goal.Metric, g.Goal.Target) }

// Period of the goal.
func (g *Goal) Period() *Period { return g.period }

// Distributor whose goal it is.
func (g *Goal) Distributor(ctx context.Context) (*Distributor, error) {
	return toOne(ctx, g.level, g, func(g *Goal) *gid.ID { return &g.DistributorID }, g.level.reader.distributorsByID)
}

// Progress of the goal, for all goals of the level at once.
func (g *Goal) Progress(ctx context.Context) (*GoalProgress, error) {
	all, err := load(ctx, g.level, func(ctx context.Context) (map[gid.ID]goals.Progress, error) {
		rows := make([]*ent.Goal, len(g.level.rows))
		for i, row := range g.level.rows {
			rows[i] = row.Goal
		}
		return g.level.reader.Plans.Progress(ctx, rows)
	})
	if err != nil {
		return nil, err
	}
	p := all[g.Goal.ID]
	out := &GoalProgress{
		Actual: goals.Unit(g.Goal.Metric, p.Actual), Percent: p.Percent, Standing: GoalStanding(p.Standing),
		WorkingDays: p.WorkingDays, WorkingDaysPassed: p.WorkingDaysPassed, Provisional: p.Provisional,
	}
	if p.Forecast != nil {
		forecast := goals.Unit(g.Goal.Metric, *p.Forecast)
		out.Forecast = &forecast
	}
	return out, nil
}

// Changes of the goal's target, for all goals of the level at once; null for a distributor's user.
func (g *Goal) Changes(ctx context.Context, first *int, after *string) (*GoalChangeConnection, error) {
	if !isAdmin(g.level.reader.seen(ctx)) {
		return nil, nil
	}
	pages, err := load(ctx, g.level, func(ctx context.Context) (map[gid.ID]*GoalChangeConnection, error) {
		w, err := changeWindow(ctx, first, after)
		if err != nil {
			return nil, err
		}
		return g.level.reader.changesOf(ctx, distinct(g.level.rows, func(g *Goal) *gid.ID { return &g.Goal.ID }), w)
	})
	return pages[g.Goal.ID], err
}
