package graph_test

import (
	"strings"
	"testing"

	"channelbook/internal/gid"
	"channelbook/leads"
)

const contractLead = `mutation { submitLead(input: { externalId: "vk-981", firstName: "Анна", lastName: "Петрова", phone: "8 (912) 345-67-89", email: "anna@example.ru",
	ip: "203.0.113.7", funnel: "spring",
	consent: { purpose: "lead", textVersion: "2026-09", givenAt: "2026-11-20T10:11:12+03:00", userAgent: "Mozilla" }
	advertisingConsent: { textVersion: "2026-09", givenAt: "2026-11-20T10:11:12+03:00" } }) { outcome userErrors { code field } } }`

const consentCard = `{ leads { totalCount edges { node { id legalBasis processingRestricted destroyBy sentConsent { purpose textVersion givenAt userAgent }
	consents { id textVersion textHash givenAt how form ip userAgent recipients validUntil withdrawnAt withdrawalChannel withdrawalComment
		purpose { code } text { version text } source { name } recordedBy { login } withdrawnBy { login } } } } } }`

// TestAConsentFromItsBeginningToItsEnd, as an integrator, a distributor's user and an administrator see it.
func TestAConsentFromItsBeginningToItsEnd(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		boss, company := h.admin("boss"), h.distributor("Ромашка")
		worker := h.worker("roma", company)
		yes := true
		_, key := h.source(leads.SourceInput{Name: "Landing", DistributorID: &company, RequireConsent: &yes})
		if got := h.must(key, contractLead, nil); got.at("submitLead", "outcome") != "ACCEPTED" {
			t.Fatalf("got %s, want the contract's example accepted on a fresh base", got.raw)
		}

		got := h.must(boss, consentCard, nil)
		lead := got.nodes("leads")[0]
		records := lead["consents"].([]any)
		if sent, _ := lead["sentConsent"].(map[string]any); sent["textVersion"] != "2026-09" || sent["purpose"] != "lead" || sent["userAgent"] != "Mozilla" {
			t.Errorf("got %s, want the consent as it was sent", got.raw)
		}
		if lead["legalBasis"] != "CONSENT" || lead["processingRestricted"] != false || lead["destroyBy"] != nil || len(records) != 2 {
			t.Fatalf("got %s, want a lead on CONSENT with two records", got.raw)
		}
		own := records[0].(map[string]any)
		if own["purpose"].(map[string]any)["code"] != "lead" {
			own = records[1].(map[string]any)
		}
		if own["how"] != "SITE_FORM" || own["form"] != "spring" || own["ip"] != "203.0.113.7" || len(own["textHash"].(string)) != 64 ||
			own["validUntil"] != "2029-11-19T07:11:12Z" || own["source"].(map[string]any)["name"] != "Landing" || own["recordedBy"] != nil {
			t.Errorf("got %s, want the proof", got.raw)
		}
		seen := h.must(worker, consentCard, nil)
		if seen.at("leads", "totalCount") != 1.0 || seen.nodes("leads")[0]["consents"] != nil || seen.nodes("leads")[0]["sentConsent"] != nil || strings.Contains(seen.raw, "textHash") {
			t.Errorf("got %s, want the lead without its consents", seen.raw)
		}

		withdraw := `mutation($in: WithdrawConsentInput!) { withdrawConsent(input: $in) { consent { withdrawnAt withdrawalChannel withdrawnBy { login } }
			lead { processingRestricted destroyBy } userErrors { code field } } }`
		input := vars{"in": vars{"consentId": own["id"], "receivedAt": "2026-11-22T09:00:00Z", "channel": "EMAIL", "comment": "Просит удалить"}}
		done := h.must(boss, withdraw, input)
		if done.at("withdrawConsent", "lead", "processingRestricted") != true || done.at("withdrawConsent", "lead", "destroyBy") != "2026-12-22T09:00:00Z" ||
			done.at("withdrawConsent", "consent", "withdrawnBy", "login") != "boss" {
			t.Errorf("got %s, want the lead restricted", done.raw)
		}
		if again := h.ask(boss, withdraw, input); again.at("withdrawConsent", "userErrors", 0, "code") != "ALREADY_WITHDRAWN" {
			t.Errorf("got %s, want ALREADY_WITHDRAWN", again.raw)
		}
		for name, query := range map[string]string{
			"lists":  `{ leads { totalCount } viewer { distributor { leads { totalCount edges { node { id } } } } } }`,
			"filter": `{ leads(filter: {processingRestricted: true}) { totalCount } }`,
		} {
			if got := h.must(worker, query, nil); got.at("leads", "totalCount") != 0.0 || strings.Contains(got.raw, `"id"`) {
				t.Errorf("%s: got %s, want nothing", name, got.raw)
			}
		}
		if got := h.must(worker, `query($id: ID!) { lead(id: $id) { id } node(id: $id) { id } }`, vars{"id": lead["id"]}); got.at("lead") != nil || got.at("node") != nil {
			t.Errorf("got %s, want null", got.raw)
		}
		if got := h.must(boss, `{ leads(filter: {processingRestricted: true}) { totalCount } }`, nil); got.at("leads", "totalCount") != 1.0 {
			t.Errorf("got %s, want the restricted lead", got.raw)
		}

		recorded := h.must(boss, `mutation($in: RecordConsentInput!) { recordConsent(input: $in) { consent { how recordedBy { login } } lead { processingRestricted destroyBy } userErrors { code field } } }`,
			vars{"in": vars{"leadId": lead["id"], "textVersion": "2026-09", "givenAt": "2026-11-23T08:00:00Z", "how": "PAPER"}})
		if recorded.at("recordConsent", "lead", "processingRestricted") != false || recorded.at("recordConsent", "consent", "recordedBy", "login") != "boss" {
			t.Errorf("got %s, want the restriction lifted", recorded.raw)
		}
		if got := h.must(worker, `{ leads { totalCount } }`, nil); got.at("leads", "totalCount") != 1.0 {
			t.Errorf("got %s, want the lead back", got.raw)
		}
	})
}

