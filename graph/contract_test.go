package graph_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"channelbook/ent/goal"
	"channelbook/ent/report"
	"channelbook/internal/calendar"
	"channelbook/internal/gid"
	"channelbook/leads"
	"channelbook/notify"
)

// clientOperations are the operations that the clients send, each with the fragments that it needs.
func clientOperations(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, file := range []string{"web.graphql", "mobile.graphql", "integrator.graphql"} {
		doc, err := parser.ParseQuery(&ast.Source{Name: file, Input: read(t, "clients/"+file)})
		if err != nil {
			t.Fatal(err)
		}
		for _, op := range doc.Operations {
			alone := &ast.QueryDocument{Operations: ast.OperationList{op}}
			addFragments(doc, alone, op.SelectionSet)
			var text strings.Builder
			formatter.NewFormatter(&text).FormatQueryDocument(alone)
			out[op.Name] = text.String()
		}
	}
	return out
}

func addFragments(from, to *ast.QueryDocument, set ast.SelectionSet) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			addFragments(from, to, s.SelectionSet)
		case *ast.InlineFragment:
			addFragments(from, to, s.SelectionSet)
		case *ast.FragmentSpread:
			if to.Fragments.ForName(s.Name) == nil {
				f := from.Fragments.ForName(s.Name)
				to.Fragments = append(to.Fragments, f)
				addFragments(from, to, f.SelectionSet)
			}
		}
	}
}

func TestTheClientsOperationsValidate(t *testing.T) {
	for name, text := range clientOperations(t) {
		doc, err := parser.ParseQuery(&ast.Source{Input: text})
		if err != nil {
			t.Fatal(err)
		}
		faults := validator.ValidateWithRules(schema(), doc, rules.NewDefaultRules())
		if len(faults) > 0 {
			t.Errorf("%s: got %v, want a valid operation", name, faults)
		}
	}
}

