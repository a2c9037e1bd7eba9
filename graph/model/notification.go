package model

import (
	"context"
	"time"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/notification"
	"channelbook/ent/schema"
	"channelbook/internal/auth"
	"channelbook/internal/gid"
	"channelbook/internal/page"
)

// Notification is a row of notifications with its row of notices, by whose id it is known outside: a person has one of each.
type Notification struct {
	*ent.Notification
	notice *ent.Notice
	level  *level[*Notification]
}

var notificationOrder = page.Order{Name: "notifications.PLACE", Desc: true, Columns: []page.Column{{Name: notification.FieldPlace, Kind: page.Int}}}

func (r *Reader) notificationList() list[*ent.Notification] {
	return list[*ent.Notification]{table: notification.Table, see: schema.Notifications, value: (*ent.Notification).Value, fetch: func(ctx context.Context, columns []string, shape func(*sql.Selector)) ([]*ent.Notification, error) {
		q := r.DB.Notification.Query().Select(columns...)
		q.Modify(shape)
		return q.All(ctx)
	}}
}

// notificationColumns are all that a notification shows of its own row; the notice has the rest.
var notificationColumns = []string{notification.FieldNoticeID, notification.FieldKind, notification.FieldPlace, notification.FieldReadAt}

// saysMore tells whether something of the notice is asked for.
func saysMore(node selection) bool {
	return node.has("title", "text", "url", "object", "objectId", "createdAt")
}

// Notifications is a page of the viewer's feed, newest first. What has been told before it is asked for stands
// in it, but where the base is held up.
func (r *Reader) Notifications(ctx context.Context, first *int, after *string, filter *NotificationFilter) (*NotificationConnection, error) {
	w, err := newWindow(notificationOrder, first, after)
	if err != nil {
		return nil, err
	}
	r.Feed.Freshen(ctx)
	w.where = notificationWhere(filter)
	of, node := connection(ctx, "Notification")
	w.total = of.has("totalCount")
	w.columns = notificationColumns
	rows, total, err := all(ctx, r.DB.Dialect(), r.notificationList(), w)
	if err != nil {
		return nil, err
	}
	size, more := w.cut(len(rows))
	if rows = rows[:size]; saysMore(node) { // of the page alone: what they are about is read for all of them, too
		if rows, err = r.Feed.WithNotices(ctx, rows); err != nil {
			return nil, err
		}
	}
	page := notificationPage(w, r.notifications(rows), more)
	page.TotalCount = total
	if of.has("unreadCount") {
		page.UnreadCount, err = r.Unread(ctx)
	}
	return page, err
}

func notificationPage(w window, nodes []*Notification, more bool) *NotificationConnection {
	out, info := edges(w, nodes, func(n *Notification) []any { return []any{n.Place} },
		func(cursor string, n *Notification) *NotificationEdge {
			return &NotificationEdge{Cursor: cursor, Node: n}
		})
	info.HasNextPage = more
	return &NotificationConnection{Edges: out, PageInfo: info}
}

func notificationWhere(f *NotificationFilter) func(*sql.Selector) {
	var all conditions
	if f == nil {
		return all.where
	}
	if f.UnreadOnly != nil && *f.UnreadOnly {
		all.add(func(s *sql.Selector) { s.Where(sql.IsNull(s.C(notification.FieldReadAt))) })
	}
	in(&all, notification.FieldKind, f.Kinds)
	return all.where
}

// Notification is one that the feed hands out with its notice.
func (r *Reader) Notification(row *ent.Notification) *Notification {
	return r.notifications([]*ent.Notification{row})[0]
}

func (r *Reader) notifications(rows []*ent.Notification) []*Notification {
	out := make([]*Notification, len(rows))
	lv := newLevel(r, out)
	for i, row := range rows {
		out[i] = &Notification{row, row.Edges.Notice, lv}
	}
	return out
}

func (r *Reader) notificationsAsked(ctx context.Context, asked selection, ids []gid.ID) (map[gid.ID]*Notification, error) {
	rows, err := r.DB.Notification.Query().Where(notification.NoticeIDIn(ids...)).Select(notificationColumns...).All(ctx)
	if err == nil && saysMore(asked) {
		rows, err = r.Feed.WithNotices(ctx, rows)
	}
	if err != nil {
		return nil, err
	}
	return indexByID(r.notifications(rows), func(n *Notification) gid.ID { return n.NoticeID }), nil
}

// Unread is how many notifications the viewer has not read.
func (r *Reader) Unread(ctx context.Context) (int, error) {
	return r.DB.Notification.Query().Where(notification.ReadAtIsNil()).Count(ctx)
}

// UnreadNotificationCount is the viewer's own; null for anybody else. A level has the viewer as often as it likes.
func (u *User) UnreadNotificationCount(ctx context.Context) (*int, error) {
	if v, _ := auth.From(u.level.reader.seen(ctx)); v.UserID != u.User.ID {
		return nil, nil
	}
	n, err := load(ctx, u.level, u.level.reader.Unread)
	if err != nil {
		return nil, err
	}
	return &n, nil
}

// IsNode marks a type with an id of its own.
func (*Notification) IsNode() {}

// ID as it is shown outside.
func (n *Notification) ID() string { return gid.Notification.Format(n.NoticeID) }

// Kind of the event.
func (n *Notification) Kind() NotificationKind { return NotificationKind(n.Notification.Kind) }

// Title and Text are for people.
func (n *Notification) Title() string { return n.notice.Title }

// Text is for people.
func (n *Notification) Text() string { return n.notice.Text }

// URL is null where there is none.
func (n *Notification) URL() *string { return text(n.notice.URL) }

// CreatedAt is when it happened.
func (n *Notification) CreatedAt() time.Time { return n.notice.At }

// ObjectID is null where it is about nothing.
func (n *Notification) ObjectID() *string { return text(n.notice.Object) }

// Object that it is about, for all notifications of the level at once; null where the viewer may not see it.
func (n *Notification) Object(ctx context.Context) (Node, error) {
	if n.notice.Object == "" {
		return nil, nil
	}
	found, err := load(ctx, n.level, func(ctx context.Context) (map[string]Node, error) {
		var ids []string
		for _, row := range n.level.rows {
			if row.notice.Object != "" {
				ids = append(ids, row.notice.Object)
			}
		}
		nodes, err := n.level.reader.Nodes(ctx, ids)
		byID := make(map[string]Node, len(nodes))
		for i, node := range nodes {
			byID[ids[i]] = node
		}
		return byID, err
	})
	return found[n.notice.Object], err
}

// Deliveries tell how far it came: it is in the feed, and what has left the house is read for all notifications of the level at once.
func (n *Notification) Deliveries(ctx context.Context) ([]*NotificationDelivery, error) {
	status := DeliveryStatusDelivered
	if n.Notification.ReadAt != nil {
		status = DeliveryStatusRead
	}
	outside, err := load(ctx, n.level, func(ctx context.Context) (map[gid.ID][]*NotificationDelivery, error) {
		ids := make([]gid.ID, len(n.level.rows))
		for i, row := range n.level.rows {
			ids[i] = row.NoticeID
		}
		return n.level.reader.outside(ctx, ids)
	})
	return append([]*NotificationDelivery{{Channel: NotificationChannelWeb, Status: status}}, outside[n.NoticeID]...), err
}
