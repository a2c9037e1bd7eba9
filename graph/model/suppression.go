package model

import (
	"context"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/schema"
	"channelbook/ent/suppression"
	"channelbook/internal/gid"
	"channelbook/internal/page"
	"channelbook/notify/deliveries"
)

// Suppression is a row of suppressions.
type Suppression struct {
	*ent.Suppression
	level *level[*Suppression]
}

var suppressionMapping = mapping{
	"id":   {},
	"user": {suppression.FieldUserID},
	"lead": {suppression.FieldLeadID},
}

var suppressionOrder = page.Order{Name: "suppressions.ID", Desc: true, Columns: []page.Column{{Name: suppression.FieldID, Kind: page.ID}}}

func (r *Reader) suppressionList() list[*ent.Suppression] {
	return list[*ent.Suppression]{table: suppression.Table, see: schema.Suppressions, value: (*ent.Suppression).Value, fetch: func(ctx context.Context, columns []string, shape func(*sql.Selector)) ([]*ent.Suppression, error) {
		q := r.DB.Suppression.Query().Select(columns...)
		q.Modify(shape)
		return q.All(ctx)
	}}
}

// Suppressions is a page of the addresses that get nothing more, newest first.
func (r *Reader) Suppressions(ctx context.Context, first *int, after *string) (*SuppressionConnection, error) {
	w, err := newWindow(suppressionOrder, first, after)
	if err != nil {
		return nil, err
	}
	of, node := connection(ctx, "Suppression")
	w.total = of.has("totalCount")
	w.columns = suppressionMapping.columns(node, suppression.FieldID)
	rows, total, err := all(ctx, r.DB.Dialect(), r.suppressionList(), w)
	if err != nil {
		return nil, err
	}
	out, info := edges(w, r.suppressions(rows), func(s *Suppression) []any { return []any{s.Suppression.ID} },
		func(cursor string, s *Suppression) *SuppressionEdge { return &SuppressionEdge{Cursor: cursor, Node: s} })
	return &SuppressionConnection{Edges: out, PageInfo: info, TotalCount: total}, nil
}

func (r *Reader) suppressions(rows []*ent.Suppression) []*Suppression {
	out := make([]*Suppression, len(rows))
	lv := newLevel(r, out)
	for i, row := range rows {
		out[i] = &Suppression{row, lv}
	}
	return out
}

func (r *Reader) suppressionsAsked(ctx context.Context, asked selection, ids []gid.ID) (map[gid.ID]*Suppression, error) {
	rows, err := r.DB.Suppression.Query().Where(suppression.IDIn(ids...)).Select(suppressionMapping.columns(asked, suppression.FieldID)...).All(ctx)
	if err != nil {
		return nil, err
	}
	return indexByID(r.suppressions(rows), func(s *Suppression) gid.ID { return s.Suppression.ID }), nil
}

// IsNode marks a type with an id of its own.
func (*Suppression) IsNode() {}

// ID as it is shown outside.
func (s *Suppression) ID() string { return gid.Suppression.Format(s.Suppression.ID) }

// Channel by which it gets nothing.
func (s *Suppression) Channel() NotificationChannel {
	return NotificationChannel(s.Suppression.Channel)
}

// User whose address it was.
func (s *Suppression) User(ctx context.Context) (*User, error) {
	return toOne(ctx, s.level, s, func(s *Suppression) *gid.ID { return s.UserID }, s.level.reader.usersByID)
}

// Lead whose address it was.
func (s *Suppression) Lead(ctx context.Context) (*Lead, error) {
	return toOne(ctx, s.level, s, func(s *Suppression) *gid.ID { return s.LeadID }, s.level.reader.leadsByID)
}

// ChannelStates are how the channels stand.
func ChannelStates(all []deliveries.State) []*ChannelState {
	out := make([]*ChannelState, len(all))
	for i, s := range all {
		out[i] = &ChannelState{
			Channel: NotificationChannel(s.Channel), SetUp: s.SetUp, Enabled: s.Enabled, State: ChannelCircuitRunning, WaitingCount: s.Waiting, DeadCount: s.Dead,
			Since: s.Since, Code: text(s.Code), RetryAt: s.RetryAt,
		}
		if s.Stopped {
			out[i].State = ChannelCircuitStopped
		}
	}
	return out
}
