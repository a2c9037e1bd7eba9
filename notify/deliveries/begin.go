package deliveries

import (
	"context"
	"errors"
	"fmt"

	"channelbook/ent/delivery"
	"channelbook/ent/deliveryitem"
	"channelbook/internal/db"
)

// errTaken says that another job has taken the delivery, or a person has changed it.
var errTaken = errors.New("another has taken the delivery")

// begin claims a delivery for one call of the provider, in one transaction with the recipient's pace and the channel's circuit: of any
// number of jobs at once, one begins. jobs.Later where it has to wait; then nothing has changed.
func (s *Service) begin(ctx context.Context, a *attempt) error {
	probe := false
	err := db.WithTx(ctx, s.DB, func(tx *db.Tx) (err error) {
		now := s.Now()
		claim := tx.Delivery.Update().Where(delivery.ID(a.row.ID), delivery.StatusEQ(delivery.StatusQUEUED), delivery.Round(a.row.Round),
			delivery.Attempts(a.row.Attempts), delivery.DueAtLTE(now)).
			SetStatus(delivery.StatusSENDING).SetBegunAt(now).AddAttempts(1)
		if a.row.Unclear > 0 {
			claim.SetRepeated(true)
		}
		switch n, err := claim.Save(ctx); {
		case err != nil:
			return fmt.Errorf("claim a delivery: %w", err)
		case n == 0:
			return errTaken
		}
		if probe, err = s.pass(ctx, tx, a.row.Channel); err != nil {
			return err
		}
		if err := s.keepPace(ctx, tx, a); err != nil {
			return err
		}
		return s.leaveOut(ctx, tx, a)
	})
	a.number, a.probe = a.row.Attempts+1, probe
	return err
}

// leaveOut takes off a delivery what its recipient has read by other ways.
func (s *Service) leaveOut(ctx context.Context, tx *db.Tx, a *attempt) error {
	if len(a.read) == 0 {
		return nil
	}
	if _, err := tx.DeliveryItem.Delete().Where(deliveryitem.DeliveryID(a.row.ID), deliveryitem.NoticeIDIn(a.read...)).Exec(ctx); err != nil {
		return fmt.Errorf("leave out what was read: %w", err)
	}
	return nil
}
