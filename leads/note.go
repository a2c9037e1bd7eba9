package leads

import (
	"context"

	"channelbook/ent"
	"channelbook/ent/leadevent"
	"channelbook/internal/auth"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// AddNote writes a line of a person's own on the timeline, by an administrator or a user of the distributor whose lead
// it is; that distributor reads either's. Faults: of kind Invalid; NotFound.
func (s *Service) AddNote(ctx context.Context, id gid.ID, text string) (*ent.Lead, error) {
	if _, err := auth.Require(ctx, auth.Admin, auth.Distributor); err != nil {
		return nil, err
	}
	if err := needed("text", &text, maxNote); err != nil {
		return nil, err
	}
	return s.act(ctx, id, nil, func(_ context.Context, h *held) error {
		h.did(audit.LeadNoted, h.ID, nil)
		h.event(leadevent.KindNOTE, h.DistributorID, text)
		return nil
	})
}
