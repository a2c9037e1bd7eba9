package payouts_test

import (
	"strings"
	"testing"

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
		for _, statement := range []string{
			"UPDATE ledger_entries SET amount = amount + 1",
			"UPDATE ledger_entries SET reason = 'x'",
			"DELETE FROM ledger_entries",
			"UPDATE payout_statements SET total = total + 1 WHERE status = 'PAID'",
			"UPDATE payout_statements SET status = 'APPROVED' WHERE status = 'PAID'",
			"UPDATE payout_statements SET payment_reference = 'x' WHERE status = 'PAID'",
			"DELETE FROM payout_statements WHERE status = 'PAID'",
			"UPDATE statement_lines SET statement_id = statement_id",
			"DELETE FROM statement_lines",
			"INSERT INTO statement_lines (statement_id, entry_id) SELECT s.id, e.id FROM payout_statements s, ledger_entries e WHERE e.amount = 7",
		} {
			if _, err := d.ExecContext(b.system, statement); err == nil || !strings.Contains(err.Error(), "never change") {
				t.Errorf("%s: got %v, want the base to refuse it", statement, err)
			}
		}
		s := must(d.PayoutStatement.Get(b.system, id))
		if s.Status != payoutstatement.StatusPAID || s.Total != 110_00 || s.PaymentReference != "17" {
			t.Errorf("got %v, want it as it was", s)
		}
		b.agrees(id)
		wantLines(t, b.ledger(loose), "ACCRUAL 1 2026-04-02 7 2026-04-02")
	})
}
