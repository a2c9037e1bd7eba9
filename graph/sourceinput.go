package graph

import (
	"channelbook/ent"
	"channelbook/ent/leadsource"
	"channelbook/graph/model"
	"channelbook/internal/gid"
	"channelbook/leads"
)

func newSource(in model.CreateLeadSourceInput) leads.SourceInput {
	out := leads.SourceInput{
		Name: in.Name, DistributorID: optionalID(gid.Distributor, in.DistributorID),
		AllowedDistributorIDs: idList(in.AllowedDistributorIds), RequireConsent: in.RequireConsent,
		Terms:           consentTerms(in.PurposeID, in.LegalBasis, optionalID(gid.ConsentText, in.FormConsentTextID)),
		DisclosePayouts: flag(in.DisclosePayouts), DailyCap: in.DailyCap, RatePerMinute: in.RatePerMinute,
		VKSecret: text(in.VkSecret), VKConfirmation: text(in.VkConfirmation), GoogleKey: text(in.GoogleKey),
		Duplicates: duplicatePolicy(in.Duplicates),
	}
	if in.Kind != nil {
		out.Kind = leadsource.Kind(*in.Kind)
	}
	return out
}

func sourcePatch(in model.UpdateLeadSourceInput) leads.SourcePatch {
	distributor := optionalID(gid.Distributor, in.DistributorID)
	if in.DistributorID != nil && *in.DistributorID == "" {
		distributor = &gid.ID{}
	}
	form := optionalID(gid.ConsentText, in.FormConsentTextID)
	if in.FormConsentTextID != nil && *in.FormConsentTextID == "" {
		form = &gid.ID{}
	}
	return leads.SourcePatch{
		Name: in.Name, DistributorID: distributor, AllowedDistributorIDs: idList(in.AllowedDistributorIds), RequireConsent: in.RequireConsent,
		Terms:           consentTerms(in.PurposeID, in.LegalBasis, form),
		DisclosePayouts: in.DisclosePayouts, DailyCap: in.DailyCap, RatePerMinute: in.RatePerMinute,
		VKSecret: in.VkSecret, VKConfirmation: in.VkConfirmation, GoogleKey: in.GoogleKey,
		Duplicates: duplicatePolicy(in.Duplicates),
	}
}

func consentTerms(purpose *string, basis *model.LegalBasis, form *gid.ID) leads.ConsentTerms {
	t := leads.ConsentTerms{PurposeID: optionalID(gid.Purpose, purpose), FormConsentTextID: form}
	if basis != nil {
		t.LegalBasis = leadsource.LegalBasis(*basis)
	}
	return t
}

func duplicatePolicy(in *model.DuplicatePolicyInput) (p leads.DuplicatePolicy) {
	if in == nil {
		return p
	}
	p.Fields, p.WindowDays = make([]string, len(in.Fields)), in.WindowDays
	for i, f := range in.Fields {
		p.Fields[i] = string(f)
	}
	if in.Match != nil {
		p.Match = leadsource.DuplicateMatch(*in.Match)
	}
	if in.Scope != nil {
		p.Scope = leadsource.DuplicateScope(*in.Scope)
	}
	return p
}

// idList reads the ids of distributors; nil stays nil.
func idList(texts []string) []gid.ID {
	if texts == nil {
		return nil
	}
	ids := make([]gid.ID, len(texts))
	for i, text := range texts {
		ids[i] = referredID(gid.Distributor, text)
	}
	return ids
}

// keyed makes the key of a source an optional text.
func keyed(row *ent.LeadSource, key string, err error) (*ent.LeadSource, *string, error) {
	if err != nil {
		return nil, nil, err
	}
	return row, &key, nil
}
