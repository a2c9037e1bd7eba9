package graph_test

import (
	"strings"
	"testing"

	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/leads"
)

// TestEveryFilterOfTheLedgerHasAnIndex: no filter or order walks the whole table. SQLite tells how it goes about a statement
// whatever the size of the table; the indexes of PostgreSQL are the same.
func TestEveryFilterOfTheLedgerHasAnIndex(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		h := open(t, dbtest.SQLite(t))
		boss := h.admin("boss")
		company := h.distributor("Ромашка")
		source, _ := h.source(leads.SourceInput{Name: "Landing"})
		lead := h.lead(source, leads.Submission{}, company)
		h.sale(lead, 100)
		h.drawn(company)
		statement := gid.Statement.Format(h.db.PayoutStatement.Query().FirstIDX(h.system()))
		period := vars{"kind": "MONTH", "startsOn": h.thisMonth().StartsOn.String()}
		const ledger = `query($f: LedgerFilter) { ledgerEntries(filter: $f) { edges { node { amount { amount } } } } }`
		const statements = `query($f: PayoutStatementFilter) { payoutStatements(filter: $f) { edges { node { status } } } }`
		for name, c := range map[string]struct {
			query string
			f     vars
			index string
		}{
			"all":                {ledger, nil, "ledgerentry_day_id"},
			"of distributors":    {ledger, vars{"distributorIds": []string{gid.Distributor.Format(company)}}, "ledgerentry_distributor_id_day_id"},
			"of a kind":          {ledger, vars{"kinds": []string{"REVERSAL"}}, "ledgerentry_kind_day_id"},
			"of some days":       {ledger, vars{"from": "2026-01-01", "to": "2026-02-01"}, "ledgerentry_day_id"},
			"of a lead":          {ledger, vars{"leadId": gid.Lead.Format(lead)}, "ledgerentry_lead_id_kind_sale_number"},
			"of a statement":     {ledger, vars{"statementId": statement}, "statementline_statement_id"},
			"corrections":        {ledger, vars{"corrections": true}, "ledgerentry_corrections"},
			"unsettled":          {ledger, vars{"unsettled": true}, "statement_lines_entry_id_key"},
			"all statements":     {statements, nil, "payoutstatement_starts_on_id"},
			"statements of some": {statements, vars{"distributorIds": []string{gid.Distributor.Format(company)}}, "payoutstatement_distributor_id_"},
			"drafts":             {statements, vars{"statuses": []string{"DRAFT"}}, "payoutstatement_status_starts_on_id"},
			"of a period":        {statements, vars{"period": period}, "payoutstatement_starts_on_id"},
		} {
			t.Run(name, func(t *testing.T) {
				h := *h
				h.t = t
				_, asked := h.statements(t, boss, c.query, vars{"f": c.f})
				plan := h.plan(asked[len(asked)-1])
				for _, step := range strings.Split(plan, "\n") {
					if step == "SCAN ledger_entries" || step == "SCAN payout_statements" {
						t.Errorf("got\n%s\nwant an index", plan)
					}
				}
				if want := c.index; !strings.Contains(plan, want) {
					t.Errorf("got\n%s\nwant %s", plan, want)
				}
			})
		}
	})
}

// plan is how SQLite goes about a statement.
func (h *house) plan(text string) string {
	h.t.Helper()
	rows, err := h.db.QueryContext(h.system(), "EXPLAIN QUERY PLAN "+text, make([]any, strings.Count(text, "?"))...)
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			h.t.Fatal(err)
		}
		steps = append(steps, step)
	}
	return strings.Join(steps, "\n")
}
