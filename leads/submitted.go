package leads

import (
	"context"
	"fmt"
	"time"

	"channelbook/ent"
	"channelbook/ent/lead"
	"channelbook/internal/auth"
	"channelbook/internal/gid"
)

// SubmittedLead is what a source may know of a lead that it submitted.
type SubmittedLead struct {
	Outcome   lead.Outcome
	Status    lead.Status
	Payout    *int64 // kopecks; nil unless the source discloses payouts and the lead is sold
	UpdatedAt time.Time
}

// Submitted is the lead behind a reference, for the source that submitted it. It is nil where there is none and where
// it is another source's.
func (s *Service) Submitted(ctx context.Context, reference string) (*SubmittedLead, error) {
	if _, err := auth.Require(ctx, auth.Source); err != nil {
		return nil, err
	}
	id, err := gid.Submission.Parse(reference)
	if err != nil {
		return nil, nil
	}
	found, err := s.DB.Lead.Query().Where(lead.ID(id)).WithSource().Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read a submitted lead: %w", err)
	}
	out := &SubmittedLead{Outcome: found.Outcome, Status: found.Status, UpdatedAt: found.UpdatedAt}
	if found.SoldOn.Known() != nil && found.Edges.Source != nil && found.Edges.Source.DisclosePayouts {
		out.Payout = &found.Payout
	}
	return out, nil
}
