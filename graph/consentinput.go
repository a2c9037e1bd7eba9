package graph

import (
	"context"

	"channelbook/ent"
	"channelbook/ent/lead"
	"channelbook/ent/processingpurpose"
	"channelbook/graph/model"
	"channelbook/internal/gid"
	"channelbook/leads"
	"channelbook/personaldata/consent"

	entconsent "channelbook/ent/consent"
)

func newPurpose(in model.CreateProcessingPurposeInput) consent.Purpose {
	return consent.Purpose{
		Code: in.Code, Name: in.Name, LegalBasis: processingpurpose.LegalBasis(in.LegalBasis),
		RetentionDays: in.RetentionDays, Recipients: in.Recipients,
	}
}

func purposePatch(in model.UpdateProcessingPurposeInput) consent.PurposePatch {
	p := consent.PurposePatch{Name: in.Name, RetentionDays: in.RetentionDays, Recipients: in.Recipients, Active: in.Active}
	if in.LegalBasis != nil {
		basis := processingpurpose.LegalBasis(*in.LegalBasis)
		p.LegalBasis = &basis
	}
	return p
}

func newConsentText(in model.PublishConsentTextInput) consent.Text {
	return consent.Text{
		PurposeID: referredID(gid.Purpose, in.PurposeID), Version: in.Version, Text: in.Text,
		Recipients: in.Recipients, ValidDays: in.ValidDays,
	}
}

func givenConsent(in model.RecordConsentInput) consent.Given {
	return consent.Given{
		Purpose: text(in.Purpose), TextVersion: in.TextVersion, GivenAt: in.GivenAt, How: entconsent.How(in.How),
		Form: text(in.Form), UserAgent: text(in.UserAgent),
	}
}

func withdrawal(in model.WithdrawConsentInput) consent.Withdrawal {
	return consent.Withdrawal{
		ConsentID: referredID(gid.Consent, in.ConsentID), ReceivedAt: in.ReceivedAt,
		Channel: entconsent.WithdrawalChannel(in.Channel), Comment: text(in.Comment),
	}
}

func leadBasis(in *model.LeadBasisInput) *leads.Basis {
	if in == nil {
		return nil
	}
	b := &leads.Basis{LegalBasis: lead.LegalBasis(in.LegalBasis), Note: text(in.Note)}
	if c := in.Consent; c != nil {
		b.Consent = &consent.Given{TextVersion: c.TextVersion, GivenAt: c.GivenAt, How: entconsent.How(c.How), UserAgent: text(c.UserAgent)}
	}
	return b
}

// withLead shows a consent that an act has changed, and its lead as it stands now.
func (r *Resolver) withLead(ctx context.Context, row *ent.Consent, err error) (*model.Consent, *model.Lead, []*model.UserError, error) {
	errs, err := userErrors(err)
	if row == nil || err != nil {
		return nil, nil, errs, err
	}
	lead, err := r.Read.DB.Lead.Get(ctx, row.LeadID)
	return r.Read.Consent(row), r.Read.Lead(ctx, lead), errs, err
}
