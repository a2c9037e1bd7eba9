package notify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"channelbook/ent"
	"channelbook/ent/notice"
	"channelbook/ent/notification"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/internal/line"
	"channelbook/notify/channel"
	"channelbook/personaldata/audit"
)

// Imported is a message of another system, and the persons who had it.
type Imported struct {
	ID          gid.ID
	At          time.Time
	Title, Text string
	To          []Reader
}

// Reader is a person who had a message, and when it was read; nil: it was not.
type Reader struct {
	User        gid.ID
	Distributor *gid.ID // whose user the person is
	ReadAt      *time.Time
}

// Checked is the message with its texts trimmed, or what is wrong with them: faults on title and text, those of Send.
func (in Imported) Checked() (Imported, error) {
	err := errors.Join(stated("title", &in.Title, MaxTitle, ""), stated("text", &in.Text, MaxText, "\n\r\t\u2028\u2029"))
	return in, err
}

// Import puts messages that have been checked into the feeds of their readers, behind what stands there, in a transaction that records
// them; by the system alone. Nothing of it leaves the house: neither a channel nor a webhook hears of it.
func (s *Service) Import(ctx context.Context, tx *db.Tx, all []Imported) error {
	if _, err := auth.Require(ctx); err != nil {
		return err
	}
	after, err := line.Take(ctx, tx, table, len(all))
	if err != nil {
		return err
	}
	var notifications []*ent.NotificationCreate
	notices, acts := make([]*ent.NoticeCreate, len(all)), make([]audit.Act, len(all))
	for i, in := range all {
		place, users := after+1+int64(i), make([]gid.ID, len(in.To))
		for j, to := range in.To {
			users[j] = to.User
			notifications = append(notifications, tx.Notification.Create().SetNoticeID(in.ID).SetUserID(to.User).SetNillableDistributorID(to.Distributor).
				SetKind(notification.KindMESSAGE).SetPlace(place).SetNillableReadAt(to.ReadAt))
		}
		notices[i] = tx.Notice.Create().SetID(in.ID).SetAt(in.At).SetKind(notice.KindMESSAGE).SetTitle(in.Title).SetText(in.Text).SetUserIds(users).
			SetChannels([]string{channel.Web}).SetPlace(place)
		acts[i] = audit.Act{Action: audit.LegacyImported, Object: audit.On(gid.Notification, in.ID)}
	}
	if err := tx.Notice.CreateBulk(notices...).Exec(ctx); err != nil {
		return fmt.Errorf("store messages of another system: %w", err)
	}
	if err := tx.Notification.CreateBulk(notifications...).Exec(ctx); err != nil {
		return fmt.Errorf("put messages of another system into feeds: %w", err)
	}
	return audit.Record(ctx, tx, s.Now(), acts...)
}
