package graph_test

import (
	"strings"
	"testing"

	"channelbook/ent"
	"channelbook/internal/calendar"
	"channelbook/internal/gid"
	"channelbook/leads"
)

// thisMonth is the month that the house is in.
func (h *house) thisMonth() calendar.Period {
	return calendar.PeriodOf(calendar.Month, calendar.DateOf(h.now(), h.payouts.TimeZone))
}

// nothingClosed opens all periods, behind the back of goals.
func (h *house) nothingClosed() {
	h.t.Helper()
	h.db.PeriodFact.Delete().ExecX(h.system())
	h.db.Period.Delete().ExecX(h.system())
}

// sale registers one of today, for a payout in kopecks, where nothing is closed yet.
func (h *house) sale(lead gid.ID, payout int64) {
	h.t.Helper()
	h.nothingClosed()
	if _, err := h.payouts.RegisterSale(h.system(), leads.Sale{LeadID: lead, Payout: &payout}); err != nil {
		h.t.Fatal(err)
	}
}

// shut closes this month, behind the back of goals.
func (h *house) shut() {
	h.t.Helper()
	p := h.thisMonth()
	h.nothingClosed()
	h.db.Period.Create().SetKind("MONTH").SetStartsOn(&p.StartsOn).SetStatus("CLOSED").SetClosedAt(h.now()).ExecX(h.system())
}

