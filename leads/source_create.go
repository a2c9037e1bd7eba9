package leads

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/leadsource"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/personaldata/audit"
)

// CreateSource stores a new lead source, which may submit leads from now on, and returns its key: the only time that
// the key is seen, as only its hash is kept. Administrators only. All that is wrong with the input is returned at
// once: faults of kind Invalid, and of kind NotFound for a distributor that is not there.
func (s *Service) CreateSource(ctx context.Context, in SourceInput) (row *ent.LeadSource, key string, err error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, "", err
	}
	made := newSourceKey()
	err = db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		patch, err := in.checked(ctx, tx)
		if err != nil {
			return err
		}
		now := s.Now()
		create := tx.LeadSource.Create().SetKind(in.kind()).SetKeyHash(made.hash()).SetKeyHint(made.hint()).
			SetCreatedAt(now).SetUpdatedAt(now)
		if err := patch.write(create.Mutation()); err != nil {
			return fmt.Errorf("describe a lead source: %w", err)
		}
		if row, err = create.Save(ctx); err != nil {
			return fmt.Errorf("create a lead source: %w", err)
		}
		return s.recordSource(ctx, tx, row.ID, audit.SourceCreated, nil)
	})
	if err != nil {
		return nil, "", err
	}
	return row.Unwrap(), string(made), nil
}

func (in SourceInput) kind() leadsource.Kind { return cmp.Or(in.Kind, leadsource.DefaultKind) }

// checked is the source that in describes, or all that is wrong with it at once.
func (in SourceInput) checked(ctx context.Context, tx *db.Tx) (SourcePatch, error) {
	var f faults
	if leadsource.KindValidator(in.kind()) != nil {
		f.add("INVALID_VALUE", "kind", "This is none of GENERIC, VK, GOOGLE.")
	}
	patch := f.source(in.patch(), in.kind(), 1)
	if err := f.sourceDistributors(ctx, tx, patch); err != nil {
		return SourcePatch{}, err
	}
	if err := f.terms(ctx, tx, patch, in.fresh()); err != nil {
		return SourcePatch{}, err
	}
	return patch, errors.Join(f.list...)
}
