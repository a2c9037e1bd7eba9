package webhooks

import (
	"context"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/webhookdelivery"
	"channelbook/ent/webhookstate"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/internal/jobs"
	"channelbook/personaldata/audit"
)

// Resume has a webhook that was stopped send again: what has waited since, and what comes. By an administrator. Faults: NotFound
// on id, NOT_STOPPED of kind Conflict.
func (s *Service) Resume(ctx context.Context, id gid.ID) (row *ent.Webhook, err error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	err = db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		if row, err = find(ctx, tx, id); err != nil {
			return err
		}
		n, err := tx.WebhookState.Update().Where(webhookstate.WebhookID(id), webhookstate.StoppedAtNotNil()).
			SetFailures(0).ClearStoppedAt().Save(auth.AsSystem(ctx, "resume a webhook"))
		if err != nil {
			return fmt.Errorf("resume a webhook: %w", err)
		}
		if n == 0 {
			return fault.Coded(fault.Conflict, "NOT_STOPPED", "id", "This webhook is not stopped.")
		}
		if row.Enabled {
			if err := s.release(ctx, tx, id); err != nil {
				return err
			}
		}
		return s.recorded(ctx, tx, id, audit.WebhookResumed, nil)
	})
	if err != nil {
		return nil, err
	}
	return row.Unwrap(), nil
}

// release begins a new round of what waits for a webhook. Jobs of the round before end by themselves.
func (s *Service) release(ctx context.Context, tx *db.Tx, id gid.ID) error {
	now := s.Now()
	err := tx.WebhookDelivery.Update().Where(webhookdelivery.WebhookID(id), webhookdelivery.StatusEQ(webhookdelivery.StatusQUEUED)).
		AddRound(1).SetRoundAt(now).SetAttempts(0).SetDueAt(now).Exec(auth.AsSystem(ctx, "send what waits"))
	if err != nil {
		return fmt.Errorf("release what waits for a webhook: %w", err)
	}
	return jobs.Enqueue(ctx, tx, jobs.Job{Args: Waiting{id, now.UnixMicro()}})
}

// enqueueBatch is how many events one transaction enqueues.
const enqueueBatch = 500

// enqueueWaiting enqueues what waits for a webhook.
func (s *Service) enqueueWaiting(ctx context.Context, id gid.ID) error {
	return s.enqueue(ctx, s.DB.WebhookDelivery.Query().Where(webhookdelivery.WebhookID(id)))
}

// enqueue enqueues those of the events that wait, in the order of their ids. What has a job already keeps that.
func (s *Service) enqueue(ctx context.Context, which *ent.WebhookDeliveryQuery) error {
	for after := (gid.ID{}); ; {
		rows, err := which.Clone().Where(webhookdelivery.StatusEQ(webhookdelivery.StatusQUEUED), webhookdelivery.IDGT(after)).
			Order(ent.Asc(webhookdelivery.FieldID)).Limit(enqueueBatch).Select(webhookdelivery.FieldID, webhookdelivery.FieldRound).All(ctx)
		if err != nil {
			return fmt.Errorf("look for events that wait: %w", err)
		}
		if len(rows) == 0 {
			return nil
		}
		after = rows[len(rows)-1].ID
		due := make([]jobs.Job, len(rows))
		for i, row := range rows {
			due[i] = jobs.Job{Args: Due{Event: row.ID, Round: row.Round}}
		}
		if err := db.WithTx(ctx, s.DB, func(tx *db.Tx) error { return jobs.Enqueue(ctx, tx, due...) }); err != nil {
			return err
		}
	}
}
