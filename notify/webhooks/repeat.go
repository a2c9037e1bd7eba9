package webhooks

import (
	"context"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/predicate"
	"channelbook/ent/webhook"
	"channelbook/ent/webhookdelivery"
	"channelbook/ent/webhookstate"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/internal/jobs"
	"channelbook/personaldata/audit"
)

// Repeat has an event sent again that was delivered, has failed or was cancelled, under the same id: for a day from now on. By an
// administrator. Faults: NotFound on id; of kind Conflict ALREADY_QUEUED, WEBHOOK_DISABLED, WEBHOOK_STOPPED.
func (s *Service) Repeat(ctx context.Context, id gid.ID) (*ent.WebhookDelivery, error) {
	return s.onEvent(ctx, id, audit.WebhookEventRepeated, func(ctx context.Context, tx *db.Tx, row *ent.WebhookDelivery) error {
		if err := ready(ctx, tx, row.WebhookID); err != nil {
			return err
		}
		now := s.Now()
		n, err := tx.WebhookDelivery.Update().Where(webhookdelivery.ID(id), webhookdelivery.StatusNEQ(webhookdelivery.StatusQUEUED), webhookdelivery.Round(row.Round)).
			SetStatus(webhookdelivery.StatusQUEUED).AddRound(1).SetRoundAt(now).SetAttempts(0).SetDueAt(now).ClearErrorCode().ClearEndedAt().ClearDeliveredAt().Save(ctx)
		if err != nil {
			return fmt.Errorf("have an event sent again: %w", err)
		}
		if n == 0 {
			return fault.Coded(fault.Conflict, "ALREADY_QUEUED", "id", "This event waits to be sent already.")
		}
		return jobs.Enqueue(ctx, tx, jobs.Job{Args: Due{Event: id, Round: row.Round + 1}})
	})
}

// ready tells why nothing is sent to a webhook just now.
func ready(ctx context.Context, tx *db.Tx, id gid.ID) error {
	on, err := tx.Webhook.Query().Where(webhook.ID(id), webhook.Enabled(true)).Exist(ctx)
	if err != nil {
		return fmt.Errorf("look whether a webhook is on: %w", err)
	}
	if !on {
		return fault.Coded(fault.Conflict, "WEBHOOK_DISABLED", "id", "The webhook is switched off.")
	}
	stopped, err := tx.WebhookState.Query().Where(webhookstate.WebhookID(id), webhookstate.StoppedAtNotNil()).Exist(ctx)
	if err != nil {
		return fmt.Errorf("look whether a webhook is stopped: %w", err)
	}
	if stopped {
		return fault.Coded(fault.Conflict, "WEBHOOK_STOPPED", "id", "The webhook is stopped: resume it first.")
	}
	return nil
}

// Cancel has an event that waits not sent. By an administrator. An attempt that is under way is not called back. Faults: NotFound
// on id, NOT_QUEUED of kind Conflict.
func (s *Service) Cancel(ctx context.Context, id gid.ID) (*ent.WebhookDelivery, error) {
	return s.onEvent(ctx, id, audit.WebhookEventCancelled, func(ctx context.Context, tx *db.Tx, _ *ent.WebhookDelivery) error {
		cancelled, err := s.cancel(ctx, tx, id)
		if err == nil && !cancelled {
			err = fault.Coded(fault.Conflict, "NOT_QUEUED", "id", "This event does not wait to be sent.")
		}
		return err
	})
}

// cancel cancels an event that waits and of which more holds.
func (s *Service) cancel(ctx context.Context, tx *db.Tx, id gid.ID, more ...predicate.WebhookDelivery) (bool, error) {
	n, err := tx.WebhookDelivery.Update().Where(webhookdelivery.ID(id), webhookdelivery.StatusEQ(webhookdelivery.StatusQUEUED)).Where(more...).
		SetStatus(webhookdelivery.StatusCANCELLED).SetEndedAt(s.Now()).Save(ctx)
	if err != nil {
		return false, fmt.Errorf("cancel an event: %w", err)
	}
	return n == 1, nil
}

// onEvent does something to an event as the system, for an administrator, and records it.
func (s *Service) onEvent(ctx context.Context, id gid.ID, action audit.Action, act func(context.Context, *db.Tx, *ent.WebhookDelivery) error) (row *ent.WebhookDelivery, err error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	ctx = auth.AsSystem(ctx, "events of webhooks")
	err = db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		if row, err = tx.WebhookDelivery.Get(ctx, id); ent.IsNotFound(err) {
			return fault.New(fault.NotFound, "id", "There is no such event.")
		} else if err != nil {
			return fmt.Errorf("read an event: %w", err)
		}
		if err := act(ctx, tx, row); err != nil {
			return err
		}
		if row, err = tx.WebhookDelivery.Get(ctx, id); err != nil {
			return fmt.Errorf("read an event again: %w", err)
		}
		return audit.Record(ctx, tx, s.Now(), audit.Act{Action: action, Object: audit.On(gid.WebhookEvent, id)})
	})
	if err != nil {
		return nil, err
	}
	return row.Unwrap(), nil
}
