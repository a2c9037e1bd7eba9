package leads

import (
	"context"
	"fmt"
	"slices"

	"channelbook/ent"
	"channelbook/ent/leadevent"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// place finds a distributor for a held lead that is nobody's: its source's own if that one is active, else by round
// robin. Nobody that declined the lead gets it again, and a test lead takes nobody's turn. It returns nil where nobody
// is left.
func (h *held) place(ctx context.Context) (*gid.ID, error) {
	source, declined, err := h.rules(ctx)
	if err != nil {
		return nil, err
	}
	if own := source.DistributorID; own != nil && !slices.Contains(declined, *own) {
		if active, err := isActive(ctx, h.tx, *own); err != nil || active {
			return own, err
		}
	}
	return h.roundRobin(ctx, source, declined)
}

// next finds another distributor for a held lead, by round robin. It returns nil where nobody is left.
func (h *held) next(ctx context.Context) (*gid.ID, error) {
	source, except, err := h.rules(ctx)
	if err != nil {
		return nil, err
	}
	if h.DistributorID != nil {
		except = append(except, *h.DistributorID)
	}
	return h.roundRobin(ctx, source, except)
}

func (h *held) roundRobin(ctx context.Context, source *ent.LeadSource, except []gid.ID) (*gid.ID, error) {
	if h.IsTest {
		return nil, nil
	}
	id, err := circle{allowed: source.AllowedDistributorIds, except: except}.roundRobin(ctx, h.tx)
	if err != nil || id.IsZero() {
		return nil, err
	}
	return &id, nil
}

// rules are the lead's source, and who declined the lead.
func (h *held) rules(ctx context.Context) (source *ent.LeadSource, declined []gid.ID, err error) {
	if source, err = h.tx.LeadSource.Get(ctx, h.SourceID); err != nil {
		return nil, nil, fmt.Errorf("read the lead's source: %w", err)
	}
	events, err := h.tx.LeadEvent.Query().
		Where(leadevent.LeadID(h.ID), leadevent.KindEQ(leadevent.KindDECLINED), leadevent.DistributorIDNotNil()).
		Select(leadevent.FieldDistributorID).All(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("read who declined the lead: %w", err)
	}
	for _, e := range events {
		declined = append(declined, *e.DistributorID)
	}
	return source, declined, nil
}

// assign makes the held lead to's from now on, nobody's where to is nil, says so on the timeline and
// tells whom it concerns.
func (h *held) assign(update *ent.LeadUpdate, to *gid.ID, text string) {
	h.did(audit.LeadHandedOn, h.ID, wentTo(to))
	h.tellWhose(h.told(), to)
	if to == nil {
		update.ClearDistributorID().ClearAssignedAt()
		h.event(leadevent.KindUNASSIGNED, nil, textUnassigned)
		return
	}
	update.SetDistributorID(*to).SetAssignedAt(h.now)
	h.event(leadevent.KindASSIGNED, to, text)
}
