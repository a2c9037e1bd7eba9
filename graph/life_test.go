package graph_test

import (
	"strings"
	"testing"

	"channelbook/internal/gid"
	"channelbook/leads"
)

const timeline = `query($id: ID!) { lead(id: $id) { id status decisionTrace { step } source { name } distributor { companyName }
	events(first: 50) { edges { node { id kind text actor { login } } } } } }`

// kinds are the kinds of a timeline's events, in order.
func kinds(r reply) string {
	var out []string
	for _, e := range r.nodes("lead", "events") {
		out = append(out, e["kind"].(string))
	}
	return strings.Join(out, " ")
}

// TestEachDistributorSeesItsOwnTime follows a lead that its first distributor declines.
func TestEachDistributorSeesItsOwnTime(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin := h.admin("boss")
		firstID, secondID := h.distributor("Первая"), h.distributor("Вторая")
		first, second := h.worker("first", firstID), h.worker("second", secondID)
		source, _ := h.source(leads.SourceInput{Name: "Landing"})
		id := vars{"id": gid.Lead.Format(h.lead(source, leads.Submission{}, firstID))}
		input := func(fields vars) vars {
			fields["leadId"] = id["id"]
			return vars{"in": fields}
		}

		h.must(first, `mutation($in: TakeLeadInput!) { takeLead(input: $in) { lead { status } userErrors { code } } }`, input(vars{}))
		h.must(first, `mutation($in: AddLeadNoteInput!) { addLeadNote(input: $in) { lead { id } userErrors { code } } }`, input(vars{"text": "Не берёт трубку"}))
		declined := h.must(first, `mutation($in: DeclineLeadInput!) { declineLead(input: $in) { lead { id } userErrors { code } } }`,
			input(vars{"reason": "Другой город", "contacted": true}))
		if declined.at("declineLead", "lead") != nil {
			t.Errorf("got %s, want no lead: it is gone from the viewer's sight", declined.raw)
		}
		if got := h.must(first, timeline, id); got.at("lead") != nil {
			t.Errorf("got %s, want nothing for who declined it", got.raw)
		}
		got := h.must(second, timeline, id)
		if kinds(got) != "ASSIGNED" || strings.Contains(got.raw, "Первая") || strings.Contains(got.raw, "Не берёт") ||
			got.at("lead", "decisionTrace") != nil || got.at("lead", "source") != nil {
			t.Errorf("got %s, want nothing of the time before, no trace and no source", got.raw)
		}
		h.must(second, `mutation($in: RejectLeadInput!) { rejectLead(input: $in) { lead { status } userErrors { code } } }`, input(vars{"reason": "Не нужен"}))
		h.must(admin, `mutation($in: ReopenLeadInput!) { reopenLead(input: $in) { lead { status } userErrors { code } } }`, input(vars{}))
		sold := h.must(admin, `mutation($in: RegisterSaleInput!) { registerSale(input: $in) { lead { status soldOn payout { amount currency } saleAmount { amount } } userErrors { code } } }`,
			input(vars{"payout": "1234.5", "saleAmount": "99000.01"}))
		if sold.at("registerSale", "lead", "payout", "amount") != "1234.50" || sold.at("registerSale", "lead", "soldOn") != "2026-11-23" {
			t.Errorf("got %s, want the sale of today with its payout", sold.raw)
		}
		reversed := h.must(admin, `mutation($in: ReverseSaleInput!) { reverseSale(input: $in) { lead { status payout { amount } soldOn } userErrors { code } } }`, input(vars{"reason": "Возврат"}))
		if reversed.at("reverseSale", "lead", "status") != "IN_PROGRESS" || reversed.at("reverseSale", "lead", "payout") != nil || reversed.at("reverseSale", "lead", "soldOn") != nil {
			t.Errorf("got %s, want a lead in progress without a sale", reversed.raw)
		}
		whole := h.must(admin, timeline, id)
		if want := "RECEIVED ASSIGNED TAKEN NOTE DECLINED ASSIGNED REJECTED REOPENED SALE_REGISTERED SALE_REVERSED"; kinds(whole) != want {
			t.Errorf("got %s, want %s", kinds(whole), want)
		}
		if got := kinds(h.must(second, timeline, id)); got != "ASSIGNED REJECTED REOPENED SALE_REGISTERED SALE_REVERSED" {
			t.Errorf("got %s, want the second distributor's time", got)
		}
		for i, e := range h.must(second, timeline, id).nodes("lead", "events") {
			if actor, _ := e["actor"].(map[string]any); e["kind"] != "REJECTED" && actor != nil {
				t.Errorf("event %d: got the actor %v, want none whom the viewer may not see", i, actor)
			}
		}
	})
}

// TestEventsOfALostLeadAreLost: a timeline's line is not to be had by its id once the lead is another's.
func TestEventsOfALostLeadAreLost(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin, mine := h.admin("boss"), h.distributor("Первая")
		other := h.distributor("Вторая")
		worker := h.worker("first", mine)
		source, _ := h.source(leads.SourceInput{Name: "Landing"})
		lead := gid.Lead.Format(h.lead(source, leads.Submission{}, mine))
		event := h.must(worker, timeline, vars{"id": lead}).at("lead", "events", "edges", 0, "node", "id")
		if event == nil {
			t.Fatal("got no event, want one of the worker's lead")
		}
		h.must(admin, `mutation($in: ReassignLeadInput!) { reassignLead(input: $in) { lead { id } userErrors { code } } }`,
			vars{"in": vars{"leadId": lead, "distributorId": gid.Distributor.Format(other)}})
		if got := h.must(worker, `query($id: ID!) { node(id: $id) { id } }`, vars{"id": event}); got.at("node") != nil {
			t.Errorf("got %s, want null", got.raw)
		}
	})
}
