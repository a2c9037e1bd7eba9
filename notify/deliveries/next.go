package deliveries

import (
	"context"
	"fmt"
	"slices"

	"channelbook/ent"
	"channelbook/ent/delivery"
	"channelbook/ent/deliveryitem"
	"channelbook/ent/notice"
	"channelbook/ent/user"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/notify/channel"
	"channelbook/notify/preferences"
)

// nextChannel is the channel that takes over from a delivery, and how its recipient wants to be told; empty where there is none.
func (s *Service) nextChannel(ctx context.Context, tx *db.Tx, failed *ent.Delivery) (next string, wants preferences.Settings, err error) {
	open, err := s.open(ctx, tx)
	if err != nil {
		return "", wants, err
	}
	person, err := tx.User.Query().Where(user.ID(*failed.UserID), user.DisabledAtIsNil()).Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return "", wants, nil
	case err != nil:
		return "", wants, fmt.Errorf("look whom the next channel would reach: %w", err)
	}
	all, err := s.Wishes.Read(ctx, tx.Client(), person.ID)
	if err != nil {
		return "", wants, err
	}
	wants = all[person.ID]
	has := map[string]bool{channel.Email: len(person.EmailSealed) > 0, channel.WhatsApp: len(person.PhoneSealed) > 0}
	for _, name := range wants.Order[slices.Index(wants.Order, failed.Channel.String())+1:] {
		if open[name] && has[name] && wants.Mode(failed.Kind.String(), name) == preferences.Fallback {
			return name, wants, nil
		}
	}
	return "", wants, nil
}

// hold keeps whoever else would have a delivery taken over waiting to the end of the transaction.
func hold(ctx context.Context, tx *db.Tx, id gid.ID) error {
	if _, err := tx.ExecContext(ctx, "UPDATE deliveries SET status = status WHERE id = $1", id); err != nil {
		return fmt.Errorf("hold a delivery: %w", err)
	}
	return nil
}

// notHad are the notices of a delivery that its recipient has not had by a channel yet, and whose channels nobody has named.
func notHad(ctx context.Context, tx *db.Tx, of *ent.Delivery, by string) ([]gid.ID, error) {
	items, err := tx.DeliveryItem.Query().Where(deliveryitem.DeliveryID(of.ID)).Order(ent.Asc(deliveryitem.FieldID)).All(ctx)
	if err != nil || len(items) == 0 {
		return nil, err
	}
	told := make([]gid.ID, len(items))
	for i, item := range items {
		told[i] = item.NoticeID
	}
	movable, err := tx.Notice.Query().Where(notice.IDIn(told...), notice.ChannelsIsNil()).IDs(ctx)
	if err != nil {
		return nil, fmt.Errorf("look which notices may go by another channel: %w", err)
	}
	had, err := itemsBy(ctx, tx, *of.UserID, by, told)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(told, func(id gid.ID) bool { return !slices.Contains(movable, id) || had[id] }), nil
}

// itemsBy are those of some notices that a person has a delivery of by a channel, however far it came.
func itemsBy(ctx context.Context, tx *db.Tx, person gid.ID, by string, of []gid.ID) (map[gid.ID]bool, error) {
	items, err := tx.DeliveryItem.Query().Where(deliveryitem.UserID(person), deliveryitem.NoticeIDIn(of...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("look what the next channel has had: %w", err)
	}
	in := make([]gid.ID, len(items))
	for i, item := range items {
		in[i] = item.DeliveryID
	}
	theirs, err := tx.Delivery.Query().Where(delivery.IDIn(in...), delivery.ChannelEQ(delivery.Channel(by))).IDs(ctx)
	if err != nil {
		return nil, fmt.Errorf("look what the next channel has had: %w", err)
	}
	had := map[gid.ID]bool{}
	for _, item := range items {
		if slices.Contains(theirs, item.DeliveryID) {
			had[item.NoticeID] = true
		}
	}
	return had, nil
}
