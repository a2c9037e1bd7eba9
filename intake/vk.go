package intake

import (
	"encoding/json"
	"io"
	"net/http"

	"channelbook/ent"
	"channelbook/ent/leadsource"
	"channelbook/leads"
)

// vkEvent is what VK's Callback API sends (dev.vk.com, "Callback API" and "lead_forms_new").
type vkEvent struct {
	Type   string `json:"type"`
	Secret string `json:"secret"`
	Object struct {
		LeadID   word `json:"lead_id"`
		FormID   word `json:"form_id"`
		FormName word `json:"form_name"`
		AdID     word `json:"ad_id"`
		Answers  []struct {
			Key    string `json:"key"`
			Answer word   `json:"answer"`
		} `json:"answers"`
	} `json:"object"`
}

// vk are VK's lead forms. VK takes nothing but the body ok for an answer, and sends everything else again.
var vk = form{
	kind: leadsource.KindVK,
	read: func(body []byte) (formEvent, error) {
		var event vkEvent
		if err := json.Unmarshal(body, &event); err != nil {
			return formEvent{}, err
		}
		out := formEvent{secret: event.Secret, first: event.Type == "confirmation"}
		if event.Type == "lead_forms_new" {
			lead := event.lead()
			out.lead = &lead
		}
		return out, nil
	},
	greet: func(w http.ResponseWriter, source *ent.LeadSource) { plain(w, source.VkConfirmation) },
	thank: func(w http.ResponseWriter) { plain(w, "ok") },
}

// lead of the event. VK numbers leads within a form, so the two together are the lead's id.
func (e vkEvent) lead() leads.Submission {
	o := e.Object
	in := leads.Submission{Funnel: string(o.FormName), Tracking: leads.Tracking{UTMSource: "vk", BannerID: string(o.AdID)}}
	if o.LeadID != "" {
		in.ExternalID = "vk-" + string(o.FormID) + "-" + string(o.LeadID)
	}
	for _, a := range o.Answers {
		switch answer := string(a.Answer); a.Key {
		case "first_name":
			in.FirstName = answer
		case "last_name":
			in.LastName = answer
		case "full_name":
			in.FirstName, in.LastName = split(answer)
		case "phone_number":
			in.Phone = answer
		case "email":
			in.Email = answer
		case "location":
			in.Tracking.Region = answer
		case "age":
			in.Tracking.Age = answer
		case "gender":
			in.Tracking.Gender = answer
		}
	}
	return in
}

func plain(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	// A provider that has left sends the event again.
	_, _ = io.WriteString(w, text) // #nosec G705 -- plain text, and nosniff
}
