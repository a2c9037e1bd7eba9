package distributors

import (
	"context"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/distributor"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// Suspend passes a company over when leads are handed out; it keeps the leads that it has. Of two at once one wins,
// and the other gets a fault of kind Conflict, ALREADY_SUSPENDED.
func (s *Service) Suspend(ctx context.Context, id gid.ID) (*ent.Distributor, error) {
	return s.move(ctx, id, distributor.StatusSUSPENDED,
		fault.Coded(fault.Conflict, "ALREADY_SUSPENDED", "id", "This distributor is suspended already."))
}

// Activate lets a suspended company get leads again. One that does so already is a fault of kind Conflict,
// ALREADY_ACTIVE.
func (s *Service) Activate(ctx context.Context, id gid.ID) (*ent.Distributor, error) {
	return s.move(ctx, id, distributor.StatusACTIVE,
		fault.Coded(fault.Conflict, "ALREADY_ACTIVE", "id", "This distributor is active already."))
}

// move brings a company to a status; one that stands there gets already.
func (s *Service) move(ctx context.Context, id gid.ID, to distributor.Status, already error) (*ent.Distributor, error) {
	return s.change(ctx, id, func(tx *db.Tx, old *ent.Distributor) error {
		switch {
		case old == nil:
			return unknown()
		case old.Status == to:
			return already
		}
		if err := tx.Distributor.UpdateOneID(id).SetStatus(to).SetUpdatedAt(s.Now()).Exec(ctx); err != nil {
			return fmt.Errorf("change the status of a distributor: %w", err)
		}
		act := audit.Act{Action: audit.DistributorActivated}
		if to == distributor.StatusSUSPENDED {
			act.Action = audit.DistributorSuspended
		}
		return s.record(ctx, tx, id, act)
	})
}
