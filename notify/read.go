package notify

import (
	"context"
	"fmt"
	"strconv"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent/notification"
	"channelbook/ent/predicate"
	"channelbook/ent/schema"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
)

// MaxMarked is how many notifications are marked by name at once.
const MaxMarked = 100

// MarkRead marks notifications of the viewer as read, by their notices: those named, or all that stand in the feed. One that
// is read already keeps its time. Faults: REQUIRED and CONFLICT, TOO_MANY on ids; NotFound on ids[0] and so on, all at once.
func (s *Service) MarkRead(ctx context.Context, ids []gid.ID, all bool) error {
	viewer, err := auth.Require(ctx, auth.Admin, auth.Distributor)
	if err != nil {
		return err
	}
	switch {
	case all && len(ids) > 0:
		return fault.New(fault.Conflict, "ids", "Name notifications, or all; not both.")
	case !all && len(ids) == 0:
		return fault.Coded(fault.Invalid, "REQUIRED", "ids", "Name at least one notification, or all.")
	case len(ids) > MaxMarked:
		return fault.Coded(fault.Invalid, "TOO_MANY", "ids", fmt.Sprintf("At most %d notifications at once.", MaxMarked))
	}
	which := []predicate.Notification{notification.ReadAtIsNil(), func(of *sql.Selector) { schema.Notifications(viewer, of) }}
	if !all {
		if err := s.needOwn(ctx, ids); err != nil {
			return err
		}
		which = append(which, notification.NoticeIDIn(ids...))
	}
	return db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		_, err := tx.Notification.Update().Where(which...).SetReadAt(s.Now()).Save(auth.AsSystem(ctx, "mark as read"))
		if err != nil {
			return fmt.Errorf("mark notifications as read: %w", err)
		}
		return nil
	})
}

// needOwn is NotFound for each of the notices that is not in the viewer's feed.
func (s *Service) needOwn(ctx context.Context, ids []gid.ID) error {
	rows, err := s.DB.Notification.Query().Where(notification.NoticeIDIn(ids...)).Select(notification.FieldNoticeID).All(ctx)
	if err != nil {
		return fmt.Errorf("look for notifications: %w", err)
	}
	own := make(map[gid.ID]bool, len(rows))
	for _, row := range rows {
		own[row.NoticeID] = true
	}
	return missing(ids, own, "ids", "There is no such notification.")
}

// missing is NotFound for each id that is not there.
func missing(ids []gid.ID, there map[gid.ID]bool, field, message string) error {
	var wrong faults
	for i, id := range ids {
		if !there[id] {
			wrong.add(fault.New(fault.NotFound, field+"["+strconv.Itoa(i)+"]", message))
		}
	}
	return wrong.join()
}
