package graph_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"channelbook/ent/webhookdelivery"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/notify/webhooks"
)

// hooked registers a webhook with an event that waits, after an attempt that failed.
func (h *house) hooked(name string) (hook, event gid.ID) {
	h.t.Helper()
	url := "https://hooks.test/in?token=" + strings.ReplaceAll(name, " ", "")
	row, _, err := h.webhooks.Create(h.system(), webhooks.Form{Name: &name, URL: &url, Events: []string{"LEAD_TAKEN"}})
	if err != nil {
		h.t.Fatal(err)
	}
	event = gid.New()
	h.db.WebhookDelivery.Create().SetID(event).SetWebhookID(row.ID).SetEvent(event.String()).SetKind(webhookdelivery.KindLEAD_TAKEN).SetBody(`{"id":"` + gid.WebhookEvent.Format(event) + `"}`).
		SetCreatedAt(h.now()).SetDueAt(h.now()).SetRoundAt(h.now()).SetAttempts(1).SetErrorCode("HTTP_500").ExecX(h.system())
	h.db.WebhookAttempt.Create().SetDeliveryID(event).SetAt(h.now()).SetMilliseconds(12).SetHTTPStatus(500).SetErrorCode("HTTP_500").SetAnswer(name + " is away").ExecX(h.system())
	return row.ID, event
}

func strangersWebhookAttempts(id map[string]string) map[string]attempt {
	attempts := map[string]attempt{
		"webhooks":      {`{ webhooks { id url failuresInARow } }`, nil, "FORBIDDEN"},
		"webhookEvents": {`query($id: ID!) { webhookEvents(webhookId: $id) { totalCount edges { node { id body attempts { answer } } } } }`, vars{"id": id["webhook"]}, "FORBIDDEN"},
		"node, webhook": {`query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Webhook { url } ... on WebhookEvent { body } } }`, vars{"ids": []string{id["webhook"], id["hookEvent"]}}, ""},
		"createWebhook": {`mutation { createWebhook(input: {name: "Мой", url: "https://hooks.test/", events: [LEAD_TAKEN]}) { secret webhook { id } } }`, nil, "FORBIDDEN"},
		"updateWebhook": {`mutation($id: ID!) { updateWebhook(input: {id: $id, url: "https://other.test/"}) { webhook { id } } }`, vars{"id": id["webhook"]}, "FORBIDDEN"},
		"testWebhook":   {`mutation($id: ID!) { testWebhook(input: {id: $id, kind: LEAD_TAKEN, send: true}) { test { headers { value } } } }`, vars{"id": id["webhook"]}, "FORBIDDEN"},
	}
	for field, what := range map[string]string{
		"rotateWebhookSecret": "webhook", "resumeWebhook": "webhook", "removeWebhook": "webhook", "retryWebhookEvent": "hookEvent", "cancelWebhookEvent": "hookEvent",
	} {
		attempts[field] = attempt{"mutation($id: ID!) { " + field + "(input: {id: $id}) { userErrors { code } } }", vars{"id": id[what]}, "FORBIDDEN"}
	}
	return attempts
}

