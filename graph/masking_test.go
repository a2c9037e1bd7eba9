package graph_test

import (
	"strings"
	"testing"

	"channelbook/internal/gid"
	"channelbook/leads"
)

const contactsOf = `query($id: ID!) { lead(id: $id) { phone email ip firstName } }`

// TestADistributorSeesContactsOnceItWorksTheLead goes through the life of a lead, by every way to its contacts.
func TestADistributorSeesContactsOnceItWorksTheLead(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin := h.admin("boss")
		oursID, othersID := h.distributor("Наши"), h.distributor("Другие")
		ours, others := h.worker("ours", oursID), h.worker("others", othersID)
		source, _ := h.source(leads.SourceInput{Name: "Landing"})
		id := gid.Lead.Format(h.lead(source, leads.Submission{FirstName: "Анна", Phone: "+79123456789", Email: "anna@example.ru", IP: "203.0.113.7"}, oursID))
		about := vars{"in": vars{"leadId": id}}

		shown := func(who caller, want bool) {
			t.Helper()
			for way, got := range map[string]string{
				"the card":              h.must(who, contactsOf, vars{"id": id}).raw,
				"a node":                h.must(who, `query($id: ID!) { node(id: $id) { ... on Lead { phone email ip } } }`, vars{"id": id}).raw,
				"a list":                h.must(who, `{ leads { edges { node { phone email ip } } } }`, nil).raw,
				"one's own distributor": h.must(who, `{ distributors { edges { node { leads { edges { node { phone email ip } } } } } } }`, nil).raw,
			} {
				all := strings.Contains(got, `"+79123456789"`) && strings.Contains(got, `"anna@example.ru"`) && strings.Contains(got, `"203.0.113.7"`)
				none := strings.Contains(got, `"+7912•••••89"`) && strings.Contains(got, `"a•••@example.ru"`) && strings.Contains(got, `"ip":null`)
				if want && !all || !want && !none {
					t.Errorf("%s: got %s, want the contacts: %v", way, got, want)
				}
			}
			for _, filter := range []vars{
				{"phone": "8 912 345-67-89"}, {"email": "anna@example.ru"}, {"ip": "203.0.113.7"},
				{"search": "6789"}, {"search": "+79123456789"}, {"search": "anna@example.ru"},
			} {
				found := len(h.walk(who, 10, vars{"filter": filter})) == 1
				if found != want {
					t.Errorf("%v finds the lead: %v, want %v", filter, found, want)
				}
				if total := h.must(who, `query($f: LeadFilter) { leads(filter: $f) { totalCount } }`, vars{"f": filter}); strings.Contains(total.raw, `"totalCount":1`) != want {
					t.Errorf("%v counts %s, want the lead counted: %v", filter, total.raw, want)
				}
			}
			if len(h.walk(who, 10, vars{"filter": vars{"search": "анн"}})) != 1 {
				t.Error("the lead is not found by its name")
			}
		}
		shown(admin, true)
		shown(ours, false)
		taken := h.must(ours, `mutation($in: TakeLeadInput!) { takeLead(input: $in) { lead { phone } userErrors { code } } }`, about)
		if !strings.Contains(taken.raw, `"+79123456789"`) {
			t.Errorf("got %s, want the phone with the lead that was taken", taken.raw)
		}
		shown(ours, true)
		h.must(admin, `mutation($in: ReassignLeadInput!) { reassignLead(input: $in) { lead { id } userErrors { code } } }`,
			vars{"in": vars{"leadId": id, "distributorId": gid.Distributor.Format(othersID)}})
		shown(others, false)
		rejected := h.must(others, `mutation($in: RejectLeadInput!) { rejectLead(input: $in) { lead { phone } userErrors { code } } }`,
			vars{"in": vars{"leadId": id, "reason": "Не нужен"}})
		if strings.Contains(rejected.raw, "+79123456789") {
			t.Errorf("got %s, want no phone for who rejected the lead untaken", rejected.raw)
		}
		shown(others, false)
		h.must(admin, `mutation($in: ReopenLeadInput!) { reopenLead(input: $in) { lead { id } userErrors { code } } }`, about)
		shown(others, true)
	})
}