// drawn is a draft for this month.
func (h *house) drawn(of gid.ID) *ent.PayoutStatement {
	h.t.Helper()
	h.shut()
	s, err := h.payouts.DrawUp(h.system(), of, h.thisMonth())
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

// owed are an approved statement of a distributor and its line of the ledger, as strangers would name them.
func (h *house) owed(of, lead gid.ID) map[string]string {
	h.t.Helper()
	h.sale(lead, 777_77)
	s := h.drawn(of)
	if _, err := h.payouts.Approve(h.system(), s.ID, nil); err != nil {
		h.t.Fatal(err)
	}
	return map[string]string{
		"statement": gid.Statement.Format(s.ID), "line": gid.LedgerEntry.Format(h.db.LedgerEntry.Query().FirstIDX(h.system())),
	}
}

// strangersPayoutAttempts: see strangersAttempts.
func strangersPayoutAttempts(id map[string]string) map[string]attempt {
	input := func(fields vars) vars { return vars{"in": fields} }
	on := input(vars{"id": id["statement"]})
	return map[string]attempt{
		"ledgerEntries":              {`query($d: ID!) { ledgerEntries(filter: {distributorIds: [$d]}) { totalCount edges { node { id amount { amount } } } } }`, vars{"d": id["distributor"]}, ""},
		"ledgerEntries of all":       {`{ ledgerEntries { totalCount edges { node { id lead { id } distributor { companyName } } } } }`, nil, ""},
		"ledgerEntries by lead":      {`query($l: ID!) { ledgerEntries(filter: {leadId: $l}) { totalCount edges { node { id } } } }`, vars{"l": id["lead"]}, ""},
		"ledgerEntries by statement": {`query($s: ID!) { ledgerEntries(filter: {statementId: $s}) { totalCount edges { node { id } } } }`, vars{"s": id["statement"]}, ""},
		"payoutStatements":           {`{ payoutStatements { totalCount edges { node { id total { amount } entries { totalCount } } } } }`, nil, ""},
		"payoutTotals":               {`{ payoutTotals(groupBy: STATEMENT) { key label entryCount } }`, nil, ""},
		"payoutTotals by company":    {`{ payoutTotals(groupBy: DISTRIBUTOR) { key label entryCount } }`, nil, ""},
		"nodes of the ledger":        {`query($ids: [ID!]!) { nodes(ids: $ids) { id } }`, vars{"ids": []string{id["statement"], id["line"]}}, ""},
		"drawUpStatement":            {`mutation($in: DrawUpStatementInput!) { drawUpStatement(input: $in) { statement { id } userErrors { code } } }`, input(vars{"distributorId": id["distributor"], "period": vars{"kind": "MONTH", "startsOn": "2026-01-01"}}), "FORBIDDEN"},
		"discardStatement":           {`mutation($in: DiscardStatementInput!) { discardStatement(input: $in) { userErrors { code } } }`, on, "FORBIDDEN"},
		"approveStatement":           {`mutation($in: ApproveStatementInput!) { approveStatement(input: $in) { statement { id } userErrors { code } } }`, on, "FORBIDDEN"},
		"markStatementPaid":          {`mutation($in: MarkStatementPaidInput!) { markStatementPaid(input: $in) { statement { id } userErrors { code } } }`, on, "FORBIDDEN"},
	}
}

const statementParts = `id status revision entryCount total { amount currency } period { kind startsOn endsOn status } distributor { companyName }
	drawnUpBy { login } approvedBy { login } paidBy { login } paidOn paymentReference
	entries { totalCount totalAmount { amount } edges { node { kind day amount { amount } lead { id } statement { id } actor { login } } } }`

func TestAStatementIsDrawnUpApprovedAndPaid(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		boss, other := h.admin("boss"), h.admin("other")
		company := h.distributor("Ромашка")
		roma := h.worker("roma", company)
		source, _ := h.source(leads.SourceInput{Name: "Landing"})
		lead := h.lead(source, leads.Submission{}, company)
		h.must(boss, `mutation($l: ID!) { registerSale(input: {leadId: $l, payout: "1500.50"}) { userErrors { code } } }`, vars{"l": gid.Lead.Format(lead)})
		month := vars{"kind": "MONTH", "startsOn": h.thisMonth().StartsOn.String()}
		in := vars{"in": vars{"distributorId": gid.Distributor.Format(company), "period": month}}
		draw := `mutation($in: DrawUpStatementInput!) { drawUpStatement(input: $in) { statement { ` + statementParts + ` } userErrors { code field } } }`

		if got := h.ask(boss, draw, in); !strings.Contains(got.raw, `"statement":null,"userErrors":[{"code":"PERIOD_OPEN","field":"period"}]`) {
			t.Fatalf("got %s, want the period to be closed first", got.raw)
		}
		h.shut()
		got := h.must(boss, draw, in)
		id := got.at("drawUpStatement", "statement", "id")
		for _, want := range []string{`"status":"DRAFT","revision":1,"entryCount":1,"total":{"amount":"1500.50","currency":"RUB"}`, `"status":"CLOSED"`,
			`"drawnUpBy":{"login":"boss"},"approvedBy":null`, `"totalCount":1,"totalAmount":{"amount":"1500.50"}`, `"actor":{"login":"boss"}`} {
			if !strings.Contains(got.raw, want) {
				t.Errorf("got %s, want %s in it", got.raw, want)
			}
		}
		list := `{ payoutStatements { totalCount edges { node { ` + statementParts + ` } } } ledgerEntries(filter: {unsettled: false}) { totalCount totalAmount { amount } }
			viewer { distributor { payoutBalance { owed { amount } held { amount } inStatements { amount } available { amount } paid { amount } } } } }`
		t.Run("its distributor sees nothing of a draft", func(t *testing.T) {
			h := *h
			h.t = t
			got := h.must(roma, list, nil)
			for _, want := range []string{`"payoutStatements":{"totalCount":0`, `"ledgerEntries":{"totalCount":0,"totalAmount":{"amount":"0.00"}}`,
				`"inStatements":{"amount":"0.00"},"available":{"amount":"1500.50"}`} {
				if !strings.Contains(got.raw, want) {
					t.Errorf("got %s, want %s in it", got.raw, want)
				}
			}
			if got := h.must(roma, `query($id: ID!) { node(id: $id) { id } }`, vars{"id": id}); got.at("node") != nil {
				t.Errorf("got %s, want null", got.raw)
			}
		})
		approve := `mutation($in: ApproveStatementInput!) { approveStatement(input: $in) { statement { status } userErrors { code field } } }`
		t.Run("who drew it up does not approve it", func(t *testing.T) {
			got := h.ask(boss, approve, vars{"in": vars{"id": id, "revision": 2}})
			for _, want := range []string{`"code":"SAME_ADMINISTRATOR","field":"id"`, `"code":"STALE","field":"revision"`} {
				if !strings.Contains(got.raw, want) {
					t.Errorf("got %s, want %s in it", got.raw, want)
				}
			}
		})
		if got := h.must(other, approve, vars{"in": vars{"id": id, "revision": 1}}); got.at("approveStatement", "statement", "status") != "APPROVED" {
			t.Fatalf("got %s, want it approved", got.raw)
		}
		t.Run("its distributor sees what is approved, and nobody whom it may not see", func(t *testing.T) {
			h := *h
			h.t = t
			got := h.must(roma, list, nil)
			for _, want := range []string{`"payoutStatements":{"totalCount":1`, `"drawnUpBy":null,"approvedBy":null`, `"actor":null`, `"inStatements":{"amount":"1500.50"}`, `"lead":{"id":"lead_`} {
				if !strings.Contains(got.raw, want) {
					t.Errorf("got %s, want %s in it", got.raw, want)
				}
			}
		})
		pay := `mutation($in: MarkStatementPaidInput!) { markStatementPaid(input: $in) { statement { ` + statementParts + ` } userErrors { code field } } }`
		got = h.must(boss, pay, vars{"in": vars{"id": id, "reference": "Поручение 17"}})
		if !strings.Contains(got.raw, `"status":"PAID"`) || !strings.Contains(got.raw, `"paymentReference":"Поручение 17"`) {
			t.Errorf("got %s, want it paid", got.raw)
		}
		for field, query := range map[string]string{"markStatementPaid": pay, "approveStatement": approve,
			"discardStatement": `mutation($in: DiscardStatementInput!) { discardStatement(input: $in) { userErrors { code field } } }`} {
			if got := h.ask(other, query, vars{"in": vars{"id": id}}); got.at(field, "userErrors", 0, "code") != "STATEMENT_STATUS" {
				t.Errorf("%s: got %s, want STATEMENT_STATUS", field, got.raw)
			}
		}
	})
}

