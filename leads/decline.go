package leads

import (
	"context"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/lead"
	"channelbook/ent/leadevent"
	"channelbook/internal/auth"
	"channelbook/internal/gid"
	"channelbook/notify"
	"channelbook/personaldata/audit"
)

// Decline is a distributor's word that it will not work a lead.
type Decline struct {
	LeadID    gid.ID
	Reason    string
	Contacted bool // whether the client was contacted
}

// Decline gives a lead back, NEW or IN_PROGRESS, by a user of the distributor whose lead it is. It goes to the next by
// round robin as NEW, never to one that declined it; where nobody is left, to nobody. The lead is gone from the
// viewer's sight, so what is returned is nil. Faults: of kind Invalid; NotFound, LEAD_STATUS,
// PROCESSING_RESTRICTED.
func (s *Service) Decline(ctx context.Context, in Decline) (*ent.Lead, error) {
	if _, err := auth.Require(ctx, auth.Distributor); err != nil {
		return nil, err
	}
	if err := needed("reason", &in.Reason, maxReason); err != nil {
		return nil, err
	}
	return s.act(ctx, in.LeadID, open, func(ctx context.Context, h *held) error {
		if err := h.processable(ctx); err != nil {
			return err
		}
		h.did(audit.LeadDeclined, h.ID, wentTo(h.DistributorID))
		h.event(leadevent.KindDECLINED, h.DistributorID, textDeclined(in.Reason, in.Contacted))
		to, err := h.next(ctx)
		if err != nil {
			return fmt.Errorf("hand on a declined lead: %w", err)
		}
		if err := h.tellOfDecline(ctx, in, to); err != nil {
			return err
		}
		update := h.set().SetStatus(lead.StatusNEW).ClearTakenAt()
		h.assign(update, to, textAssigned)
		return update.Exec(ctx)
	})
}

// tellOfDecline tells administrators who has the lead now, and the colleagues of who declined it that it is not theirs any more.
func (h *held) tellOfDecline(ctx context.Context, in Decline, to *gid.ID) (err error) {
	next := ""
	if to != nil {
		if next, err = h.company(ctx, *to); err != nil {
			return err
		}
	}
	by := func(company string) notify.Event { return notify.LeadDeclinedBy(company, h.told(), in.Contacted, next) }
	return h.tellBoth(ctx, by, notify.LeadDeclined(h.told()))
}

// open are the statuses of a lead that is being worked.
var open = []lead.Status{lead.StatusNEW, lead.StatusIN_PROGRESS}
