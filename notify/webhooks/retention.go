package webhooks

import (
	"context"
	"fmt"
	"time"

	"channelbook/ent"
	"channelbook/ent/webhook"
	"channelbook/ent/webhookattempt"
	"channelbook/ent/webhookdelivery"
	"channelbook/ent/webhookstate"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/gid"
)

// dropBatch is how many events one transaction deletes, with their attempts.
const dropBatch = 200

// Drop deletes the events that came and ended before an instant, with their attempts, and tells how many events there were. It may be
// broken off, and run on several instances at once.
func (s *Service) Drop(ctx context.Context, before time.Time) (dropped int, err error) {
	ctx = auth.AsSystem(ctx, "retention of webhooks' events")
	for {
		n := 0
		err := db.WithTx(ctx, s.DB, func(tx *db.Tx) (err error) {
			n, err = dropSome(ctx, tx, before)
			return err
		})
		if err != nil {
			return dropped, fmt.Errorf("drop events past their term: %w", err)
		}
		if dropped += n; n < dropBatch {
			return dropped, nil
		}
	}
}

func dropSome(ctx context.Context, tx *db.Tx, before time.Time) (int, error) {
	ids, err := tx.WebhookDelivery.Query().
		Where(webhookdelivery.CreatedAtLT(before), webhookdelivery.EndedAtLT(before), webhookdelivery.StatusNEQ(webhookdelivery.StatusQUEUED)).
		Order(ent.Asc(webhookdelivery.FieldCreatedAt)).Limit(dropBatch).IDs(ctx)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	if _, err := tx.WebhookAttempt.Delete().Where(webhookattempt.DeliveryIDIn(ids...)).Exec(ctx); err != nil {
		return 0, err
	}
	// One that somebody has sent again meanwhile stays, without the attempts of old.
	return tx.WebhookDelivery.Delete().Where(webhookdelivery.IDIn(ids...), webhookdelivery.StatusNEQ(webhookdelivery.StatusQUEUED)).Exec(ctx)
}

// overdueAfter is how long an event is due before it counts as forgotten: its job is gone.
const overdueAfter = 5 * time.Minute

// Expired is the code of an event that has waited for a day for a webhook that was stopped or switched off.
const Expired = "EXPIRED"

// Overdue enqueues what is due and has no job any more, and gives up what has waited too long for a webhook that sends nothing.
// Doing it twice does no harm.
func (s *Service) Overdue(ctx context.Context) error {
	ctx = auth.AsSystem(ctx, "overdue events of webhooks")
	sending, err := s.sending(ctx)
	if err != nil {
		return err
	}
	now := s.Now()
	err = s.DB.WebhookDelivery.Update().
		Where(webhookdelivery.StatusEQ(webhookdelivery.StatusQUEUED), webhookdelivery.DueAtLT(now.Add(-overdueAfter)), webhookdelivery.RoundAtLT(now.Add(-tryFor)),
			webhookdelivery.WebhookIDNotIn(sending...)).
		SetStatus(webhookdelivery.StatusFAILED).SetErrorCode(Expired).SetEndedAt(now).Exec(ctx)
	if err != nil {
		return fmt.Errorf("give up what has waited too long: %w", err)
	}
	return s.enqueue(ctx, s.DB.WebhookDelivery.Query().Where(webhookdelivery.WebhookIDIn(sending...), webhookdelivery.DueAtLT(now.Add(-overdueAfter))))
}

// sending are the webhooks that are neither stopped nor switched off.
func (s *Service) sending(ctx context.Context) ([]gid.ID, error) {
	on, err := s.DB.Webhook.Query().Where(webhook.Enabled(true)).IDs(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for webhooks: %w", err)
	}
	states, err := s.DB.WebhookState.Query().Where(webhookstate.WebhookIDIn(on...), webhookstate.StoppedAtIsNil()).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the states of webhooks: %w", err)
	}
	ids := make([]gid.ID, len(states))
	for i, state := range states {
		ids[i] = state.WebhookID
	}
	return ids, nil
}
