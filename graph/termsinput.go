package graph

import (
	"context"
	"errors"

	"channelbook/ent"
	"channelbook/graph/model"
	"channelbook/internal/gid"
)

// setTerms tells all that is wrong with the form at once, a sum that is none with the rest.
func (r *Resolver) setTerms(ctx context.Context, in model.SetDistributorTermsInput) (*ent.Distributor, error) {
	terms, wrong := distributorTerms(in)
	if wrong != nil {
		return nil, errors.Join(wrong, terms.Check())
	}
	return r.Distributors.SetTerms(ctx, referredID(gid.Distributor, in.DistributorID), terms)
}
