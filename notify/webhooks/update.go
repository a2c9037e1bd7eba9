package webhooks

import (
	"context"
	"errors"
	"fmt"

	"channelbook/ent"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// Update changes what a form gives; what waits goes by what holds then. Whose events it gets never changes: what waits, and what may
// be sent again, is theirs. One that is switched off gets nothing new and is not called, one that is switched on again is sent what
// has waited. By an administrator. Faults are those of Form.check, and NotFound on id.
func (s *Service) Update(ctx context.Context, id gid.ID, f Form) (row *ent.Webhook, err error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	wrong := s.check(&f)
	err = db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		was, missing := find(ctx, tx, id)
		if err := errors.Join(wrong, missing); err != nil {
			return err
		}
		update := f.change(tx.Webhook.UpdateOne(was).SetUpdatedAt(s.Now()))
		changed := audit.Fields(update.Mutation())
		if row, err = update.Save(ctx); err != nil {
			return fmt.Errorf("change a webhook: %w", err)
		}
		if row.Enabled && !was.Enabled {
			if err := s.release(ctx, tx, id); err != nil {
				return err
			}
		}
		return s.recorded(ctx, tx, id, audit.WebhookUpdated, changed)
	})
	if err != nil {
		return nil, err
	}
	return row.Unwrap(), nil
}

func (f Form) change(update *ent.WebhookUpdateOne) *ent.WebhookUpdateOne {
	if f.Events != nil {
		update.SetEvents(f.Events)
	}
	return update.SetNillableName(f.Name).SetNillableURL(f.URL).SetNillableEnabled(f.Enabled)
}

// find reads a webhook that an act is about.
func find(ctx context.Context, tx *db.Tx, id gid.ID) (*ent.Webhook, error) {
	row, err := tx.Webhook.Get(ctx, id)
	switch {
	case ent.IsNotFound(err):
		return nil, fault.New(fault.NotFound, "id", "There is no such webhook.")
	case err != nil:
		return nil, fmt.Errorf("read a webhook: %w", err)
	}
	return row, nil
}
