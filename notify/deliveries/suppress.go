package deliveries

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	entsql "entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/delivery"
	"channelbook/ent/sealed"
	"channelbook/ent/suppression"
	"channelbook/internal/db"
)

// suppressed tells whether an address gets nothing more by a channel.
func (s *Service) suppressed(ctx context.Context, by delivery.Channel, address string) (bool, error) {
	there, err := s.DB.Suppression.Query().Where(suppression.ChannelEQ(suppression.Channel(by)), sealed.SuppressionIndex.Match(s.Keys, address)).Exist(ctx)
	if err != nil {
		return false, fmt.Errorf("look whether an address takes messages: %w", err)
	}
	return there, nil
}

// suppress has the address that a delivery went to get nothing more by its channel. It is the address that the recipient has now, as
// none is kept; where the recipient has none any more, nothing needs to be kept from it.
func (s *Service) suppress(ctx context.Context, tx *db.Tx, row *ent.Delivery, reason string) error {
	address, err := s.addressOf(ctx, tx, row)
	if err != nil || address == "" {
		return err
	}
	err = tx.Suppression.Create().SetChannel(suppression.Channel(row.Channel)).SetAddressIndex(sealed.SuppressionIndex.Of(s.Keys, address)).
		SetReason(reason).SetDeliveryID(row.ID).SetNillableUserID(row.UserID).SetNillableLeadID(row.LeadID).SetAt(s.Now()).
		OnConflict(entsql.ConflictColumns(suppression.FieldChannel, suppression.FieldAddressIndex), entsql.DoNothing()).Exec(ctx)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("keep that an address takes no messages: %w", err)
	}
	return nil
}

func (s *Service) addressOf(ctx context.Context, tx *db.Tx, row *ent.Delivery) (string, error) {
	switch {
	case row.UserID != nil:
		u, err := tx.User.Get(ctx, *row.UserID)
		if err != nil {
			return "", ignoreMissing(err)
		}
		return userAddress(s, u, row.Channel)
	case row.LeadID != nil:
		l, err := tx.Lead.Get(ctx, *row.LeadID)
		if err != nil {
			return "", ignoreMissing(err)
		}
		return leadAddress(s, l, row.Channel)
	}
	return "", nil
}

func ignoreMissing(err error) error {
	if ent.IsNotFound(err) {
		return nil
	}
	return fmt.Errorf("read the recipient of a delivery: %w", err)
}
