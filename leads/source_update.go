package leads

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

// UpdateSource changes what patch gives and leaves the rest; what comes in afterwards is judged by it. Administrators
// only. All that is wrong with the patch is returned at once: faults of kind Invalid, and of kind NotFound for a
// distributor that is not there; a source that is not there is NotFound on "id".
func (s *Service) UpdateSource(ctx context.Context, id gid.ID, patch SourcePatch) (row *ent.LeadSource, err error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	err = db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		source, err := findSource(ctx, tx, id)
		if err != nil {
			return err
		}
		checked, err := patch.checked(ctx, tx, source)
		if err != nil {
			return err
		}
		update := tx.LeadSource.UpdateOne(source).SetUpdatedAt(s.Now())
		if err := checked.write(update.Mutation()); err != nil {
			return fmt.Errorf("describe a lead source: %w", err)
		}
		changed := audit.Fields(update.Mutation())
		if row, err = update.Save(ctx); err != nil {
			return fmt.Errorf("update a lead source: %w", err)
		}
		return s.recordSource(ctx, tx, id, audit.SourceUpdated, changed)
	})
	if err != nil {
		return nil, err
	}
	return row.Unwrap(), nil
}

// checked is p in its normal form, or all that is wrong with it for a source at once.
func (p SourcePatch) checked(ctx context.Context, tx *db.Tx, source *ent.LeadSource) (SourcePatch, error) {
	var f faults
	p = f.source(p, source.Kind, 0)
	if err := f.sourceDistributors(ctx, tx, p); err != nil {
		return SourcePatch{}, err
	}
	if err := f.terms(ctx, tx, p, source); err != nil {
		return SourcePatch{}, err
	}
	return p, errors.Join(f.list...)
}

// recordSource writes what is done to a source into the audit, in the transaction that does it.
func (s *Service) recordSource(ctx context.Context, tx *db.Tx, id gid.ID, action audit.Action, details map[string]string) error {
	return audit.Record(ctx, tx, s.Now(), audit.Act{Action: action, Object: audit.On(gid.LeadSource, id), Details: details})
}

// findSource reads a source that an act is about.
func findSource(ctx context.Context, tx *db.Tx, id gid.ID) (*ent.LeadSource, error) {
	source, err := tx.LeadSource.Get(ctx, id)
	switch {
	case ent.IsNotFound(err):
		return nil, fault.New(fault.NotFound, "id", "There is no such lead source.")
	case err != nil:
		return nil, fmt.Errorf("read a lead source: %w", err)
	}
	return source, nil
}
