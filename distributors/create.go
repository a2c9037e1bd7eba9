package distributors

import (
	"context"
	"fmt"

	"channelbook/ent"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fold"
	"channelbook/internal/gid"
	"channelbook/internal/seal"
	"channelbook/personaldata/audit"
)

// Create stores a new company, which gets leads from now on. All that is wrong with the input is returned at once, as
// faults of kind Invalid with paths such as "bankDetails.bik".
func (s *Service) Create(ctx context.Context, in Input) (*ent.Distributor, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	patch := in.patch()
	if err := patch.form().check(nil); err != nil {
		return nil, err
	}
	now := s.Now()
	id := gid.New()
	var made *ent.Distributor
	err := db.WithTx(ctx, s.DB, func(tx *db.Tx) (err error) {
		create := tx.Distributor.Create().SetID(id).SetCreatedAt(now).SetUpdatedAt(now)
		if err := patch.write(create.Mutation(), id, s.Keys); err != nil {
			return err
		}
		if made, err = create.Save(ctx); err != nil {
			return fmt.Errorf("create a distributor: %w", err)
		}
		return s.record(ctx, tx, id, audit.Act{Action: audit.DistributorCreated})
	})
	if err != nil {
		return nil, err
	}
	return made.Unwrap(), nil
}

// write puts what is given, in its normal form, into a mutation.
func (p *Patch) write(m *ent.DistributorMutation, id gid.ID, keys seal.Keys) error {
	if err := p.form().write(row{m, id, keys}); err != nil {
		return err
	}
	if p.CompanyName != nil {
		m.SetCompanyNameFold(fold.Name(*p.CompanyName))
	}
	switch day := p.ContractSignedOn; {
	case day == nil:
	case day.IsZero():
		m.ClearContractSignedOn()
	default:
		m.SetContractSignedOn(day)
	}
	return nil
}
