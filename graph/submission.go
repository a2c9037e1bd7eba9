package graph

import (
	"context"
	"encoding/json"

	"channelbook/ent/values"
	"channelbook/graph/model"
	"channelbook/internal/fault"
	"channelbook/leads"
)

// submission turns the input into the domain's; what was sent is kept for the intake log.
func submission(in model.SubmitLeadInput) leads.Submission {
	raw, _ := json.Marshal(in) // texts always marshal
	out := leads.Submission{
		ExternalID: text(in.ExternalID), IdempotencyKey: text(in.IdempotencyKey),
		FirstName: text(in.FirstName), LastName: text(in.LastName), Phone: text(in.Phone), Email: text(in.Email),
		IP: text(in.IP), Funnel: text(in.Funnel), DistributorID: text(in.DistributorID), Test: flag(in.Test),
		RawBody: raw, Unreadable: leads.CheckSize(raw),
	}
	if c := in.Consent; c != nil {
		out.Consent = &values.Consent{
			Purpose: text(c.Purpose), TextVersion: text(c.TextVersion), GivenAt: text(c.GivenAt), UserAgent: text(c.UserAgent),
		}
	}
	if c := in.AdvertisingConsent; c != nil {
		out.Advertising = &values.Consent{TextVersion: text(c.TextVersion), GivenAt: text(c.GivenAt), UserAgent: text(c.UserAgent)}
	}
	if t := in.Tracking; t != nil {
		out.Tracking = leads.Tracking{
			Subid: text(t.Subid), UTMSource: text(t.UtmSource), UTMMedium: text(t.UtmMedium),
			UTMCampaign: text(t.UtmCampaign), UTMTerm: text(t.UtmTerm), CampaignID: text(t.CampaignID),
			CampaignName: text(t.CampaignName), BannerID: text(t.BannerID), AdvertiserID: text(t.AdvertiserID),
			Region: text(t.Region), Gender: text(t.Gender), Age: text(t.Age), Random: text(t.Random),
			ImpressionWeekday: text(t.ImpressionWeekday), ImpressionHour: text(t.ImpressionHour),
			UserTimezone: text(t.UserTimezone), Placement: text(t.Placement), DeviceType: text(t.DeviceType),
			Position: text(t.Position),
		}
		for _, id := range t.SubIds {
			out.Tracking.SubIDs = append(out.Tracking.SubIDs, text(id))
		}
	}
	return out
}

// submitted is what one submission is answered.
func submitted(accepted leads.Accepted, err error) (outcome *model.LeadOutcome, reference *string, errs []*model.UserError, _ error) {
	errs, failure := userErrors(err)
	switch {
	case failure != nil:
		return nil, nil, errs, failure
	case err == nil:
		o := model.LeadOutcome(accepted.Outcome)
		return &o, &accepted.Reference, errs, nil
	case fault.Is(err, fault.Invalid):
		o := model.LeadOutcomeInvalid
		return &o, nil, errs, nil
	}
	return nil, nil, errs, nil
}

// batchResult is what one lead of a batch is answered. A failure of ours costs that lead alone.
func (r *Resolver) batchResult(ctx context.Context, res leads.Result) *model.SubmitLeadsResult {
	outcome, reference, errs, err := submitted(res.Accepted, res.Err)
	if err != nil {
		r.Log.ErrorContext(ctx, "lead of a batch failed", "index", res.Index, "error", err)
		errs = []*model.UserError{{Code: codeInternal, Message: "Something went wrong on our side. Send this lead again."}}
	}
	return &model.SubmitLeadsResult{Index: res.Index, Outcome: outcome, Reference: reference, UserErrors: errs}
}
