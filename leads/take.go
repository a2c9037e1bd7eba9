package leads

import (
	"context"

	"channelbook/ent"
	"channelbook/ent/lead"
	"channelbook/ent/leadevent"
	"channelbook/internal/auth"
	"channelbook/internal/gid"
	"channelbook/notify"
	"channelbook/personaldata/audit"
)

// Take puts a lead into work: NEW → IN_PROGRESS, by a user of the distributor whose lead it is. Faults: NotFound,
// LEAD_STATUS, PROCESSING_RESTRICTED.
func (s *Service) Take(ctx context.Context, id gid.ID) (*ent.Lead, error) {
	if _, err := auth.Require(ctx, auth.Distributor); err != nil {
		return nil, err
	}
	return s.act(ctx, id, []lead.Status{lead.StatusNEW}, func(ctx context.Context, h *held) error {
		if err := h.processable(ctx); err != nil {
			return err
		}
		h.did(audit.LeadTaken, h.ID, wentTo(h.DistributorID))
		h.event(leadevent.KindTAKEN, h.DistributorID, textTaken)
		by := func(company string) notify.Event { return notify.LeadTakenBy(company, h.told()) }
		if err := h.tellBoth(ctx, by, notify.LeadTaken(h.told())); err != nil {
			return err
		}
		return h.set().SetStatus(lead.StatusIN_PROGRESS).SetTakenAt(h.now).Exec(ctx)
	})
}
