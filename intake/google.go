package intake

import (
	"encoding/json"
	"net/http"

	"channelbook/ent/leadsource"
	"channelbook/leads"
)

// googleLead is what a Google Ads lead form's webhook sends (developers.google.com, "Lead form extensions webhook").
type googleLead struct {
	LeadID     word   `json:"lead_id"`
	FormID     word   `json:"form_id"`
	CampaignID word   `json:"campaign_id"`
	CreativeID word   `json:"creative_id"`
	ClickID    word   `json:"gcl_id"`
	Key        string `json:"google_key"`
	IsTest     bool   `json:"is_test"`
	Columns    []struct {
		ID    string `json:"column_id"`
		Value word   `json:"string_value"`
	} `json:"user_column_data"`
}

// google are the lead forms of Google Ads.
var google = form{
	kind: leadsource.KindGOOGLE,
	read: func(body []byte) (formEvent, error) {
		var event googleLead
		if err := json.Unmarshal(body, &event); err != nil {
			return formEvent{}, err
		}
		lead := event.lead()
		return formEvent{secret: event.Key, lead: &lead}, nil
	},
	thank: func(w http.ResponseWriter) { answer(w, http.StatusOK, struct{}{}) }, // Google looks at the status alone
}

// lead of the event; one sent by the form's test button never counts.
func (g googleLead) lead() leads.Submission {
	in := leads.Submission{
		ExternalID: string(g.LeadID), Test: g.IsTest, Funnel: string(g.FormID),
		Tracking: leads.Tracking{
			UTMSource: "google", CampaignID: string(g.CampaignID), BannerID: string(g.CreativeID), Subid: string(g.ClickID),
		},
	}
	for _, c := range g.Columns {
		switch value := string(c.Value); c.ID {
		case "FIRST_NAME":
			in.FirstName = value
		case "LAST_NAME":
			in.LastName = value
		case "FULL_NAME":
			in.FirstName, in.LastName = split(value)
		case "PHONE_NUMBER":
			in.Phone = value
		case "EMAIL":
			in.Email = value
		case "CITY", "REGION":
			in.Tracking.Region = value
		}
	}
	return in
}