func TestWebhooks(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		boss, company := h.admin("boss"), h.distributor("Ромашка")
		var got []*http.Request
		to := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got = append(got, r)
			http.Error(w, "busy", http.StatusServiceUnavailable)
		}))
		t.Cleanup(to.Close)
		made := h.must(boss, `mutation($in: CreateWebhookInput!) { createWebhook(input: $in) { secret webhook { id name url events enabled distributor { companyName } stoppedAt failuresInARow } userErrors { code field } } }`,
			vars{"in": vars{"name": "ERP", "url": to.URL + "/in?token=t", "events": []string{"LEAD_TAKEN", "SALE_REGISTERED"}, "distributorId": gid.Distributor.Format(company)}})
		id := made.at("createWebhook", "webhook", "id")
		if made.at("createWebhook", "webhook", "distributor", "companyName") != "Ромашка" || !strings.HasPrefix(made.at("createWebhook", "secret").(string), "whsec_") ||
			made.at("createWebhook", "webhook", "events", 1) != "SALE_REGISTERED" || made.at("createWebhook", "webhook", "failuresInARow") != 0.0 {
			t.Errorf("got %s", made.raw)
		}
		t.Run("all faults come with their fields", func(t *testing.T) {
			r := h.ask(boss, `mutation { createWebhook(input: {name: "", url: "x", events: [MESSAGE], distributorId: "x"}) { webhook { id } userErrors { code field } } }`, nil)
			for _, want := range []string{`"REQUIRED","field":"name"`, `"INVALID_URL","field":"url"`, `"UNKNOWN_EVENT","field":"events[0]"`, `"NOT_FOUND","field":"distributorId"`} {
				if !strings.Contains(r.raw, want) {
					t.Errorf("got %s, want %s", r.raw, want)
				}
			}
		})
		const try = `mutation($id: ID!, $send: Boolean!) { testWebhook(input: {id: $id, kind: SALE_REGISTERED, send: $send}) { test { method host headers { name value } body attempt { httpStatus errorCode milliseconds answer } } userErrors { code } } }`
		t.Run("a dry run calls nobody, and sent it tells the answer", func(t *testing.T) {
			if r := h.must(boss, try, vars{"id": id, "send": false}); r.at("testWebhook", "test", "attempt") != nil || len(got) != 0 || !strings.Contains(r.raw, "webhook-signature") {
				t.Errorf("got %s and %d calls", r.raw, len(got))
			}
			if r := h.must(boss, try, vars{"id": id, "send": true}); r.at("testWebhook", "test", "attempt", "httpStatus") != 503.0 || r.at("testWebhook", "test", "attempt", "answer") != "busy" || len(got) != 1 {
				t.Errorf("got %s and %d calls", r.raw, len(got))
			}
		})
		t.Run("events are listed with their attempts, the latest first", func(t *testing.T) {
			hook, event := h.hooked("Второй")
			const list = `query($id: ID!, $f: WebhookEventFilter) { webhookEvents(webhookId: $id, filter: $f) { totalCount edges { node { id kind status dueAt attemptCount errorCode webhook { name } attempts { httpStatus errorCode answer milliseconds } } } } }`
			r := h.must(boss, list, vars{"id": gid.Webhook.Format(hook)})
			if r.at("webhookEvents", "totalCount") != 1.0 || r.at("webhookEvents", "edges", 0, "node", "id") != gid.WebhookEvent.Format(event) ||
				r.at("webhookEvents", "edges", 0, "node", "webhook", "name") != "Второй" || r.at("webhookEvents", "edges", 0, "node", "attempts", 0, "httpStatus") != 500.0 {
				t.Errorf("got %s", r.raw)
			}
			if r := h.must(boss, list, vars{"id": gid.Webhook.Format(hook), "f": vars{"statuses": []string{"FAILED"}}}); r.at("webhookEvents", "totalCount") != 0.0 {
				t.Errorf("got %s, want none that has failed", r.raw)
			}
			cancelled := h.must(boss, `mutation($id: ID!) { cancelWebhookEvent(input: {id: $id}) { event { status endedAt } userErrors { code } } }`, vars{"id": gid.WebhookEvent.Format(event)})
			if cancelled.at("cancelWebhookEvent", "event", "status") != "CANCELLED" {
				t.Errorf("got %s", cancelled.raw)
			}
			again := h.must(boss, `mutation($id: ID!) { retryWebhookEvent(input: {id: $id}) { event { status round attemptCount endedAt } userErrors { code } } }`, vars{"id": gid.WebhookEvent.Format(event)})
			if again.at("retryWebhookEvent", "event", "status") != "QUEUED" || again.at("retryWebhookEvent", "event", "round") != 1.0 || again.at("retryWebhookEvent", "event", "endedAt") != nil {
				t.Errorf("got %s", again.raw)
			}
		})
		t.Run("all are listed in one statement for each level", func(t *testing.T) {
			_, asked := h.statements(t, boss, `{ webhooks { name url failuresInARow succeededAt distributor { companyName } } }`, nil)
			if len(asked) > 4 {
				t.Errorf("got %q", asked)
			}
		})
		t.Run("removed, it is gone with its events", func(t *testing.T) {
			h.must(boss, `mutation($id: ID!) { removeWebhook(input: {id: $id}) { userErrors { code } } }`, vars{"id": id})
			if r := h.must(boss, `query($id: ID!) { node(id: $id) { id } }`, vars{"id": id}); r.at("node") != nil {
				t.Errorf("got %s", r.raw)
			}
		})
	})
}

func TestEveryListOfWebhookEventsHasAnIndex(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	boss := h.admin("boss")
	hook, _ := h.hooked("ERP")
	const list = `query($id: ID!, $f: WebhookEventFilter) { webhookEvents(webhookId: $id, filter: $f) { edges { node { id attempts { at } } } } }`
	for name, f := range map[string]vars{"all": nil, "of a status": {"statuses": []string{"FAILED"}}, "of statuses": {"statuses": []string{"FAILED", "QUEUED"}}, "of kinds": {"kinds": []string{"LEAD_TAKEN"}}} {
		t.Run(name, func(t *testing.T) {
			h := *h
			h.t = t
			_, asked := h.statements(t, boss, list, vars{"id": gid.Webhook.Format(hook), "f": f})
			for _, text := range asked {
				if !strings.Contains(text, "webhook_") {
					continue
				}
				plan := h.plan(text)
				if strings.Contains(plan, "SCAN webhook_") || !strings.Contains(plan, "webhookdelivery_webhook_id_") && !strings.Contains(plan, "webhookattempt_delivery_id_id") {
					t.Errorf("%s: got\n%s\nwant an index", text, plan)
				}
			}
		})
	}
	ctx, counter := db.CountStatements(h.system())
	if err := h.webhooks.Overdue(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := h.webhooks.Drop(ctx, h.now()); err != nil {
		t.Fatal(err)
	}
	for _, text := range counter.List() {
		if strings.Contains(text, "webhook_deliveries") && !strings.HasPrefix(text, "INSERT") {
			if plan := h.plan(text); strings.Contains(plan, "SCAN webhook_deliveries") && !strings.Contains(plan, "INDEX") {
				t.Errorf("%s: got\n%s\nwant an index", text, plan)
			}
		}
	}
}
