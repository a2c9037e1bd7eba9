package deliveries

import (
	"context"
	"fmt"
	"slices"

	"channelbook/ent"
	"channelbook/ent/delivery"
	"channelbook/ent/deliveryitem"
	"channelbook/ent/notice"
	"channelbook/ent/notification"
	"channelbook/ent/sealed"
	"channelbook/internal/gid"
	"channelbook/notify/channel"
	"channelbook/notify/templates"
)

// recipient is the address that a delivery goes to and what its message is made of, but for its notices; an *ending where there is
// nobody to get it any more.
func (s *Service) recipient(ctx context.Context, row *ent.Delivery) (address string, l templates.Letter, err error) {
	if row.Purpose == delivery.PurposeWELCOME {
		address, l, skip, err := s.welcomed(ctx, row)
		if err == nil && skip != "" {
			err = &ending{status: delivery.StatusSKIPPED, code: skip}
		}
		return address, l, err
	}
	u, err := s.user(ctx, row)
	if err != nil {
		return "", l, err
	}
	if address, err = userAddress(s, u, row.Channel); err != nil {
		return "", l, err
	}
	if address == "" {
		return "", l, &ending{status: delivery.StatusFAILED, code: "NO_ADDRESS", next: true}
	}
	l = templates.Letter{Channel: row.Channel.String(), Kind: templates.Welcome, User: u, Sample: row.Purpose == delivery.PurposeTEST}
	if row.Kind != nil {
		l.Kind = row.Kind.String()
	}
	if row.DistributorID != nil {
		l.Distributor = *row.DistributorID
	}
	if row.TemplateID != nil {
		l.Template = *row.TemplateID
	}
	return address, l, nil
}

// user is the recipient, where that is still the person for whom the delivery was made.
func (s *Service) user(ctx context.Context, row *ent.Delivery) (*ent.User, error) {
	if row.UserID == nil {
		return nil, &ending{status: delivery.StatusSKIPPED, code: "NO_RECIPIENT"}
	}
	u, err := s.DB.User.Get(ctx, *row.UserID)
	switch {
	case ent.IsNotFound(err):
		return nil, &ending{status: delivery.StatusSKIPPED, code: "NO_RECIPIENT"}
	case err != nil:
		return nil, fmt.Errorf("read the recipient of a delivery: %w", err)
	case u.DisabledAt != nil:
		return nil, &ending{status: delivery.StatusSKIPPED, code: "USER_DISABLED"}
	case row.Purpose == delivery.PurposeNOTICE && !same(u.DistributorID, row.DistributorID):
		return nil, &ending{status: delivery.StatusSKIPPED, code: "MOVED"}
	}
	return u, nil
}

func same(a, b *gid.ID) bool { return a == b || a != nil && b != nil && *a == *b }

// userAddress is where a person is reached by a channel; empty where that is not known.
func userAddress(s *Service, u *ent.User, by delivery.Channel) (string, error) {
	if by.String() == channel.Email {
		return opened(sealed.UserEmail.Open(s.Keys, u.ID, u.EmailSealed))
	}
	return opened(sealed.UserPhone.Open(s.Keys, u.ID, u.PhoneSealed))
}

func leadAddress(s *Service, l *ent.Lead, by delivery.Channel) (string, error) {
	if by.String() == channel.Email {
		return opened(sealed.LeadEmail.Open(s.Keys, l.ID, l.EmailSealed))
	}
	return opened(sealed.LeadPhone.Open(s.Keys, l.ID, l.PhoneSealed))
}

func opened(address string, err error) (string, error) {
	if err != nil {
		return "", fmt.Errorf("open the address of a recipient: %w", err)
	}
	return address, nil
}

// notices are what a delivery tells of, oldest first, and those that it need not tell of any more, as a fallback, since the recipient
// has read them. An *ending where nothing is left.
func (s *Service) notices(ctx context.Context, row *ent.Delivery) (tell []*ent.Notice, read []gid.ID, err error) {
	var ids []gid.ID
	err = s.DB.DeliveryItem.Query().Where(deliveryitem.DeliveryID(row.ID)).Select(deliveryitem.FieldNoticeID).Scan(ctx, &ids)
	if err != nil {
		return nil, nil, fmt.Errorf("read what a delivery is of: %w", err)
	}
	if row.Fallback {
		err := s.DB.Notification.Query().Where(notification.UserID(*row.UserID), notification.NoticeIDIn(ids...), notification.ReadAtNotNil()).
			Select(notification.FieldNoticeID).Scan(ctx, &read)
		if err != nil {
			return nil, nil, fmt.Errorf("look for what was read meanwhile: %w", err)
		}
		ids = slices.DeleteFunc(ids, func(id gid.ID) bool { return slices.Contains(read, id) })
	}
	if len(ids) == 0 && len(read) > 0 {
		return nil, nil, &ending{status: delivery.StatusSKIPPED, code: "READ"}
	}
	tell, err = s.DB.Notice.Query().Where(notice.IDIn(ids...)).Order(ent.Asc(notice.FieldID)).All(ctx)
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("read what a delivery tells: %w", err)
	case len(tell) == 0:
		return nil, nil, &ending{status: delivery.StatusSKIPPED, code: "GONE"}
	}
	return tell, read, nil
}
