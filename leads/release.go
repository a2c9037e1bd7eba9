package leads

import (
	"context"
	"errors"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/lead"
	"channelbook/ent/leadevent"
	"channelbook/ent/leadsource"
	"channelbook/internal/auth"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// Release lets a lead in that was held back, by an administrator who says why: QUARANTINED or OVER_CAP → NEW, past the cap,
// and handed out. One without a legal basis gets the one that the administrator names; for others basis may be nil. Faults:
// of kind Invalid, among them BASIS_REQUIRED and those of consent.Record below "basis.consent"; NotFound, LEAD_STATUS;
// PROCESSING_RESTRICTED; DUPLICATE_LEAD, of kind Conflict, where by the source's policy an equal lead has been accepted meanwhile. Of a release and any number of equal
// submissions at once exactly one brings a lead in.
func (s *Service) Release(ctx context.Context, id gid.ID, reason string, basis *Basis) (*ent.Lead, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	if err := errors.Join(needed("reason", &reason, maxReason), basis.check()); err != nil {
		return nil, err
	}
	from := []lead.Status{lead.StatusQUARANTINED, lead.StatusOVER_CAP}
	return s.act(ctx, id, from, func(ctx context.Context, h *held) error {
		if err := h.found(ctx, basis); err != nil {
			return err
		}
		if err := h.processable(ctx); err != nil {
			return err
		}
		h.acts = append(h.acts, audit.Act{Action: audit.LeadReleased, Object: audit.On(gid.Lead, h.ID), Reason: h.LegalBasis.String()})
		h.event(leadevent.KindRELEASED, h.DistributorID, fmt.Sprintf(textReleased, reason))
		return s.release(ctx, h)
	})
}

// release makes the intake's check of duplicates under the intake's locks, and lets the lead in.
func (s *Service) release(ctx context.Context, h *held) error {
	source, err := h.tx.LeadSource.Get(ctx, h.SourceID)
	if err != nil {
		return fmt.Errorf("read the lead's source: %w", err)
	}
	contacts, err := s.contactsOf(h.Lead)
	if err != nil {
		return err
	}
	like := likeness{Contacts: contacts, keys: s.Keys, test: h.IsTest, source: source, since: window(source, h.ReceivedAt)}
	if err := lockRows(ctx, h.tx, h.now, s.contactLocks(like.Contacts, h.IsTest, source)); err != nil {
		return err
	}
	update := h.set().SetStatus(lead.StatusNEW)
	to, err := h.place(ctx)
	if err != nil {
		return fmt.Errorf("hand out a released lead: %w", err)
	}
	switch {
	case source.DuplicateScope == leadsource.DuplicateScopeBASE:
	case to == nil:
		like.stray = true
	default:
		like.among = *to
	}
	if err := like.refuse(ctx, h); err != nil {
		return err
	}
	h.assign(update, to, textAssigned)
	return update.Exec(ctx)
}

// refuse is the fault that names the lead which is there already; nil where there is none.
func (l likeness) refuse(ctx context.Context, h *held) error {
	found, err := l.earliest(ctx, h.tx)
	if err != nil || found == nil {
		return err
	}
	return fault.Coded(fault.Conflict, "DUPLICATE_LEAD", "leadId",
		fmt.Sprintf("An equal lead has been accepted: %s.", gid.Lead.Format(found.ID)))
}

// contactsOf opens the contacts of a lead.
func (s *Service) contactsOf(l *ent.Lead) (Contacts, error) {
	system, eyes := auth.Viewer{Role: auth.System}, Eyes{Keys: s.Keys}
	phone, phoneErr := eyes.Phone(system, l)
	email, emailErr := eyes.Email(system, l)
	return Contacts{Phone: phone, Email: email, IP: eyes.IP(system, l)}, errors.Join(phoneErr, emailErr)
}
