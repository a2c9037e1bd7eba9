package graph_test

import (
	"strings"
	"testing"

	"channelbook/internal/gid"
	"channelbook/leads"
)

const submitMutation = `mutation($in: SubmitLeadInput!) { submitLead(input: $in) { outcome reference userErrors { code field } } }`

// TestALeadSourceFromItsBeginningToItsEnd, as an administrator and an integrator see it.
func TestALeadSourceFromItsBeginningToItsEnd(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		boss := h.admin("boss")
		company := gid.Distributor.Format(h.distributor("Ромашка"))
		made := h.must(boss, `mutation($in: CreateLeadSourceInput!) { createLeadSource(input: $in) { apiKey leadSource { id requireConsent keyHint
			distributor { id } allowedDistributors { id } duplicates { fields match windowDays scope } } userErrors { code field } } }`,
			vars{"in": vars{"name": "Landing", "allowedDistributorIds": []string{company}, "disclosePayouts": true}})
		key, id := made.at("createLeadSource", "apiKey").(string), made.at("createLeadSource", "leadSource", "id")
		source := made.at("createLeadSource", "leadSource").(map[string]any)
		policy := source["duplicates"].(map[string]any)
		if source["requireConsent"] != true || policy["match"] != "ANY" || policy["windowDays"] != 30.0 || policy["scope"] != "BASE" ||
			len(policy["fields"].([]any)) != 2 || !strings.HasSuffix(key, source["keyHint"].(string)) {
			t.Errorf("got %s, want the defaults", made.raw)
		}
		if made.at("createLeadSource", "leadSource", "allowedDistributors", 0, "id") != company {
			t.Errorf("got %s, want the allowed distributor", made.raw)
		}
		list := h.must(boss, `{ leadSources { edges { node { id name keyHint } } } }`, nil)
		if strings.Contains(list.raw, key) {
			t.Error("got the key again, want it shown once")
		}
		integrator := caller{"X-Api-Key", key}
		lead := vars{"in": vars{"firstName": "Анна", "phone": "8 912 345-67-89", "test": false}}
		if got := h.must(integrator, submitMutation, lead); got.at("submitLead", "outcome") != "QUARANTINED" {
			t.Errorf("got %s, want QUARANTINED without a consent", got.raw)
		}
		h.must(boss, `mutation($in: UpdateLeadSourceInput!) { updateLeadSource(input: $in) { leadSource { requireConsent } userErrors { code } } }`,
			vars{"in": vars{"id": id, "requireConsent": false}})
		accepted := h.must(integrator, submitMutation, lead)
		if accepted.at("submitLead", "outcome") != "ACCEPTED" {
			t.Errorf("got %s, want ACCEPTED: a quarantined lead makes no duplicate", accepted.raw)
		}
		h.sellFor(boss, "150.00")
		known := h.must(integrator, `query($r: String!) { submittedLead(reference: $r) { outcome status payout { amount currency } } }`,
			vars{"r": accepted.at("submitLead", "reference")})
		if known.at("submittedLead", "status") != "SALE" || known.at("submittedLead", "payout", "amount") != "150.00" {
			t.Errorf("got %s, want the sale and its payout, which this source discloses", known.raw)
		}
		_, other := h.source(leads.SourceInput{Name: "Other"})
		if got := h.must(other, `query($r: String!) { submittedLead(reference: $r) { status } }`, vars{"r": accepted.at("submitLead", "reference")}); got.at("submittedLead") != nil {
			t.Errorf("got %s, want null for another source", got.raw)
		}

		rotated := h.must(boss, `mutation($in: RotateLeadSourceKeyInput!) { rotateLeadSourceKey(input: $in) { apiKey userErrors { code } } }`, vars{"in": vars{"id": id}})
		if got := h.ask(integrator, submitMutation, lead); got.code() != "UNAUTHENTICATED" {
			t.Errorf("got %s with the old key, want UNAUTHENTICATED", got.raw)
		}
		integrator = caller{"X-Api-Key", rotated.at("rotateLeadSourceKey", "apiKey").(string)}
		h.must(boss, `mutation($in: StopLeadSourceInput!) { stopLeadSource(input: $in) { leadSource { status } userErrors { code } } }`, vars{"in": vars{"id": id}})
		if got := h.ask(integrator, submitMutation, lead); got.code() != "FORBIDDEN" {
			t.Errorf("got %s while stopped, want FORBIDDEN", got.raw)
		}
		refused := h.must(boss, `query($s: ID!) { intakeAttempts(filter: {sourceIds: [$s], httpStatuses: [403]}) { totalCount edges { node { errorCodes source { id } } } } }`, vars{"s": id})
		if refused.at("intakeAttempts", "totalCount") != 1.0 {
			t.Errorf("got %s, want the refused attempt under its source", refused.raw)
		}
		h.must(boss, `mutation($in: ResumeLeadSourceInput!) { resumeLeadSource(input: $in) { leadSource { status } userErrors { code } } }`, vars{"in": vars{"id": id}})
		if got := h.must(integrator, submitMutation, lead); got.at("submitLead", "outcome") != "DUPLICATE" {
			t.Errorf("got %s, want DUPLICATE", got.raw)
		}
	})
}

// sellFor registers a sale of the one new lead.
func (h *house) sellFor(boss caller, payout string) {
	h.t.Helper()
	id := h.must(boss, `{ leads(filter: {statuses: [NEW]}) { edges { node { id } } } }`, nil).at("leads", "edges", 0, "node", "id")
	h.must(boss, `mutation($in: RegisterSaleInput!) { registerSale(input: $in) { lead { id } userErrors { code field } } }`,
		vars{"in": vars{"leadId": id, "payout": payout}})
}
