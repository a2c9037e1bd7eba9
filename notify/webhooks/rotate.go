package webhooks

import (
	"context"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/sealed"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// Rotate gives a webhook a new secret and returns it, the only time that it is seen. For a day the one before signs too; one from
// before that ends at once. By an administrator; a webhook that is not there is NotFound on id.
func (s *Service) Rotate(ctx context.Context, id gid.ID) (row *ent.Webhook, secret string, err error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, "", err
	}
	secret = newSecret()
	err = db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		was, err := find(ctx, tx, id)
		if err != nil {
			return err
		}
		former, err := sealed.WebhookSecret.Open(s.Keys, id, was.SecretSealed)
		if err != nil {
			return fmt.Errorf("open a webhook's secret: %w", err)
		}
		now := s.Now()
		row, err = tx.Webhook.UpdateOne(was).SetSecretSealed(sealed.WebhookSecret.Seal(s.Keys, id, secret)).
			SetFormerSecretSealed(sealed.WebhookFormerSecret.Seal(s.Keys, id, former)).SetFormerUntil(now.Add(overlap)).SetUpdatedAt(now).Save(ctx)
		if err != nil {
			return fmt.Errorf("rotate the secret of a webhook: %w", err)
		}
		return s.recorded(ctx, tx, id, audit.WebhookSecretRotated, nil)
	})
	if err != nil {
		return nil, "", err
	}
	return row.Unwrap(), secret, nil
}
