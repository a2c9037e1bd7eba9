package graph_test

import (
	"fmt"

	"channelbook/ent/goal"
	"channelbook/ent/lead"
	"channelbook/ent/notice"
	"channelbook/ent/notification"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/notify"
)

// feeds fill everybody's: with what is for one side, for administrators and for all, read and unread, about what is seen, what
// is not any more, and nothing; and with what came to a side's user as another distributor's.
func (w *world) feeds(sides ...*side) {
	w.t.Helper()
	for i := range 4 {
		for _, s := range sides {
			w.tellSide(s, i)
		}
		w.toldAt(notify.Notice{Event: notify.Message(adminMark+" title", fmt.Sprintf("%s text %d", adminMark, i), "/"+adminMark), To: notify.To{Admins: true}})
		w.toldAt(notify.Notice{Event: notify.Message("Всем", fmt.Sprintf("Сообщение %d", i), "/periods"), To: notify.To{Everyone: true}})
	}
	w.settled()
	for i, s := range sides {
		w.settings(s, i)
		own := notification.And(notification.UserID(s.user), notification.HasNoticeWith(notice.TitleContains(s.mark)))
		w.fine(w.db.Notification.Update().Where(own, notification.KindEQ(notification.KindGOAL_SET)).SetReadAt(w.now()).Exec(w.system()))
		// A notification's distributor is whose user the person was when it came.
		former := sides[(i+1)%len(sides)]
		w.toldAt(notify.Notice{Event: notify.Message(former.mark+" before", former.mark+" before", "/"+former.mark), To: notify.To{Users: []gid.ID{s.user}}})
		w.settled()
		_, err := w.db.ExecContext(w.system(), "UPDATE notifications SET distributor_id = $1 WHERE user_id = $2 AND notice_id IN (SELECT id FROM notices WHERE title = $3)",
			former.id, s.user, former.mark+" before")
		w.fine(err)
	}
	w.fine(w.db.LeadChange.Create().SetAt(w.now()).SetLeadID(w.firstLead(w.gamma)).SetDistributorID(w.gamma.id).Exec(w.system()))
}

// tellSide tells a side of a goal, of a lead that it has, and of one that it has no more or never had.
func (w *world) tellSide(s *side, i int) {
	w.t.Helper()
	about := func(kind notice.Kind, object string) notify.Notice {
		return notify.Notice{
			Event: notify.Event{Kind: kind, Title: fmt.Sprintf("%s title %d", s.mark, i), Text: s.mark + " text", URL: fmt.Sprintf("/%s/%d", s.mark, i), Object: object},
			To:    notify.To{Distributor: s.id},
		}
	}
	foreign, err := w.db.Lead.Query().Where(lead.DistributorIDNEQ(s.id)).FirstID(w.system())
	w.fine(err)
	own, err := w.db.Goal.Query().Where(goal.DistributorID(s.id)).FirstID(w.system())
	w.fine(err)
	w.toldAt(about(notice.KindLEAD_ASSIGNED, gid.Lead.Format(w.firstLead(s))))
	w.toldAt(about(notice.KindLEAD_WITHDRAWN, gid.Lead.Format(foreign)))
	w.toldAt(about(notice.KindGOAL_SET, gid.Goal.Format(own)))
}

// settings are how a side's user wants to be told.
func (w *world) settings(s *side, i int) {
	w.fine(w.db.NotificationSettings.Create().SetUserID(s.user).SetTimeZone("UTC").SetQuietFrom(60 + i).SetQuietTo(120 + i).SetDigestMinutes(i).SetFallbackMinutes(10 + i).
		SetFallbackOrder([]string{"EMAIL", "WEB", "WHATSAPP"}).SetUpdatedAt(w.now()).Exec(w.system()))
	w.fine(w.db.NotificationPreference.Create().SetUserID(s.user).SetKind("MESSAGE").SetChannel("EMAIL").SetMode("ALWAYS").Exec(w.system()))
}

// toldAt tells of something at an instant of its own.
func (w *world) toldAt(n notify.Notice) {
	w.t.Helper()
	w.later()
	ctx := w.system()
	w.fine(db.WithTx(ctx, w.db, func(tx *db.Tx) error { return notify.Tell(ctx, tx, w.now(), n) }))
}

// settled puts all that was told into the feeds: a feed that is asked for would do so between two looks at the base.
func (w *world) settled() {
	w.t.Helper()
	_, err := w.notify.Settle(w.t.Context())
	w.fine(err)
}

// addFeed adds what stands in a user's feed as that of a distributor's, but not whom else it was told. The id of what it
// is about was told with it.
func (c contents) addFeed(s sight, distributor, user gid.ID) {
	notices := map[string]row{}
	for _, r := range c["notices"] {
		notices[r.text("id")] = r
	}
	for _, table := range []string{"notification_settings", "notification_preferences"} {
		for _, r := range c[table] {
			if r["user_id"] == user.String() {
				s.add(table, r, "id", "user_id", "time_zone", "quiet_from", "quiet_to", "digest_minutes", "fallback_minutes", "fallback_order", "updated_at", "kind", "channel", "mode")
			}
		}
	}
	own := map[any]bool{}
	for _, r := range c["deliveries"] {
		if own[r["id"]] = r["user_id"] == user.String() && r["distributor_id"] == distributor.String(); own[r["id"]] {
			s.add("deliveries", r, "id", "user_id", "distributor_id", "channel", "status")
		}
	}
	for _, r := range c["delivery_items"] {
		if own[r["delivery_id"]] {
			s.add("delivery_items", r, "id", "delivery_id", "user_id", "notice_id")
		}
	}
	for _, r := range c["notifications"] {
		if r["user_id"] != user.String() || r["distributor_id"] != distributor.String() {
			continue
		}
		s.add("notifications", r, "id", "notice_id", "user_id", "distributor_id", "kind", "place", "read_at")
		told := notices[r.text("notice_id")]
		s.add("notices", told, "id", "at", "kind", "title", "text", "url", "object", "place")
	}
}
