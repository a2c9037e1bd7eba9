package payouts_test

import (
	"strings"
	"testing"

	"entgo.io/ent/dialect"

	"channelbook/ent/payoutstatement"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
)

// TestTheBaseRefusesToChangeWhatWasOwedAndPaid: whoever writes past the program.
func TestTheBaseRefusesToChangeWhatWasOwedAndPaid(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		b.close(march)
		id := b.draft()
		must(b.Approve(b.other, id, nil))
		must(b.MarkPaid(b.admin, id, nil, "17"))
		of := must(d.PayoutStatement.Get(b.system, id)).DistributorID
		loose := b.sold(of, "2026-04-02", 7)
		draft := b.draft()
		statements := []string{
			"UPDATE ledger_entries SET amount = amount + 1",
			"UPDATE ledger_entries SET reason = 'x'",
			"DELETE FROM ledger_entries",
			"UPDATE payout_statements SET total = total + 1 WHERE status = 'PAID'",
			"UPDATE payout_statements SET status = 'APPROVED' WHERE status = 'PAID'",
			"UPDATE payout_statements SET payment_reference = 'x' WHERE status = 'PAID'",
			"DELETE FROM payout_statements WHERE status = 'PAID'",
			"UPDATE statement_lines SET statement_id = statement_id",
			"DELETE FROM statement_lines",
			"INSERT INTO statement_lines (statement_id, entry_id) SELECT s.id, e.id FROM payout_statements s, ledger_entries e WHERE e.amount = 7 AND s.status = 'PAID'",
		}
		if d.Dialect() == dialect.Postgres {
			statements = append(statements, "TRUNCATE ledger_entries CASCADE", "TRUNCATE payout_statements CASCADE", "TRUNCATE statement_lines")
		} else {
			const ledger = "INSERT OR REPLACE INTO ledger_entries (id, distributor_id, lead_id, kind, sale_number, day, amount, available_on, created_at) SELECT "
			statements = append(statements,
				ledger+"id, distributor_id, lead_id, kind, 9, day, 5, available_on, created_at FROM ledger_entries",
				ledger+"'01900000-0000-7000-8000-000000000001', distributor_id, lead_id, kind, sale_number, day, 5, available_on, created_at FROM ledger_entries WHERE amount = 7",
				"INSERT OR REPLACE INTO payout_statements (id, distributor_id, period_kind, starts_on, status, total, entry_count, drawn_up_at) SELECT id, distributor_id, period_kind, starts_on, status, 1, entry_count, drawn_up_at FROM payout_statements WHERE status = 'PAID'",
				"INSERT OR REPLACE INTO payout_statements (id, distributor_id, period_kind, starts_on, status, total, entry_count, drawn_up_at) SELECT '01900000-0000-7000-8000-000000000001', distributor_id, period_kind, starts_on, 'DRAFT', 1, entry_count, drawn_up_at FROM payout_statements WHERE status = 'PAID'",
				"INSERT OR REPLACE INTO statement_lines (statement_id, entry_id) SELECT d.id, l.entry_id FROM payout_statements d, statement_lines l WHERE d.status = 'DRAFT'",
			)
		}
		for _, statement := range statements {
			if _, err := d.ExecContext(b.system, statement); err == nil || !strings.Contains(err.Error(), "never change") {
				t.Errorf("%s: got %v, want the base to refuse it", statement, err)
			}
		}
		s := must(d.PayoutStatement.Get(b.system, id))
		if s.Status != payoutstatement.StatusPAID || s.Total != 110_00 || s.PaymentReference != "17" {
			t.Errorf("got %v, want it as it was", s)
		}
		b.agrees(id)
		b.agrees(draft)
		wantLines(t, b.ledger(loose), "ACCRUAL 1 2026-04-02 7 2026-04-02")
	})
}