func TestTheClientsOperationsWork(t *testing.T) {
	operations := clientOperations(t)
	each(t, func(t *testing.T, h *house) {
		admin, company := h.admin("boss"), h.distributor("Ромашка")
		worker := h.worker("roma", company)
		source, key := h.source(leads.SourceInput{Name: "Landing"})
		fresh := func() string { return gid.Lead.Format(h.lead(source, leads.Submission{LastName: "Петрова"})) }
		h.lead(source, leads.Submission{Tracking: leads.Tracking{UTMSource: "vk"}}, company)
		entry := h.must(admin, operations["AddToBlacklist"], vars{"input": vars{"kind": "PHONE", "value": "8 999 111-22-33"}})
		signedIn := h.must(caller{}, operations["SignIn"], vars{"input": vars{"login": "Roma", "password": "a long enough password"}})
		h.goal(company, calendar.Month, "2026-11-01", goal.MetricLEAD_COUNT, 10)
		told := h.message(notify.To{Everyone: true}, "Добрый день", "И ещё раз")
		submitted := h.must(key, operations["SubmitLead"], vars{"input": vars{"firstName": "Иван", "phone": "8 (912) 345-67-89"}})

		calls := map[string]struct {
			who  caller
			vars vars
			path []any // something that must be there
		}{
			"RefreshSession": {caller{}, vars{"input": vars{"refreshToken": signedIn.at("signIn", "session", "refreshToken")}},
				[]any{"refreshSession", "session", "accessToken"}},
			"SignOut":    {admin, nil, []any{"signOut", "userErrors"}},
			"LeadPage":   {admin, vars{"first": 5, "filter": vars{"search": "петр"}}, []any{"leads", "totalCount"}},
			"LeadCard":   {admin, vars{"id": fresh()}, []any{"lead", "decisionTrace", 0, "step"}},
			"LeadFacets": {worker, vars{"filter": vars{"utmSource": "vk"}}, []any{"leadFacets", 2, "values", 0, "count"}},
			"NodeById":   {worker, vars{"id": fresh()}, []any{"node", "id"}},
			"CreateDistributor": {admin, vars{"input": vars{"companyName": "Василёк", "inn": "7707083893", "kpp": "770701001",
				"ogrn": "1027700132195", "contractSignedOn": "2026-01-15", "website": "https://vasilek.example",
				"bankDetails": vars{"bankName": "Банк", "account": "40702810200000000001", "correspondentAccount": "30101810400000000225", "bik": "044525225"}}},
				[]any{"createDistributor", "distributor", "bankDetails", "bik"}},
			"CreateUser": {admin, vars{"input": vars{"login": "vera", "password": "another long password", "role": "DISTRIBUTOR",
				"distributorId": gid.Distributor.Format(company)}}, []any{"createUser", "user", "distributor", "id"}},
			"CreateLeadSource": {admin, vars{"input": vars{"name": "VK"}}, []any{"createLeadSource", "apiKey"}},
			"RegisterSale": {admin, vars{"input": vars{"leadId": fresh(), "payout": "1234.50", "saleAmount": "99000"}},
				[]any{"registerSale", "lead", "payout", "amount"}},
			"LeadStats":           {admin, vars{"groupBy": "CAMPAIGN", "filter": vars{"search": "петр"}}, []any{"leadStats", 0, "label"}},
			"RejectLead":          {worker, vars{"input": vars{"leadId": fresh(), "reason": "Не нужен"}}, []any{"rejectLead", "lead", "status"}},
			"Blacklist":           {admin, vars{"first": 5, "filter": vars{"value": "+7 999 111 22 33"}}, []any{"blacklist", "edges", 0, "node", "value"}},
			"AddToBlacklist":      {admin, vars{"input": vars{"kind": "DOMAIN", "value": "Spam.example"}}, []any{"addToBlacklist", "entry", "id"}},
			"RemoveFromBlacklist": {admin, vars{"input": vars{"id": entry.at("addToBlacklist", "entry", "id")}}, []any{"removeFromBlacklist", "userErrors"}},
			"IntakeLog":           {admin, vars{"first": 5}, []any{"intakeAttempts", "edges", 0, "node", "lead", "id"}},
			"SetGoals": {admin, vars{"input": vars{"goals": []vars{{"distributorId": gid.Distributor.Format(company), "period": vars{"kind": "QUARTER", "startsOn": "2026-10-01"}, "metric": "REVENUE", "target": "100000.50"}}}},
				[]any{"setGoals", "goals", 0, "distributor", "id"}},
			"ClosePeriod": {admin, vars{"input": vars{"period": vars{"kind": "MONTH", "startsOn": "2026-10-01"}}}, []any{"closePeriod", "period", "closedAt"}},
			"MyGoals":     {worker, vars{"from": "2026-11-01", "to": "2026-12-01"}, []any{"viewer", "distributor", "goals", 0, "progress", "standing"}},
			"DistributorDashboard": {admin, vars{"first": 20, "leads": 10, "from": "2026-09-01", "to": "2026-12-01"},
				[]any{"distributors", "edges", 1, "node", "goals", 0, "progress", "forecast"}},
			"RequestReport": {worker, vars{"input": vars{"kind": "LEADS", "format": "CSV", "filter": vars{"statuses": []string{"NEW"}}, "from": "2026-11-01", "to": "2026-12-01"}},
				[]any{"requestReport", "report", "requestedAt"}},
			"Report":      {worker, vars{"id": h.reportOf("roma", report.StatusREADY)}, []any{"report", "downloadUrl"}},
			"MyLeads":     {worker, vars{"first": 5}, []any{"leads", "edges", 0, "node", "id"}},
			"TakeLead":    {worker, vars{"input": vars{"leadId": fresh()}}, []any{"takeLead", "lead", "status"}},
			"DeclineLead": {worker, vars{"input": vars{"leadId": fresh(), "reason": "Другой город"}}, []any{"declineLead", "userErrors"}},
			"Viewer":      {worker, nil, []any{"viewer", "unreadNotificationCount"}},
			"SendNotification": {admin, vars{"input": vars{"title": "Встреча", "text": "В пять", "userIds": []string{gid.User.Format(h.idOf("roma"))}}},
				[]any{"sendNotification", "recipientCount"}},
			"NotificationList":      {worker, vars{"first": 5, "unreadOnly": true}, []any{"notifications", "edges", 0, "node", "deliveries", 0, "status"}},
			"MarkNotificationsRead": {worker, vars{"input": vars{"ids": []string{told}}}, []any{"markNotificationsRead", "unreadCount"}},
			"SubmitLeads":           {key, vars{"input": vars{"leads": []vars{{"firstName": "А", "email": "a@example.ru"}}}}, []any{"submitLeads", "results", 0, "reference"}},
			"SubmittedLead":         {key, vars{"reference": submitted.at("submitLead", "reference")}, []any{"submittedLead", "status"}},
		}
		for _, name := range slices.Sorted(maps.Keys(calls)) {
			t.Run(name, func(t *testing.T) {
				h := *h
				h.t = t
				call := calls[name]
				if r := h.must(call.who, operations[name], call.vars); r.at(call.path...) == nil {
					t.Errorf("got %s, want something at %v", r.raw, call.path)
				}
			})
			delete(operations, name)
		}
		for _, name := range []string{"SignIn", "SubmitLead", "AddToBlacklist", "Notifications"} {
			delete(operations, name)
		}
		for name := range operations {
			t.Errorf("%s is not tried", name)
		}
		operations = clientOperations(t)
	})
}