func TestPurposesAndTextsOverGraphQL(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		boss := h.admin("boss")
		made := h.must(boss, `mutation { createProcessingPurpose(input: {code: "loyalty", name: "Бонусы", legalBasis: CONSENT, retentionDays: 365, recipients: ["Партнёр"]}) {
			processingPurpose { id code active } userErrors { code field } } }`, nil)
		purpose := made.at("createProcessingPurpose", "processingPurpose", "id")
		publish := `mutation($in: PublishConsentTextInput!) { publishConsentText(input: $in) { consentText { id version hash recipients author { login } purpose { code } } userErrors { code field } } }`
		text := vars{"purposeId": purpose, "version": "1", "text": "Согласен на бонусы."}
		published := h.must(boss, publish, vars{"in": text})
		if published.at("publishConsentText", "consentText", "recipients", 0) != "Партнёр" || published.at("publishConsentText", "consentText", "author", "login") != "boss" {
			t.Errorf("got %s, want the purpose's recipients and the author", published.raw)
		}
		text["text"] = "Согласен на всё."
		if got := h.ask(boss, publish, vars{"in": text}); got.at("publishConsentText", "userErrors", 0, "code") != "CONFLICT" {
			t.Errorf("got %s, want CONFLICT", got.raw)
		}
		updated := h.must(boss, `mutation($in: UpdateProcessingPurposeInput!) { updateProcessingPurpose(input: $in) { processingPurpose { active name } userErrors { code } } }`,
			vars{"in": vars{"id": purpose, "active": false}})
		if updated.at("updateProcessingPurpose", "processingPurpose", "active") != false {
			t.Errorf("got %s, want it out of use", updated.raw)
		}
		list := h.must(boss, `{ processingPurposes { id code name legalBasis retentionDays recipients active texts { id version text hash validDays publishedAt author { login } } } }`, nil)
		var codes []string
		for _, p := range list.at("processingPurposes").([]any) {
			codes = append(codes, p.(map[string]any)["code"].(string))
		}
		if strings.Join(codes, " ") != "advertising deduplication lead loyalty" {
			t.Errorf("got %v, want all purposes by their codes", codes)
		}
		for _, id := range []any{purpose, published.at("publishConsentText", "consentText", "id")} {
			if got := h.must(boss, `query($id: ID!) { node(id: $id) { id } }`, vars{"id": id}); got.at("node", "id") != id {
				t.Errorf("got %s, want %v", got.raw, id)
			}
		}
		source := h.must(boss, `mutation($in: CreateLeadSourceInput!) { createLeadSource(input: $in) { leadSource { legalBasis purpose { code } formConsentText { version } } userErrors { code field } } }`,
			vars{"in": vars{"name": "Договор", "requireConsent": false, "legalBasis": "LEGITIMATE_INTEREST"}})
		if source.at("createLeadSource", "leadSource", "legalBasis") != "LEGITIMATE_INTEREST" || source.at("createLeadSource", "leadSource", "purpose", "code") != "lead" {
			t.Errorf("got %s, want the source's basis and the purpose lead", source.raw)
		}
	})
}

