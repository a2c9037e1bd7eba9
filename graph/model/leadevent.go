package model

import (
	"context"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/leadevent"
	"channelbook/ent/schema"
	"channelbook/internal/gid"
	"channelbook/internal/page"
)

// LeadEvent is a row of lead_events.
type LeadEvent struct {
	*ent.LeadEvent
	level *level[*LeadEvent]
}

var eventMapping = mapping{
	"id":    {},
	"actor": {leadevent.FieldActorID},
}

var eventOrder = page.Order{Name: "lead_events.AT", Columns: []page.Column{{Name: leadevent.FieldAt, Kind: page.Time}, {Name: leadevent.FieldID, Kind: page.ID}}}

func (r *Reader) eventList() list[*ent.LeadEvent] {
	return list[*ent.LeadEvent]{table: leadevent.Table, see: schema.LeadEvents, value: (*ent.LeadEvent).Value, fetch: func(ctx context.Context, columns []string, shape func(*sql.Selector)) ([]*ent.LeadEvent, error) {
		q := r.DB.LeadEvent.Query().Select(columns...)
		q.Modify(shape)
		return q.All(ctx)
	}}
}

func eventWindow(ctx context.Context, first *int, after *string) (window, error) {
	w, err := newWindow(eventOrder, first, after)
	if err != nil {
		return w, err
	}
	_, node := connection(ctx, "LeadEvent")
	w.columns = eventMapping.columns(node, leadevent.FieldID, leadevent.FieldAt, leadevent.FieldLeadID, leadevent.FieldDistributorID)
	return w, nil
}

// eventsOf is a page of the timeline for each lead of a level.
func (r *Reader) eventsOf(ctx context.Context, leads []gid.ID, w window) (map[gid.ID]*LeadEventConnection, error) {
	return nested[*ent.LeadEvent, *LeadEvent, *LeadEventConnection]{
		list: r.eventList(), column: leadevent.FieldLeadID, wrap: r.events,
		parent: func(e *LeadEvent) gid.ID { return e.LeadID }, page: eventConnection,
	}.pages(ctx, r, w, leads)
}

func eventConnection(w window, events []*LeadEvent, _ int) *LeadEventConnection {
	out, info := edges(w, events, func(e *LeadEvent) []any { return []any{e.At, e.LeadEvent.ID} },
		func(cursor string, e *LeadEvent) *LeadEventEdge { return &LeadEventEdge{Cursor: cursor, Node: e} })
	return &LeadEventConnection{Edges: out, PageInfo: info}
}

func (r *Reader) events(rows []*ent.LeadEvent) []*LeadEvent {
	out := make([]*LeadEvent, len(rows))
	lv := newLevel(r, out)
	for i, row := range rows {
		out[i] = &LeadEvent{row, lv}
	}
	return out
}

func (r *Reader) eventsAsked(ctx context.Context, asked selection, ids []gid.ID) (map[gid.ID]*LeadEvent, error) {
	rows, err := r.DB.LeadEvent.Query().Where(leadevent.IDIn(ids...)).Select(eventMapping.columns(asked, leadevent.FieldID)...).All(ctx)
	if err != nil {
		return nil, err
	}
	return indexByID(r.events(rows), func(e *LeadEvent) gid.ID { return e.LeadEvent.ID }), nil
}

// IsNode marks a type with an id of its own.
func (*LeadEvent) IsNode() {}

// ID as it is shown outside.
func (e *LeadEvent) ID() string { return gid.LeadEvent.Format(e.LeadEvent.ID) }

// Kind of the event.
func (e *LeadEvent) Kind() LeadEventKind { return LeadEventKind(e.LeadEvent.Kind) }

// Actor is who did it, where the viewer may see that person.
func (e *LeadEvent) Actor(ctx context.Context) (*User, error) {
	return toOne(ctx, e.level, e, func(e *LeadEvent) *gid.ID { return e.ActorID }, e.level.reader.usersByID)
}
