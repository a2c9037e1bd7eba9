package distributors

import (
	"context"
	"fmt"

	"channelbook/ent"
	"channelbook/internal/auth"
	"channelbook/internal/fold"
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
	create := s.DB.Distributor.Create().SetCreatedAt(now).SetUpdatedAt(now)
	if err := patch.write(create.Mutation()); err != nil {
		return nil, err
	}
	row, err := create.Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("create a distributor: %w", err)
	}
	return row, nil
}

// write puts what is given, in its normal form, into a mutation.
func (p *Patch) write(m *ent.DistributorMutation) error {
	if err := p.form().write(m); err != nil {
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
