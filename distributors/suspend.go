package distributors

import (
	"context"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/distributor"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
)

// Suspend passes a company over when leads are handed out; it keeps the leads that it has. Of two at once one wins,
// and the other gets a fault of kind Conflict, ALREADY_SUSPENDED.
func (s *Service) Suspend(ctx context.Context, id gid.ID) (*ent.Distributor, error) {
	return s.change(ctx, id, distributor.StatusSUSPENDED,
		fault.Coded(fault.Conflict, "ALREADY_SUSPENDED", "id", "This distributor is suspended already."))
}

// Activate lets a suspended company get leads again. One that does so already is a fault of kind Conflict,
// ALREADY_ACTIVE.
func (s *Service) Activate(ctx context.Context, id gid.ID) (*ent.Distributor, error) {
	return s.change(ctx, id, distributor.StatusACTIVE,
		fault.Coded(fault.Conflict, "ALREADY_ACTIVE", "id", "This distributor is active already."))
}

// change moves a company to a status by an update that only one of several at once can do; the others, and whoever
// comes when it stands there, get already.
func (s *Service) change(ctx context.Context, id gid.ID, to distributor.Status, already error) (row *ent.Distributor, err error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	err = db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		n, err := tx.Distributor.Update().Where(distributor.ID(id), distributor.StatusNEQ(to)).
			SetStatus(to).SetUpdatedAt(s.Now()).Save(ctx)
		if err != nil {
			return fmt.Errorf("change the status of a distributor: %w", err)
		}
		row, err = tx.Distributor.Get(ctx, id)
		switch {
		case ent.IsNotFound(err):
			return unknown()
		case err != nil:
			return fmt.Errorf("read a distributor: %w", err)
		case n == 0:
			return already
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return row.Unwrap(), nil
}
