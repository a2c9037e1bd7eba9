package webhooks

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent/webhookattempt"
	"channelbook/ent/webhookdelivery"
	"channelbook/ent/webhookstate"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// Remove takes a webhook away with its events and their attempts; what waits is not sent any more. By an administrator; a webhook
// that is not there is NotFound on id.
func (s *Service) Remove(ctx context.Context, id gid.ID) error {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return err
	}
	return db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		row, err := find(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := forget(auth.AsSystem(ctx, "remove a webhook"), tx, id); err != nil {
			return err
		}
		if err := tx.Webhook.DeleteOne(row).Exec(ctx); err != nil {
			return fmt.Errorf("remove a webhook: %w", err)
		}
		return s.recorded(ctx, tx, id, audit.WebhookRemoved, map[string]string{"host": hostOf(row.URL)})
	})
}

// forget takes away what belongs to a webhook: its state first, as whoever records an attempt does, and waits for it here.
func forget(ctx context.Context, tx *db.Tx, id gid.ID) error {
	if _, err := tx.WebhookState.Delete().Where(webhookstate.WebhookID(id)).Exec(ctx); err != nil {
		return fmt.Errorf("remove a webhook's state: %w", err)
	}
	_, err := tx.WebhookAttempt.Delete().Where(func(s *sql.Selector) {
		of := sql.Dialect(s.Dialect()).Table(webhookdelivery.Table)
		s.Where(sql.In(s.C(webhookattempt.FieldDeliveryID), sql.Dialect(s.Dialect()).Select(of.C(webhookdelivery.FieldID)).From(of).Where(sql.EQ(of.C(webhookdelivery.FieldWebhookID), id))))
	}).Exec(ctx)
	if err != nil {
		return fmt.Errorf("remove a webhook's attempts: %w", err)
	}
	if _, err := tx.WebhookDelivery.Delete().Where(webhookdelivery.WebhookID(id)).Exec(ctx); err != nil {
		return fmt.Errorf("remove a webhook's events: %w", err)
	}
	return nil
}
