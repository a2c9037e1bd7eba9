package webhooks

import (
	"context"
	"fmt"
	"time"

	"channelbook/ent"
	"channelbook/ent/webhook"
	"channelbook/ent/webhookdelivery"
	"channelbook/ent/webhookstate"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/internal/jobs"
)

// lease is how long nobody else makes the attempt that somebody has begun: longer than any takes. One that was broken off, such as
// by a crash, is made again after that, whether the webhook has got it or not.
const lease = time.Minute

// send sends an event that is due. For a webhook that is stopped or switched off it is left as it is: what has it send again
// enqueues it.
func (s *Service) send(ctx context.Context, d Due) error {
	row, err := s.DB.WebhookDelivery.Get(ctx, d.Event)
	switch {
	case ent.IsNotFound(err):
		return nil
	case err != nil:
		return fmt.Errorf("read what is due: %w", err)
	case row.Status != webhookdelivery.StatusQUEUED || row.Round != d.Round:
		return nil
	}
	if wait := row.DueAt.Sub(s.Now()); wait > 0 {
		return jobs.Later(wait)
	}
	hook, err := s.running(ctx, row.WebhookID)
	if hook == nil || err != nil {
		return err
	}
	leave, wait := s.turns.enter(hook.ID)
	if wait > 0 {
		return jobs.Later(wait)
	}
	defer leave()
	return s.attempt(ctx, hook, row)
}

// running is a webhook that is sent to; nil where it is gone, stopped or switched off.
func (s *Service) running(ctx context.Context, id gid.ID) (*ent.Webhook, error) {
	hook, err := s.DB.Webhook.Query().Where(webhook.ID(id), webhook.Enabled(true)).Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read a webhook: %w", err)
	}
	stopped, err := s.DB.WebhookState.Query().Where(webhookstate.WebhookID(id), webhookstate.StoppedAtNotNil()).Exist(ctx)
	if err != nil {
		return nil, fmt.Errorf("look whether a webhook is stopped: %w", err)
	}
	if stopped {
		return nil, nil
	}
	return hook, nil
}

// attempt makes one attempt, where nobody else does.
func (s *Service) attempt(ctx context.Context, hook *ent.Webhook, row *ent.WebhookDelivery) error {
	now := s.Now()
	headers, err := s.headers(hook, gid.WebhookEvent.Format(row.ID), now, row.Body)
	if err != nil {
		return err
	}
	mine, err := s.claim(ctx, row, now)
	if !mine || err != nil {
		return err
	}
	answer, err := s.call(ctx, hook, headers, row.Body)
	if err != nil {
		return err
	}
	v := s.judge(row, answer)
	s.Metrics.Attempted(outcomes[v.to])
	if err := s.record(ctx, hook, row, now, answer, v); err != nil || v.wait == 0 {
		return err
	}
	return jobs.Later(v.wait)
}

// outcomes are an attempt's by what it leaves the event as, for the metrics.
var outcomes = map[webhookdelivery.Status]string{
	webhookdelivery.StatusDELIVERED: "delivered", webhookdelivery.StatusQUEUED: "again", webhookdelivery.StatusFAILED: "failed",
}

// claim takes the attempt after those that the row knows of.
func (s *Service) claim(ctx context.Context, row *ent.WebhookDelivery, now time.Time) (bool, error) {
	n, err := s.DB.WebhookDelivery.Update().
		Where(webhookdelivery.ID(row.ID), webhookdelivery.StatusEQ(webhookdelivery.StatusQUEUED), webhookdelivery.Round(row.Round), webhookdelivery.Attempts(row.Attempts), webhookdelivery.DueAtLTE(now)).
		SetAttempts(row.Attempts + 1).SetDueAt(now.Add(lease)).Save(ctx)
	if err != nil {
		return false, fmt.Errorf("begin with an attempt: %w", err)
	}
	return n == 1, nil
}

// unsent leaves an event cancelled whose job an administrator has cancelled.
func (s *Service) unsent(ctx context.Context, tx *db.Tx, d Due) error {
	_, err := s.cancel(ctx, tx, d.Event, webhookdelivery.Round(d.Round))
	return err
}
