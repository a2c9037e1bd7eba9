package distributors

import (
	"context"
	"errors"
	"fmt"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/distributor"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// Update changes what patch gives and leaves the rest. All that is wrong with the patch is returned at once, as faults
// of kind Invalid: numbers are held against those that stay, so an account against the BIK that is stored. An id that no
// company has is one of kind NotFound.
func (s *Service) Update(ctx context.Context, id gid.ID, patch Patch) (*ent.Distributor, error) {
	return s.change(ctx, id, func(tx *db.Tx, old *ent.Distributor) error {
		if old == nil {
			return errors.Join(unknown(), patch.form().check(nil))
		}
		if err := patch.form().check(numbersOf(old)); err != nil {
			return err
		}
		update := tx.Distributor.UpdateOneID(id).SetUpdatedAt(s.Now())
		if err := patch.write(update.Mutation(), id, s.Keys); err != nil {
			return err
		}
		act := audit.Act{Action: audit.DistributorUpdated, Details: audit.Fields(update.Mutation())}
		if err := update.Exec(ctx); err != nil {
			return fmt.Errorf("update a distributor: %w", err)
		}
		return s.record(ctx, tx, id, act)
	})
}

// change lets an administrator do something to a company whose row is held to the end of the transaction, so that of two
// changes at once the second is judged by what the first left. old is nil where there is no such company.
func (s *Service) change(ctx context.Context, id gid.ID, do func(tx *db.Tx, old *ent.Distributor) error) (*ent.Distributor, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	err := db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		old, err := locked(ctx, tx, id)
		if err != nil {
			return err
		}
		return do(tx, old)
	})
	if err != nil {
		return nil, err
	}
	row, err := s.DB.Distributor.Get(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read the changed distributor: %w", err)
	}
	return row, nil
}

// locked reads a company and holds its row to the end of the transaction; nil where there is none. On SQLite
// transactions take turns as a whole.
func locked(ctx context.Context, tx *db.Tx, id gid.ID) (*ent.Distributor, error) {
	query := tx.Distributor.Query().Where(distributor.ID(id))
	if tx.Dialect() == dialect.Postgres {
		query.Unique(false).Modify(func(s *sql.Selector) { s.For(sql.LockNoKeyUpdate) })
	}
	row, err := query.Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("lock a distributor: %w", err)
	}
	return row, nil
}