func TestAReleaseOverGraphQLTellsTheBasis(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		boss := h.admin("boss")
		h.distributor("Ромашка")
		yes := true
		source, _ := h.source(leads.SourceInput{Name: "Landing", RequireConsent: &yes})
		release := `mutation($in: ReleaseLeadInput!) { releaseLead(input: $in) { lead { status legalBasis consents { how } } userErrors { code field } } }`
		input := vars{"leadId": gid.Lead.Format(h.lead(source, leads.Submission{})), "reason": "Позвонили"}
		if got := h.ask(boss, release, vars{"in": input}); got.at("releaseLead", "userErrors", 0, "code") != "BASIS_REQUIRED" {
			t.Errorf("got %s, want BASIS_REQUIRED", got.raw)
		}
		input["basis"] = vars{"legalBasis": "CONSENT", "consent": vars{"textVersion": "2026-09", "givenAt": "2026-11-23T08:00:00Z", "how": "VERBAL"}}
		got := h.must(boss, release, vars{"in": input})
		if got.at("releaseLead", "lead", "status") != "NEW" || got.at("releaseLead", "lead", "consents", 0, "how") != "VERBAL" {
			t.Errorf("got %s, want it let in with its consent", got.raw)
		}
	})
}

// TestConsentsCostOneStatementALevel: however many leads a page has.
func TestConsentsCostOneStatementALevel(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		boss, company := h.admin("boss"), h.distributor("Ромашка")
		source, _ := h.source(leads.SourceInput{Name: "Landing"})
		for range 5 {
			h.lead(source, leads.Submission{Consent: consentToLead()}, company)
		}
		_, got := h.statements(t, boss, `{ leads { edges { node { id consents { id textVersion purpose { code texts { version } } text { version } } } } } }`, nil)
		if len(got) != 5 { // leads, consents, purposes, their texts, the texts agreed to
			t.Errorf("got %d statements, want 5:\n%s", len(got), strings.Join(got, "\n"))
		}
	})
}

// strangersConsentAttempts is what another distributor's user tries on consents.
func strangersConsentAttempts(id map[string]string) map[string]attempt {
	input := func(fields vars) vars { return vars{"in": fields} }
	return map[string]attempt{
		"consents of a lead":      {`query($id: ID!) { lead(id: $id) { consents { ip userAgent } legalBasis } }`, vars{"id": id["lead"]}, ""},
		"restricted leads":        {`{ leads(filter: {processingRestricted: true}) { totalCount edges { node { id } } } }`, nil, ""},
		"processingPurposes":      {`{ processingPurposes { id code texts { text } } }`, nil, "FORBIDDEN"},
		"createProcessingPurpose": {`mutation { createProcessingPurpose(input: {code: "mine", name: "Моя", legalBasis: CONSENT, retentionDays: 1}) { processingPurpose { id } } }`, nil, "FORBIDDEN"},
		"updateProcessingPurpose": {`mutation($in: UpdateProcessingPurposeInput!) { updateProcessingPurpose(input: $in) { processingPurpose { id } } }`, input(vars{"id": id["purpose"], "active": false}), "FORBIDDEN"},
		"publishConsentText":      {`mutation($in: PublishConsentTextInput!) { publishConsentText(input: $in) { consentText { id } } }`, input(vars{"purposeId": id["purpose"], "version": "mine", "text": "Моё"}), "FORBIDDEN"},
		"recordConsent":           {`mutation($in: RecordConsentInput!) { recordConsent(input: $in) { consent { id } } }`, input(vars{"leadId": id["lead"], "textVersion": "2026-09", "givenAt": "2026-11-20T10:11:12Z", "how": "PAPER"}), "FORBIDDEN"},
		"withdrawConsent":         {`mutation($in: WithdrawConsentInput!) { withdrawConsent(input: $in) { consent { id } } }`, input(vars{"consentId": id["consent"], "channel": "EMAIL"}), "FORBIDDEN"},
	}
}
