package model

import (
	"context"

	"entgo.io/ent/dialect/sql"
	"github.com/shopspring/decimal"

	"channelbook/ent"
	"channelbook/ent/goal"
	"channelbook/ent/goalchange"
	"channelbook/ent/schema"
	"channelbook/goals"
	"channelbook/internal/calendar"
	"channelbook/internal/gid"
	"channelbook/internal/page"
)

// GoalChange is a row of goal_changes.
type GoalChange struct {
	*ent.GoalChange
	level  *level[*GoalChange]
	period *Period
}

var changeMapping = mapping{
	"id":          {},
	"actor":       {goalchange.FieldActorID},
	"fromTarget":  {goalchange.FieldFromTarget, goalchange.FieldMetric},
	"toTarget":    {goalchange.FieldToTarget, goalchange.FieldMetric},
	"period":      {goalchange.FieldPeriodKind, goalchange.FieldStartsOn},
	"distributor": {goalchange.FieldDistributorID},
	"goal":        {goalchange.FieldGoalID},
}

var changeOrder = page.Order{Name: "goal_changes.AT", Desc: true, Columns: []page.Column{
	{Name: goalchange.FieldAt, Kind: page.Time}, {Name: goalchange.FieldID, Kind: page.ID}}}

func (r *Reader) changeList() list[*ent.GoalChange] {
	return list[*ent.GoalChange]{table: goalchange.Table, see: schema.GoalChanges, value: (*ent.GoalChange).Value, fetch: func(ctx context.Context, columns []string, shape func(*sql.Selector)) ([]*ent.GoalChange, error) {
		q := r.DB.GoalChange.Query().Select(columns...)
		q.Modify(shape)
		return q.All(ctx)
	}}
}

func changeWindow(ctx context.Context, first *int, after *string) (window, error) {
	w, err := newWindow(changeOrder, first, after)
	if err != nil {
		return w, err
	}
	of, node := connection(ctx, "GoalChange")
	w.total = of.has("totalCount")
	w.columns = changeMapping.columns(node, goalchange.FieldID, goalchange.FieldAt)
	return w, nil
}

// GoalChanges is a page of the changes of all targets, newest first.
func (r *Reader) GoalChanges(ctx context.Context, first *int, after *string, filter *GoalChangeFilter) (*GoalChangeConnection, error) {
	w, err := changeWindow(ctx, first, after)
	if err != nil {
		return nil, err
	}
	var where conditions
	if filter != nil {
		ids, err := parseIDs(gid.Distributor, filter.DistributorIds, "filter.distributorIds")
		if err != nil {
			return nil, err
		}
		in(&where, goalchange.FieldDistributorID, ids)
	}
	w.where = where.where
	rows, total, err := all(ctx, r.DB.Dialect(), r.changeList(), w)
	if err != nil {
		return nil, err
	}
	return changeConnection(w, r.changes(rows), total), nil
}

// changesOf is a page of the history for each goal of a level.
func (r *Reader) changesOf(ctx context.Context, goals []gid.ID, w window) (map[gid.ID]*GoalChangeConnection, error) {
	return nested[*ent.GoalChange, *GoalChange, *GoalChangeConnection]{
		list: r.changeList(), column: goalchange.FieldGoalID, wrap: r.changes,
		parent: func(c *GoalChange) gid.ID { return c.GoalID }, page: changeConnection,
	}.pages(ctx, r, w, goals)
}

func changeConnection(w window, changes []*GoalChange, total int) *GoalChangeConnection {
	out, info := edges(w, changes, func(c *GoalChange) []any { return []any{c.At, c.GoalChange.ID} },
		func(cursor string, c *GoalChange) *GoalChangeEdge { return &GoalChangeEdge{Cursor: cursor, Node: c} })
	return &GoalChangeConnection{Edges: out, PageInfo: info, TotalCount: total}
}

func (r *Reader) changes(rows []*ent.GoalChange) []*GoalChange {
	out, whens := make([]*GoalChange, len(rows)), make([]calendar.Period, len(rows))
	for i, row := range rows {
		if row.StartsOn != nil { // null where nobody asks for it
			whens[i] = calendar.Period{Kind: calendar.Kind(row.PeriodKind), StartsOn: *row.StartsOn}
		}
	}
	lv, periods := newLevel(r, out), r.periods(whens)
	for i, row := range rows {
		out[i] = &GoalChange{row, lv, periods[i]}
	}
	return out
}

func (r *Reader) changesAsked(ctx context.Context, asked selection, ids []gid.ID) (map[gid.ID]*GoalChange, error) {
	rows, err := r.DB.GoalChange.Query().Where(goalchange.IDIn(ids...)).Select(changeMapping.columns(asked, goalchange.FieldID)...).All(ctx)
	if err != nil {
		return nil, err
	}
	return indexByID(r.changes(rows), func(c *GoalChange) gid.ID { return c.GoalChange.ID }), nil
}

// IsNode marks a type with an id of its own.
func (*GoalChange) IsNode() {}

// ID as it is shown outside.
func (c *GoalChange) ID() string { return gid.GoalChange.Format(c.GoalChange.ID) }

// Kind of the change.
func (c *GoalChange) Kind() GoalChangeKind { return GoalChangeKind(c.GoalChange.Kind) }

// Metric of the goal.
func (c *GoalChange) Metric() GoalMetric { return GoalMetric(c.GoalChange.Metric) }

// FromTarget is null for a new goal.
func (c *GoalChange) FromTarget() *decimal.Decimal { return c.unit(c.GoalChange.FromTarget) }

// ToTarget is null for a removed goal.
func (c *GoalChange) ToTarget() *decimal.Decimal { return c.unit(c.GoalChange.ToTarget) }

func (c *GoalChange) unit(value *int64) *decimal.Decimal {
	if value == nil {
		return nil
	}
	d := goals.Unit(goal.Metric(c.GoalChange.Metric), *value)
	return &d
}

// Reason is null where nobody gave one.
func (c *GoalChange) Reason() *string { return text(c.GoalChange.Reason) }

// Period of the goal.
func (c *GoalChange) Period() *Period { return c.period }

// Actor is who did it.
func (c *GoalChange) Actor(ctx context.Context) (*User, error) {
	return toOne(ctx, c.level, c, func(c *GoalChange) *gid.ID { return c.ActorID }, c.level.reader.usersByID)
}

// Distributor whose goal it is.
func (c *GoalChange) Distributor(ctx context.Context) (*Distributor, error) {
	return toOne(ctx, c.level, c, func(c *GoalChange) *gid.ID { return &c.DistributorID }, c.level.reader.distributorsByID)
}

// Goal is null where it has been removed.
func (c *GoalChange) Goal(ctx context.Context) (*Goal, error) {
	return toOne(ctx, c.level, c, func(c *GoalChange) *gid.ID { return &c.GoalID }, c.level.reader.goalsByID)
}
