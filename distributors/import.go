package distributors

import (
	"context"
	"errors"
	"fmt"

	"entgo.io/ent/dialect"

	"channelbook/ent/distributor"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/internal/requisites"
	"channelbook/personaldata/audit"
)

// importLock is PostgreSQL's advisory lock of those who look for an INN before they make its company. On SQLite no two
// transactions write at once.
const importLock = 4_920_110_152_041

// CheckImported brings the requisites of a company of a file into their normal form, or returns all that is wrong with them: an
// imported company has its INN, by which a repeat is known.
func CheckImported(in Input) (Input, error) {
	patch := in.patch()
	err := patch.form().check(nil)
	if in.INN == "" {
		err = errors.Join(fault.Coded(fault.Invalid, "REQUIRED", requisites.FieldINN, "An imported company has its INN."), err)
	}
	if err == nil {
		in.INN, in.CompanyName = *patch.INN, *patch.CompanyName
	}
	return in, err
}

// Import stores a company of a file, unless there is one with its INN, which stays as it is. Of any number of equal ones at once one is
// stored. also runs in the same transaction, told whether it was stored; what it returns ends the transaction. Faults are those of CheckImported.
func (s *Service) Import(ctx context.Context, in Input, also func(ctx context.Context, tx *db.Tx, made bool) error) error {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return err
	}
	if _, err := CheckImported(in); err != nil {
		return err
	}
	patch := in.patch()
	if err := patch.form().check(nil); err != nil { // which also brings it into its normal form
		return err
	}
	return db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		if tx.Dialect() == dialect.Postgres {
			if _, err := tx.ExecContext(ctx, fmt.Sprintf("SELECT pg_advisory_xact_lock(%d)", importLock)); err != nil {
				return fmt.Errorf("wait for other imports: %w", err)
			}
		}
		there, err := tx.Distributor.Query().Where(distributor.Inn(*patch.INN)).Exist(ctx)
		if err != nil {
			return fmt.Errorf("look for the INN: %w", err)
		}
		if !there {
			if err := s.create(ctx, tx, gid.New(), &patch); err != nil {
				return err
			}
		}
		return also(ctx, tx, !there)
	})
}

// create writes a company whose texts are in their normal form.
func (s *Service) create(ctx context.Context, tx *db.Tx, id gid.ID, patch *Patch) error {
	now := s.Now()
	create := tx.Distributor.Create().SetID(id).SetCreatedAt(now).SetUpdatedAt(now)
	if err := patch.write(create.Mutation(), id, s.Keys); err != nil {
		return err
	}
	if err := create.Exec(ctx); err != nil {
		return fmt.Errorf("create a distributor: %w", err)
	}
	return s.record(ctx, tx, id, audit.Act{Action: audit.DistributorCreated})
}
