package leads

import (
	"context"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/lead"
	"channelbook/ent/leadevent"
	"channelbook/internal/auth"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// Reopen has a lead worked after all, by an administrator: REJECTED → IN_PROGRESS, BLOCKED or DUPLICATE → NEW. One
// without a distributor is handed out, as NEW. A duplicate is one no longer, by the administrator's word. The reason may be empty. Faults:
// of kind Invalid; NotFound, LEAD_STATUS; PROCESSING_RESTRICTED; DUPLICATE_LEAD for a blocked lead whose equal has been accepted.
func (s *Service) Reopen(ctx context.Context, id gid.ID, reason string) (*ent.Lead, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	if err := optional("reason", &reason, maxReason); err != nil {
		return nil, err
	}
	from := []lead.Status{lead.StatusREJECTED, lead.StatusBLOCKED, lead.StatusDUPLICATE}
	return s.act(ctx, id, from, func(ctx context.Context, h *held) error {
		if err := h.processable(ctx); err != nil {
			return err
		}
		to := lead.StatusNEW
		if h.Status == lead.StatusREJECTED && h.DistributorID != nil { // who gets it now has to take it first
			to = lead.StatusIN_PROGRESS
		}
		h.did(audit.LeadReopened, h.ID, nil)
		h.event(leadevent.KindREOPENED, h.DistributorID, because(textReopened, textReopenedWhy, reason))
		if h.Status == lead.StatusBLOCKED {
			return s.release(ctx, h) // it was never looked at for duplicates
		}
		return h.revive(ctx, to)
	})
}

// revive puts a held lead back among those that are worked, and hands it out if it is nobody's.
func (h *held) revive(ctx context.Context, status lead.Status) error {
	update := h.set().SetStatus(status).ClearClosedAt().ClearDuplicateOfID()
	if h.DistributorID == nil {
		update.ClearTakenAt()
		to, err := h.place(ctx)
		if err != nil {
			return fmt.Errorf("hand out a revived lead: %w", err)
		}
		h.assign(update, to, textAssigned)
	}
	return update.Exec(ctx)
}
