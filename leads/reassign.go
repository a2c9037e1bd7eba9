package leads

import (
	"context"
	"fmt"
	"slices"

	"channelbook/ent"
	"channelbook/ent/distributor"
	"channelbook/ent/lead"
	"channelbook/ent/leadevent"
	"channelbook/internal/auth"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/notify"
	"channelbook/personaldata/audit"
)

// Reassign gives a lead, NEW or IN_PROGRESS, to another distributor as NEW, by an administrator: to the one named,
// who must be active, else (nil) to the next by round robin that has not declined it. The reason may be empty. Faults:
// of kind Invalid; NotFound on leadId or distributorId, LEAD_STATUS, PROCESSING_RESTRICTED, DISTRIBUTOR_SUSPENDED, DISTRIBUTOR_DECLINED,
// SAME_DISTRIBUTOR, NO_DISTRIBUTOR_LEFT.
func (s *Service) Reassign(ctx context.Context, id gid.ID, distributorID *gid.ID, reason string) (*ent.Lead, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	if err := optional("reason", &reason, maxReason); err != nil {
		return nil, err
	}
	return s.act(ctx, id, open, func(ctx context.Context, h *held) error {
		if err := h.processable(ctx); err != nil {
			return err
		}
		to, err := h.other(ctx, distributorID)
		if err != nil {
			return err
		}
		h.did(audit.LeadReassigned, h.ID, nil)
		given := because(textGiven, textGivenWhy, reason)
		if h.DistributorID != nil {
			h.event(leadevent.KindUNASSIGNED, h.DistributorID, because(textWithdrawn, textWithdrawnWhy, reason))
			h.tell(notify.LeadWithdrawn(h.told()), notify.To{Distributor: *h.DistributorID})
			given = textGiven // what was said to the one is not for the other
		}
		update := h.set().SetStatus(lead.StatusNEW).ClearTakenAt()
		h.assign(update, to, given)
		return update.Exec(ctx)
	})
}

// other is the distributor that a held lead is to go to instead of its own.
func (h *held) other(ctx context.Context, named *gid.ID) (*gid.ID, error) {
	if named == nil {
		to, err := h.next(ctx)
		if err != nil {
			return nil, fmt.Errorf("hand on a lead: %w", err)
		}
		if to == nil {
			return nil, fault.Coded(fault.Conflict, "NO_DISTRIBUTOR_LEFT", "distributorId", "There is no other active distributor that has not declined the lead.")
		}
		return to, nil
	}
	if h.DistributorID != nil && *h.DistributorID == *named {
		return nil, fault.Coded(fault.Conflict, "SAME_DISTRIBUTOR", "distributorId", "The lead is this distributor's already.")
	}
	_, declined, err := h.rules(ctx)
	if err != nil {
		return nil, err
	}
	if slices.Contains(declined, *named) {
		return nil, fault.Coded(fault.Conflict, "DISTRIBUTOR_DECLINED", "distributorId", "This distributor has declined the lead.")
	}
	row, err := steady(h.tx, *named).Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return nil, fault.New(fault.NotFound, "distributorId", "There is no such distributor.")
	case err != nil:
		return nil, fmt.Errorf("read the distributor: %w", err)
	case row.Status != distributor.StatusACTIVE:
		return nil, fault.Coded(fault.Conflict, "DISTRIBUTOR_SUSPENDED", "distributorId", "This distributor is suspended.")
	}
	return named, nil
}
