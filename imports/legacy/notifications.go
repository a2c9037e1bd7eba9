package legacy

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"channelbook/ent/notice"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/notify"
	"channelbook/personaldata/processors"
)

// message is a notification there.
type message struct {
	lines
	notify.Imported
	refused, old bool
}

// untitled is the title of a message that has none.
const untitled = "Сообщение из прежней системы"

// notifications brings over the messages that are young enough to be kept here, the oldest first, and tells of the others how many
// there are.
func (m *importer) notifications(ctx context.Context) error {
	var all []*message
	err := m.base.each(ctx, "notifications", m.report, func(r *row) error {
		all = append(all, m.message(r))
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b *message) int { return a.At.Compare(b.At) })
	old := 0
	for some := range slices.Chunk(all, atOnce) {
		if err := m.storeMessages(ctx, some); err != nil {
			return err
		}
		for _, n := range some {
			if n.old {
				old++
			}
		}
	}
	if old > 0 {
		m.report.note("notifications: what is older than what is kept here (NOTIFICATION_RETENTION) is left out. Rows: %d.", old)
	}
	return nil
}

// message reads a notification.
func (m *importer) message(r *row) *message {
	n := &message{lines: lines{row: r}}
	n.Imported = notify.Imported{ID: gid.Named("notifications", r.id), Title: cmp.Or(r.get("title"), untitled), Text: r.get("text")}
	at := m.at(&n.lines, "created")
	switch {
	case !past(at, m.Now()):
		n.no("created", "It does not say when the message came.")
		return n
	case at.Before(m.Now().Add(-m.KeepNotifications)):
		n.At, n.old, n.refused = *at, true, true
		return n
	}
	n.At = *at
	n.to(m)
	checked, err := n.Checked()
	n.Imported = checked
	faults, _ := fault.All(err)
	for _, f := range faults {
		n.no(f.Field, f.Message)
	}
	if !n.refused && len(processors.Holds(n.Title+"\n"+n.Text)) > 0 {
		n.no("text", "It holds a phone or an e-mail address, which messages here may not.")
	}
	return n
}

func (n *message) no(field, why string) {
	n.refuse(field, why)
	n.refused = true
}

// to says who had the message, and whether it was read.
func (n *message) to(m *importer) {
	readers, field, named := m.readers(n.row)
	switch {
	case len(readers) == 0 && named:
		n.no(field, "None of those that it was for is here.")
		return
	case len(readers) == 0:
		n.no("user", "It does not say whom it was for.")
		return
	}
	var readAt *time.Time
	if at := m.at(&n.lines, "read_at"); past(at, m.Now()) {
		readAt = at
	} else if text := n.row.get("read"); text != "" {
		read, ok := truth(text)
		if !ok {
			n.left("read", shown(text)+" is neither yes nor no. The message is taken as read.")
		}
		if read || !ok {
			readAt = &n.At
		}
	}
	for _, p := range readers {
		n.To = append(n.To, notify.Reader{User: p.ID, Distributor: p.DistributorID, ReadAt: readAt})
	}
}

// storeMessages puts those into the feeds that have not been there.
func (m *importer) storeMessages(ctx context.Context, some []*message) error {
	ids := make([]gid.ID, len(some))
	for i, n := range some {
		ids[i] = n.ID
	}
	var fates []fate
	err := m.batch(ctx, func(tx *db.Tx) error {
		fates = make([]fate, len(some))
		before, err := brought(ctx, tx, ids)
		if err != nil {
			return err
		}
		known, err := tx.Notice.Query().Where(notice.IDIn(ids...)).IDs(ctx)
		if err != nil {
			return fmt.Errorf("look for messages: %w", err)
		}
		there := setOf(known)
		var fresh []notify.Imported
		for i, n := range some {
			switch {
			case before[n.ID] || there[n.ID]:
				fates[i] = isThere
			case n.refused:
				fates[i] = isRefused
			default:
				fresh = append(fresh, n.Imported)
			}
		}
		if !m.Apply || len(fresh) == 0 {
			return nil
		}
		return m.Notify.Import(ctx, tx, fresh)
	})
	if err != nil {
		return err
	}
	for i, n := range some {
		m.report.settle(&n.lines, fates[i])
	}
	return nil
}
