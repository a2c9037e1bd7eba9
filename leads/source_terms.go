package leads

import (
	"context"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/consenttext"
	"channelbook/ent/leadsource"
	"channelbook/ent/processingpurpose"
	"channelbook/ent/values"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
)

// ConsentTerms say what a source's leads are processed for and on what. What is absent stays as it was: for a new source
// the purpose "lead", on CONSENT where it requires one, else on CONTRACT.
type ConsentTerms struct {
	PurposeID         *gid.ID
	LegalBasis        leadsource.LegalBasis // CONSENT exactly where the source requires consent
	FormConsentTextID *gid.ID               // the text that a platform's own form shows; the zero id: none
}

// terms checks the terms together with what the source has; old is empty for a new one. The error is a failure of ours.
func (f *faults) terms(ctx context.Context, tx *db.Tx, p SourcePatch, old *ent.LeadSource) error {
	required := old.RequireConsent
	if p.RequireConsent != nil {
		required = *p.RequireConsent
	}
	f.legalBasis(p.Terms.LegalBasis, required)
	purpose := old.PurposeID
	if id := p.Terms.PurposeID; id != nil {
		purpose = *id
		if err := f.purpose(ctx, tx, purpose); err != nil {
			return err
		}
	}
	form := old.FormConsentTextID
	if p.Terms.FormConsentTextID != nil {
		form = p.Terms.FormConsentTextID
	}
	if form == nil || form.IsZero() {
		return nil
	}
	return f.formText(ctx, tx, *form, purpose, old.Kind)
}

func (f *faults) legalBasis(basis leadsource.LegalBasis, consentRequired bool) {
	switch {
	case basis == "":
	case leadsource.LegalBasisValidator(basis) != nil:
		f.add("INVALID_VALUE", "legalBasis", "This is none of CONSENT, LEGAL_OBLIGATION, CONTRACT, LEGITIMATE_INTEREST.")
	case (basis == leadsource.LegalBasisCONSENT) != consentRequired:
		f.add("WRONG_BASIS", "legalBasis", "The basis is CONSENT exactly where requireConsent is true.")
	}
}

func (f *faults) purpose(ctx context.Context, tx *db.Tx, id gid.ID) error {
	active, err := tx.ProcessingPurpose.Query().Where(processingpurpose.ID(id), processingpurpose.Active(true)).Exist(ctx)
	if err != nil {
		return fmt.Errorf("look for the purpose of a source: %w", err)
	}
	if !active {
		f.list = append(f.list, fault.New(fault.NotFound, "purposeId", "There is no such purpose in use."))
	}
	return nil
}

func (f *faults) formText(ctx context.Context, tx *db.Tx, id, purpose gid.ID, kind leadsource.Kind) error {
	if kind == leadsource.KindGENERIC {
		f.add("WRONG_KIND", "formConsentTextId", "Only a source of a platform's own forms has this: another sends the consent of each lead.")
		return nil
	}
	text, err := tx.ConsentText.Query().Where(consenttext.ID(id)).Select(consenttext.FieldID, consenttext.FieldPurposeID).Only(ctx)
	switch {
	case ent.IsNotFound(err):
		f.list = append(f.list, fault.New(fault.NotFound, "formConsentTextId", "There is no such text."))
	case err != nil:
		return fmt.Errorf("look for the text of a form: %w", err)
	case text.PurposeID != purpose:
		f.add("WRONG_PURPOSE", "formConsentTextId", "This text is for another purpose than the source's leads.")
	}
	return nil
}

// fresh is what a source has that is not there yet.
func (in SourceInput) fresh() *ent.LeadSource {
	return &ent.LeadSource{Kind: in.kind(), RequireConsent: true, PurposeID: values.LeadPurposeID}
}

// writeTerms puts the terms into a mutation. A source that requires consent keeps no other basis, and one that keeps none
// stands on CONTRACT once it requires no consent.
func (p SourcePatch) writeTerms(m *ent.LeadSourceMutation) {
	t := p.Terms
	if t.PurposeID != nil {
		m.SetPurposeID(*t.PurposeID)
	}
	switch {
	case p.RequireConsent != nil && *p.RequireConsent, t.LegalBasis == leadsource.LegalBasisCONSENT:
		m.ClearLegalBasis()
	case t.LegalBasis != "":
		m.SetLegalBasis(t.LegalBasis)
	}
	switch {
	case t.FormConsentTextID == nil:
	case t.FormConsentTextID.IsZero():
		m.ClearFormConsentTextID()
	default:
		m.SetFormConsentTextID(*t.FormConsentTextID)
	}
}
