package model

import (
	"context"
	"time"

	"entgo.io/ent/dialect/sql"

	"channelbook/accounts"
	"channelbook/ent"
	"channelbook/ent/schema"
	"channelbook/ent/session"
	"channelbook/internal/auth"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/internal/page"
)

// DeviceSession is a row of sessions.
type DeviceSession struct {
	*ent.Session
	own bool // the viewer asks in it
}

var sessionMapping = mapping{
	"id":         {},
	"device":     {session.FieldUserAgent},
	"address":    {session.FieldRemoteAddress},
	"lastSeenAt": {session.FieldExpiresAt},
	"current":    {},
}

var sessionOrder = page.Order{Name: "sessions.CREATED_AT", Desc: true, Columns: []page.Column{
	{Name: session.FieldCreatedAt, Kind: page.Time}, {Name: session.FieldID, Kind: page.ID}}}

func (r *Reader) sessionList() list[*ent.Session] {
	return list[*ent.Session]{table: session.Table, see: schema.Sessions, value: (*ent.Session).Value, fetch: func(ctx context.Context, columns []string, shape func(*sql.Selector)) ([]*ent.Session, error) {
		q := r.DB.Session.Query().Select(columns...)
		q.Modify(shape)
		return q.All(ctx)
	}}
}

// Sessions is a page of a user's live sessions, the viewer's own where none is named.
func (r *Reader) Sessions(ctx context.Context, userID *string, first *int, after *string) (*DeviceSessionConnection, error) {
	v, _ := auth.From(ctx)
	of := v.UserID
	if userID != nil {
		id, err := gid.User.Parse(*userID)
		if err != nil {
			return nil, fault.Coded(fault.Invalid, "INVALID_ID", "userId", "This is not the id of a user.")
		}
		of = id
	}
	w, err := newWindow(sessionOrder, first, after)
	if err != nil {
		return nil, err
	}
	w.where = session.And(session.UserID(of), accounts.Live(r.Now()))
	asked, node := connection(ctx, "DeviceSession")
	w.total = asked.has("totalCount")
	w.columns = sessionMapping.columns(node, session.FieldID, session.FieldCreatedAt)
	rows, total, err := all(ctx, r.DB.Dialect(), r.sessionList(), w)
	if err != nil {
		return nil, err
	}
	out, info := edges(w, sessionsSeenBy(v, rows), func(s *DeviceSession) []any { return []any{s.CreatedAt, s.Session.ID} },
		func(cursor string, s *DeviceSession) *DeviceSessionEdge {
			return &DeviceSessionEdge{Cursor: cursor, Node: s}
		})
	return &DeviceSessionConnection{Edges: out, PageInfo: info, TotalCount: total}, nil
}

func sessionsSeenBy(v auth.Viewer, rows []*ent.Session) []*DeviceSession {
	out := make([]*DeviceSession, len(rows))
	for i, row := range rows {
		out[i] = &DeviceSession{row, row.ID == v.SessionID}
	}
	return out
}

func (r *Reader) sessionsAsked(ctx context.Context, asked selection, ids []gid.ID) (map[gid.ID]*DeviceSession, error) {
	rows, err := r.DB.Session.Query().Where(session.IDIn(ids...), accounts.Live(r.Now())).
		Select(sessionMapping.columns(asked, session.FieldID)...).All(ctx)
	if err != nil {
		return nil, err
	}
	v, _ := auth.From(ctx)
	return indexByID(sessionsSeenBy(v, rows), func(s *DeviceSession) gid.ID { return s.Session.ID }), nil
}

// IsNode marks a type with an id of its own.
func (*DeviceSession) IsNode() {}

// ID as it is shown outside.
func (s *DeviceSession) ID() string { return gid.Session.Format(s.Session.ID) }

// Device, UserAgent and Address are null where they are not known.
func (s *DeviceSession) Device() *string    { return text(accounts.Device(s.Session.UserAgent)) }
func (s *DeviceSession) UserAgent() *string { return text(s.Session.UserAgent) }

// Address that was signed in from.
func (s *DeviceSession) Address() *string { return text(s.RemoteAddress) }

// LastSeenAt is when it was last refreshed.
func (s *DeviceSession) LastSeenAt() time.Time { return accounts.LastSeen(s.Session) }

// Current tells whether it is the session that asks.
func (s *DeviceSession) Current() bool { return s.own }