func TestTheLedgerIsRead(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		boss := h.admin("boss")
		roma, vasya := h.distributor("Ромашка"), h.distributor("Василёк")
		worker := h.worker("roma", roma)
		source, _ := h.source(leads.SourceInput{Name: "Landing"})
		back := h.lead(source, leads.Submission{}, roma)
		h.sale(back, 100)
		for range 3 {
			h.sale(h.lead(source, leads.Submission{}, roma), 200)
		}
		h.sale(h.lead(source, leads.Submission{}, vasya), 5_00)
		if _, err := h.payouts.ReverseSale(h.system(), back, "возврат"); err != nil {
			t.Fatal(err)
		}
		page := `query($first: Int, $after: String, $f: LedgerFilter, $by: LedgerOrder) { ledgerEntries(first: $first, after: $after, filter: $f, orderBy: $by) {
			totalCount totalAmount { amount } pageInfo { hasNextPage endCursor } edges { node { id kind amount { amount } reverses { id } reason correction distributor { companyName } } } } }`
		t.Run("pages of both directions hold each line once, and each page tells the whole", func(t *testing.T) {
			for _, direction := range []string{"ASC", "DESC"} {
				seen := map[any]bool{}
				var after any
				for more := true; more; {
					got := h.must(boss, page, vars{"first": 2, "after": after, "by": vars{"field": "DAY", "direction": direction}})
					if got.at("ledgerEntries", "totalAmount", "amount") != "11.00" || got.at("ledgerEntries", "totalCount") != 6.0 {
						t.Errorf("got %s, want 6 lines of 11 roubles", got.raw)
					}
					for _, n := range got.nodes("ledgerEntries") {
						seen[n["id"]] = true
					}
					more, after = got.at("ledgerEntries", "pageInfo", "hasNextPage") == true, got.at("ledgerEntries", "pageInfo", "endCursor")
				}
				if len(seen) != 6 {
					t.Errorf("%s: got %d lines, want 6", direction, len(seen))
				}
			}
		})
		t.Run("a reversal names its sale and its reason", func(t *testing.T) {
			got := h.must(worker, page, vars{"f": vars{"kinds": []string{"REVERSAL"}}})
			if !strings.Contains(got.raw, `"amount":{"amount":"-1.00"},"reverses":{"id":"entry_`) || !strings.Contains(got.raw, `"reason":"возврат","correction":false`) {
				t.Errorf("got %s, want the reversal", got.raw)
			}
		})
		t.Run("the faults of a filter are named", func(t *testing.T) {
			got := h.ask(boss, page, vars{"f": vars{"distributorIds": []string{"nothing"}, "leadId": "nothing", "statementId": "nothing"}})
			for _, want := range []string{"id of a distributor", "id of a lead", "id of a statement"} {
				if !strings.Contains(got.raw, want) {
					t.Errorf("got %s, want a fault at %s", got.raw, want)
				}
			}
		})
		t.Run("totals have keys and names", func(t *testing.T) {
			got := h.must(boss, `{ payoutTotals(groupBy: DISTRIBUTOR) { key label accrued { amount } reversed { amount } total { amount } entryCount } }`, nil)
			want := `"label":"Ромашка","accrued":{"amount":"7.00"},"reversed":{"amount":"-1.00"},"total":{"amount":"6.00"},"entryCount":5}`
			if !strings.Contains(got.raw, want) || !strings.Contains(got.raw, gid.Distributor.Format(vasya)) {
				t.Errorf("got %s, want %s in it", got.raw, want)
			}
		})
		t.Run("one statement reads a level", func(t *testing.T) {
			h.drawn(roma)
			h.drawn(vasya)
			for query, most := range map[string]int{
				`{ ledgerEntries { totalCount edges { node { amount { amount } distributor { companyName } lead { id } actor { login } } } } }`:      4,
				`{ ledgerEntries { edges { node { statement { status } } } } }`:                                                                      3,
				`{ payoutStatements { totalCount edges { node { total { amount } entries(first: 3) { totalCount edges { node { id day } } } } } } }`: 2,
				`{ payoutStatements { edges { node { period { status } } } } }`:                                                                      2,
				`{ distributors { edges { node { id payoutBalance { owed { amount } } } } } }`:                                                       2,
			} {
				if _, got := h.statements(t, boss, query, nil); len(got) > most {
					t.Errorf("%s: got %d statements, want at most %d:\n%s", query, len(got), most, strings.Join(got, "\n"))
				}
			}
		})
	})
}
