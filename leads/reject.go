package leads

import (
	"context"
	"errors"

	"channelbook/ent"
	"channelbook/ent/lead"
	"channelbook/ent/leadevent"
	"channelbook/internal/auth"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// Rejection says why nothing came of a lead.
type Rejection struct {
	LeadID  gid.ID
	Reason  string
	Comment string // may be empty
}

// Reject closes a lead without a sale: NEW or IN_PROGRESS → REJECTED, by an administrator or a user of the distributor
// whose lead it is. Faults: of kind Invalid, all at once; NotFound, LEAD_STATUS.
func (s *Service) Reject(ctx context.Context, in Rejection) (*ent.Lead, error) {
	if _, err := auth.Require(ctx, auth.Admin, auth.Distributor); err != nil {
		return nil, err
	}
	if err := errors.Join(needed("reason", &in.Reason, maxReason), optional("comment", &in.Comment, maxNote)); err != nil {
		return nil, err
	}
	return s.act(ctx, in.LeadID, open, func(ctx context.Context, h *held) error {
		h.did(audit.LeadRejected, h.ID, nil)
		h.event(leadevent.KindREJECTED, h.DistributorID, textRejected(in.Reason, in.Comment))
		return h.set().SetStatus(lead.StatusREJECTED).SetClosedAt(h.now).Exec(ctx)
	})
}
