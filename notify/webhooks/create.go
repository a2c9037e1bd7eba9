package webhooks

import (
	"context"
	"errors"
	"fmt"

	"entgo.io/ent/dialect"

	"channelbook/ent"
	"channelbook/ent/sealed"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// MaxWebhooks is how many there are at most: each is looked at whenever something has happened.
const MaxWebhooks = 50

// countLock is an advisory lock of PostgreSQL for whoever counts webhooks to add one. On SQLite transactions that write take turns anyway.
const countLock = 4_920_110_152_031

// Create registers a webhook, which gets what happens from now on, and returns its secret: the only time that it is seen. By an
// administrator. All faults come at once: those of Form.check, NotFound on distributorId, TOO_MANY of kind Limit.
func (s *Service) Create(ctx context.Context, f Form) (row *ent.Webhook, secret string, err error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, "", err
	}
	f = f.whole()
	wrong := s.check(&f)
	secret = newSecret()
	err = db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		missing, many := needDistributor(ctx, tx, f.DistributorID), room(ctx, tx)
		if err := errors.Join(wrong, missing, many); err != nil {
			return err
		}
		id, now := gid.New(), s.Now()
		row, err = tx.Webhook.Create().SetID(id).SetName(*f.Name).SetURL(*f.URL).SetEvents(f.Events).SetNillableDistributorID(f.DistributorID).
			SetNillableEnabled(f.Enabled).SetSecretSealed(sealed.WebhookSecret.Seal(s.Keys, id, secret)).SetCreatedAt(now).SetUpdatedAt(now).Save(ctx)
		if err != nil {
			return fmt.Errorf("register a webhook: %w", err)
		}
		if err := tx.WebhookState.Create().SetWebhookID(id).Exec(auth.AsSystem(ctx, "register a webhook")); err != nil {
			return fmt.Errorf("begin with a webhook's state: %w", err)
		}
		return s.recorded(ctx, tx, id, audit.WebhookCreated, map[string]string{"host": hostOf(*f.URL)})
	})
	if err != nil {
		return nil, "", err
	}
	return row.Unwrap(), secret, nil
}

// whole is f with nothing left out, for a new webhook.
func (f Form) whole() Form {
	none := ""
	if f.Name == nil {
		f.Name = &none
	}
	if f.URL == nil {
		f.URL = new(string)
	}
	if f.Events == nil {
		f.Events = []string{}
	}
	return f
}

// room tells whether there may be one more, and keeps others from adding one to the end of the transaction.
func room(ctx context.Context, tx *db.Tx) error {
	if tx.Dialect() == dialect.Postgres {
		if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1)", countLock); err != nil {
			return fmt.Errorf("keep others from adding a webhook: %w", err)
		}
	}
	n, err := tx.Webhook.Query().Count(ctx)
	if err != nil {
		return fmt.Errorf("count webhooks: %w", err)
	}
	if n >= MaxWebhooks {
		return fault.Coded(fault.Limit, "TOO_MANY", "", fmt.Sprintf("There are %d webhooks at most: remove one first.", MaxWebhooks))
	}
	return nil
}

// recorded writes what is done to a webhook into the audit, in the transaction that does it.
func (s *Service) recorded(ctx context.Context, tx *db.Tx, id gid.ID, action audit.Action, details map[string]string) error {
	return audit.Record(ctx, tx, s.Now(), audit.Act{Action: action, Object: audit.On(gid.Webhook, id), Details: details})
}
