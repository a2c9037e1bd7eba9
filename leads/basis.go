package leads

import (
	"context"
	"fmt"

	"channelbook/ent"
	consententity "channelbook/ent/consent"
	"channelbook/ent/lead"
	"channelbook/ent/leadevent"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/personaldata/audit"
	"channelbook/personaldata/consent"
)

// terms are what the leads of one transaction are weighed by.
type terms struct {
	consent.Terms
	texts consent.Texts
}

// readTerms finds the texts that candidates name. It costs a statement only where one of them is not known yet.
func (s *Service) readTerms(ctx context.Context, tx *db.Tx, source *ent.LeadSource, candidates []candidate) (t terms, err error) {
	if t.Terms, err = consent.TermsOf(source); err != nil {
		return t, err
	}
	proofs := make([]consent.Proof, len(candidates))
	for i := range candidates {
		proofs[i] = candidates[i].proof()
	}
	t.texts, err = s.gate.Texts(ctx, tx, t.Terms, proofs)
	return t, err
}

func (c *candidate) proof() consent.Proof {
	return consent.Proof{Consent: c.Consent, Advertising: c.Advertising, Form: c.Funnel, IP: c.IP}
}

// weighConsent settles on what the lead may be processed, whatever its outcome: a duplicate may be reopened.
func (in *intake) weighConsent() {
	in.stands = in.terms.Weigh(in.terms.texts, in.candidate.proof(), in.now)
}

// noteAdvertising says what became of a consent to advertising, where one came.
func (in *intake) noteAdvertising() {
	switch why := in.stands.Advertising; {
	case in.candidate.Advertising == nil:
	case why != "":
		in.note(stepAdvertising, skipped, "", "not recorded: "+why)
	default:
		in.note(stepAdvertising, passed, "", "text version "+in.candidate.Advertising.TextVersion)
	}
}

// checkConsent holds back a lead that may not be processed: nobody gets it and nobody is told.
func (in *intake) checkConsent(context.Context) error {
	defer in.noteAdvertising()
	if in.stands.Basis == "" {
		in.decided(lead.OutcomeQUARANTINED, stepConsent, in.stands.Rule, in.stands.Detail)
		return nil
	}
	in.note(stepConsent, passed, in.stands.Rule, in.stands.Detail)
	return nil
}

// processable refuses a held lead that nobody may be given or work: its subject withdrew the consent, or the consents that
// it stands on have run out, or it has no legal basis. Whoever withdraws holds the same row, so that of the two the second
// finds what the first did.
func (h *held) processable(ctx context.Context) error {
	refuse := func(why string) error { return fault.Coded(fault.Conflict, "PROCESSING_RESTRICTED", "leadId", why) }
	switch {
	case h.RestrictedAt != nil:
		return refuse("The lead's processing is restricted: it is kept until it is destroyed, and for nothing else.")
	case h.LegalBasis == nil:
		return refuse("The lead has no legal basis: record a consent first.")
	case *h.LegalBasis != lead.LegalBasisCONSENT:
		return nil
	}
	over, err := h.consentOver(ctx)
	if err == nil && over {
		err = refuse("The term of the lead's consent is over: record a new one first.")
	}
	return err
}

// consentOver tells whether the lead has records of the consent it stands on, and none of them holds any more. A lead of a
// release that kept no records has none.
func (h *held) consentOver(ctx context.Context) (bool, error) {
	records, err := h.tx.Consent.Query().Where(consententity.LeadID(h.ID), consententity.IsBasis(true)).
		Select(consententity.FieldValidUntil, consententity.FieldWithdrawnAt).All(ctx)
	if err != nil {
		return false, fmt.Errorf("read a lead's consents: %w", err)
	}
	for _, r := range records {
		if r.WithdrawnAt == nil && (r.ValidUntil == nil || r.ValidUntil.After(h.now)) {
			return false, nil
		}
	}
	return len(records) > 0, nil
}

// Basis is what an administrator says that a lead may be processed on.
type Basis struct {
	LegalBasis lead.LegalBasis
	Consent    *consent.Given // for CONSENT: a full record is made of it
	Note       string         // required for another basis
}

// found gives a held lead the basis that an administrator names, or refuses one that has none and gets none.
func (h *held) found(ctx context.Context, b *Basis) error {
	if b == nil {
		if h.LegalBasis == nil {
			return fault.Coded(fault.Invalid, "BASIS_REQUIRED", "basis", "Say on what legal basis this lead may be processed.")
		}
		return nil
	}
	if b.Consent != nil {
		row, err := consent.Add(ctx, h.tx, h.Lead, *b.Consent, h.now, h.actor, "basis.consent.")
		if err != nil {
			return err
		}
		if !row.IsBasis {
			return fault.Coded(fault.Invalid, "WRONG_PURPOSE", "basis.consent.purpose", "This consent is for another purpose than the lead's.")
		}
		h.acts = append(h.acts, consent.ActOn(audit.ConsentRecorded, row))
		h.event(leadevent.KindCONSENT_RECORDED, nil, textConsentRecorded)
	}
	update := h.set().SetLegalBasis(b.LegalBasis)
	if b.Note != "" {
		update.SetBasisNote(b.Note)
	}
	if err := update.Exec(ctx); err != nil {
		return fmt.Errorf("give the lead its basis: %w", err)
	}
	row, err := h.tx.Lead.Get(ctx, h.ID)
	if err != nil {
		return fmt.Errorf("read the lead's basis: %w", err)
	}
	h.Lead = row
	return nil
}

// check brings the basis into its normal form, or returns what is wrong with it.
func (b *Basis) check() error {
	switch {
	case b == nil:
		return nil
	case lead.LegalBasisValidator(b.LegalBasis) != nil:
		return fault.Coded(fault.Invalid, "INVALID_VALUE", "basis.legalBasis", "This is no legal basis.")
	case b.LegalBasis == lead.LegalBasisCONSENT && b.Consent == nil:
		return fault.Coded(fault.Invalid, "REQUIRED", "basis.consent", "Give the consent that is to be recorded.")
	case b.LegalBasis != lead.LegalBasisCONSENT && b.Consent != nil:
		return fault.Coded(fault.Invalid, "WRONG_BASIS", "basis.consent", "A consent goes with the basis CONSENT.")
	case b.LegalBasis != lead.LegalBasisCONSENT:
		return needed("basis.note", &b.Note, maxNote)
	}
	return optional("basis.note", &b.Note, maxNote)
}
