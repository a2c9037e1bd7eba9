package deliveries

import (
	"context"
	"fmt"
	"slices"

	"channelbook/ent"
	"channelbook/ent/delivery"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/internal/jobs"
	"channelbook/notify/channel"
	"channelbook/personaldata/audit"
)

// retried are the statuses in which a person may have a delivery sent again.
var retried = []delivery.Status{delivery.StatusFAILED, delivery.StatusDEAD, delivery.StatusUNKNOWN, delivery.StatusSUPPRESSED, delivery.StatusSKIPPED, delivery.StatusCANCELLED}

// Retry has a delivery sent again that was not sent, or of which nobody knows; administrators only. It begins a round of its own, in
// which all that may keep it from being sent is looked at anew. Faults: NotFound on id; DELIVERY_STATUS on id, of kind Conflict, where it
// waits already or was sent: of any number at once, one has it sent.
func (s *Service) Retry(ctx context.Context, id gid.ID) (*ent.Delivery, error) {
	return s.onDelivery(ctx, id, audit.DeliveryRetried, func(ctx context.Context, tx *db.Tx, row *ent.Delivery) (int, error) {
		if !slices.Contains(retried, row.Status) {
			return 0, nil
		}
		now, round := s.Now(), row.Round+1
		n, err := tx.Delivery.Update().Where(delivery.ID(id), delivery.Round(row.Round), delivery.StatusEQ(row.Status)).
			SetStatus(delivery.StatusQUEUED).SetRound(round).SetAttempts(0).SetUnclear(0).SetDueAt(now).ClearEndedAt().
			SetRepeated(row.Repeated || row.Unclear > 0).Save(ctx)
		if err != nil || n == 0 {
			return n, err
		}
		return n, jobs.Enqueue(ctx, tx, jobs.Job{Args: Due{Channel: row.Channel.String(), Delivery: id, Round: round}})
	})
}

// Cancel keeps a delivery that waits from being sent; administrators only. Faults: NotFound on id; DELIVERY_STATUS on id, of kind
// Conflict, where it does not wait, or is just being sent.
func (s *Service) Cancel(ctx context.Context, id gid.ID) (*ent.Delivery, error) {
	row, err := s.onDelivery(ctx, id, audit.DeliveryCancelled, func(ctx context.Context, tx *db.Tx, row *ent.Delivery) (int, error) {
		return tx.Delivery.Update().Where(delivery.ID(id), delivery.Round(row.Round), delivery.StatusIn(waiting...)).
			SetStatus(delivery.StatusCANCELLED).SetEndedAt(s.Now()).Save(ctx)
	})
	if err == nil {
		s.Metrics.Came(row.Channel.String(), outcomes[row.Status])
	}
	return row, err
}

// Settle says of a delivery of which nobody knows whether it went that it was sent, or that it was not; administrators only. Where it
// was not, the recipient's next channel takes over. Faults: NotFound on id; DELIVERY_STATUS on id, of kind Conflict, where it is known.
func (s *Service) Settle(ctx context.Context, id gid.ID, sent bool) (*ent.Delivery, error) {
	row, err := s.onDelivery(ctx, id, audit.DeliverySettled, func(ctx context.Context, tx *db.Tx, row *ent.Delivery) (int, error) {
		change := tx.Delivery.Update().Where(delivery.ID(id), delivery.Round(row.Round), delivery.StatusEQ(delivery.StatusUNKNOWN))
		if sent {
			change.SetStatus(delivery.StatusSENT).ClearErrorCode().ClearError()
			if row.BegunAt != nil {
				change.SetSentAt(*row.BegunAt)
			}
			return change.Save(ctx)
		}
		n, err := change.SetStatus(delivery.StatusFAILED).SetEndedAt(s.Now()).Save(ctx)
		if err != nil || n == 0 {
			return n, err
		}
		return n, s.next(ctx, tx, id)
	})
	if err == nil {
		s.Metrics.Came(row.Channel.String(), outcomes[row.Status])
	}
	return row, err
}

// onDelivery runs an act of an administrator on a delivery, in a transaction that records it. The act tells how many it has changed: none
// is a fault. The delivery is read again.
func (s *Service) onDelivery(ctx context.Context, id gid.ID, action audit.Action, act func(ctx context.Context, tx *db.Tx, row *ent.Delivery) (int, error)) (*ent.Delivery, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	system := auth.AsSystem(ctx, "deliveries")
	err := db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		row, err := tx.Delivery.Get(system, id)
		switch {
		case ent.IsNotFound(err):
			return fault.New(fault.NotFound, "id", "There is no such delivery.")
		case err != nil:
			return fmt.Errorf("read a delivery: %w", err)
		}
		n, err := act(system, tx, row)
		switch {
		case err != nil:
			return fmt.Errorf("change a delivery: %w", err)
		case n == 0:
			return fault.Coded(fault.Conflict, "DELIVERY_STATUS", "id", fmt.Sprintf("The delivery is %s, and this cannot be done to it.", row.Status))
		}
		return audit.Record(system, tx, s.Now(), audit.Act{Action: action, Object: audit.On(gid.Delivery, id), Details: map[string]string{"channel": row.Channel.String()}})
	})
	if err != nil {
		return nil, err
	}
	row, err := s.DB.Delivery.Get(system, id)
	if err != nil {
		return nil, fmt.Errorf("read a delivery: %w", err)
	}
	return row, nil
}

// needOutside is a fault of what is no channel by which messages leave the house.
func needOutside(by string) error {
	if slices.Contains(channel.Outside, by) {
		return nil
	}
	return fault.Coded(fault.Invalid, "NO_CHANNEL", "channel", "No message leaves the house by this.")
}
