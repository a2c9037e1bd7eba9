package distributors

import (
	"context"
	"fmt"

	"channelbook/ent"
	"channelbook/internal/auth"
	"channelbook/internal/gid"
)

// Update changes what patch gives and leaves the rest. All that is wrong with the patch is returned at once, as faults
// of kind Invalid; an id that no company has is one of kind NotFound.
func (s *Service) Update(ctx context.Context, id gid.ID, patch Patch) (*ent.Distributor, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	patch, err := patch.checked()
	if err != nil {
		return nil, err
	}
	update := s.DB.Distributor.UpdateOneID(id).SetUpdatedAt(s.Now())
	if err := patch.write(update.Mutation()); err != nil {
		return nil, err
	}
	row, err := update.Save(ctx)
	switch {
	case ent.IsNotFound(err):
		return nil, unknown()
	case err != nil:
		return nil, fmt.Errorf("update a distributor: %w", err)
	}
	return row, nil
}
