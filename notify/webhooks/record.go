package webhooks

import (
	"context"
	"fmt"
	"time"

	"channelbook/ent"
	"channelbook/ent/webhookdelivery"
	"channelbook/ent/webhookstate"
	"channelbook/internal/db"
	"channelbook/notify"
)

// maxFailures is how many attempts in a row fail before a webhook is stopped.
const maxFailures = 20

// record writes what came of the attempt after those that the row knows of. The webhook's state comes first: whoever removes the
// webhook takes that first too, so nothing is left of one that is gone.
func (s *Service) record(ctx context.Context, hook *ent.Webhook, row *ent.WebhookDelivery, at time.Time, a Answer, v verdict) error {
	return db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		there, err := s.fared(ctx, tx, hook, a)
		if !there || err != nil {
			return err
		}
		if err := s.outcome(ctx, tx, row, a, v); err != nil {
			return err
		}
		create := tx.WebhookAttempt.Create().SetDeliveryID(row.ID).SetAt(at).SetMilliseconds(int(a.Took.Milliseconds())).SetErrorCode(a.Code).SetAnswer(a.Text)
		if a.Status != 0 {
			create.SetHTTPStatus(a.Status)
		}
		if err := create.Exec(ctx); err != nil {
			return fmt.Errorf("record an attempt: %w", err)
		}
		return nil
	})
}

// fared counts an attempt in the webhook's state, and stops a webhook that has failed too often; once, whoever counts at the same
// time. It tells whether there still is such a webhook.
func (s *Service) fared(ctx context.Context, tx *db.Tx, hook *ent.Webhook, a Answer) (there bool, err error) {
	update := tx.WebhookState.Update().Where(webhookstate.WebhookID(hook.ID))
	if a.Code == "" {
		update.SetFailures(0).SetSucceededAt(s.Now())
	} else {
		update.AddFailures(1)
	}
	n, err := update.Save(ctx)
	if err != nil {
		return false, fmt.Errorf("count an attempt: %w", err)
	}
	if n == 0 || a.Code == "" {
		return n > 0, nil
	}
	return true, s.stop(ctx, tx, hook)
}

func (s *Service) stop(ctx context.Context, tx *db.Tx, hook *ent.Webhook) error {
	n, err := tx.WebhookState.Update().Where(webhookstate.WebhookID(hook.ID), webhookstate.FailuresGTE(maxFailures), webhookstate.StoppedAtIsNil()).
		SetStoppedAt(s.Now()).Save(ctx)
	if err != nil {
		return fmt.Errorf("stop a webhook: %w", err)
	}
	if n == 0 {
		return nil
	}
	return notify.Tell(ctx, tx, s.Now(), notify.Notice{Event: notify.WebhookStopped(hook.ID, hook.Name, maxFailures), To: notify.To{Admins: true}})
}

// verdict is what an attempt leaves an event as, and how long to wait for the next one.
type verdict struct {
	to   webhookdelivery.Status
	wait time.Duration
}

// judge decides what comes after an attempt: what passes is tried again until a day after its round began.
func (s *Service) judge(row *ent.WebhookDelivery, a Answer) verdict {
	if a.Code == "" {
		return verdict{to: webhookdelivery.StatusDELIVERED}
	}
	wait := pause(row.Attempts+1, a.retryAfter)
	if !a.passes() || s.Now().Add(wait).After(row.RoundAt.Add(tryFor)) {
		return verdict{to: webhookdelivery.StatusFAILED}
	}
	return verdict{webhookdelivery.StatusQUEUED, wait}
}

// outcome moves the event on, unless somebody has cancelled it or has it sent again meanwhile.
func (s *Service) outcome(ctx context.Context, tx *db.Tx, row *ent.WebhookDelivery, a Answer, v verdict) error {
	now := s.Now()
	update := tx.WebhookDelivery.Update().
		Where(webhookdelivery.ID(row.ID), webhookdelivery.StatusEQ(webhookdelivery.StatusQUEUED), webhookdelivery.Round(row.Round), webhookdelivery.Attempts(row.Attempts+1)).
		SetStatus(v.to).SetErrorCode(a.Code)
	switch v.to {
	case webhookdelivery.StatusQUEUED:
		update.SetDueAt(now.Add(v.wait))
	case webhookdelivery.StatusDELIVERED:
		update.SetDeliveredAt(now).SetEndedAt(now).ClearErrorCode()
	default:
		update.SetEndedAt(now)
	}
	if err := update.Exec(ctx); err != nil {
		return fmt.Errorf("record what came of an attempt: %w", err)
	}
	return nil
}
