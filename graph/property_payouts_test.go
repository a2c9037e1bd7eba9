package graph_test

import (
	"channelbook/ent"
	"channelbook/ent/ledgerentry"
	"channelbook/ent/payoutstatement"
	"channelbook/internal/gid"
)

// money gives a side a reversal that corrects a closed period, and a statement of each status.
func (w *world) money(s *side) {
	w.t.Helper()
	for i := 50; i < 54; i++ {
		w.live(s, 3, w.submit(s, i, s.submission(i)))
	}
	free := w.unreversed(s)
	of := free[0]
	w.fine(w.db.LedgerEntry.Create().SetDistributorID(s.id).SetLeadID(of.LeadID).SetKind(ledgerentry.KindREVERSAL).SetSaleNumber(of.SaleNumber).
		SetReversesID(of.ID).SetDay(of.Day).SetAmount(-of.Amount).SetSaleAmount(-*of.SaleAmount).SetAvailableOn(of.AvailableOn).SetCorrection(true).
		SetReason(s.mark + " correction").SetActorID(w.boss).SetCreatedAt(w.now()).Exec(w.system()))
	w.statement(s, "2026-08-01", payoutstatement.StatusPAID, free[1])
	w.statement(s, "2026-09-01", payoutstatement.StatusAPPROVED, free[2])
	w.statement(s, "2026-10-01", payoutstatement.StatusDRAFT, free[3])
}

// unreversed are the accruals of a side that stand on no statement and are not reversed.
func (w *world) unreversed(s *side) []*ent.LedgerEntry {
	w.t.Helper()
	rows, err := w.db.LedgerEntry.Query().Where(ledgerentry.DistributorID(s.id), ledgerentry.KindEQ(ledgerentry.KindACCRUAL),
		ledgerentry.Not(ledgerentry.HasReversal()), ledgerentry.Not(ledgerentry.HasLine())).Order(ledgerentry.ByID()).All(w.system())
	w.fine(err)
	return rows
}

// statement puts a line on a statement of a month and brings it to a status.
func (w *world) statement(s *side, startsOn string, status payoutstatement.Status, line *ent.LedgerEntry) {
	w.t.Helper()
	month, id := mustDay(w, startsOn), gid.New()
	w.fine(w.db.PayoutStatement.Create().SetID(id).SetDistributorID(s.id).SetPeriodKind(payoutstatement.PeriodKindMONTH).SetStartsOn(&month).
		SetTotal(line.Amount).SetEntryCount(1).SetRevision(900 + s.number).SetDrawnUpByID(w.boss).SetDrawnUpAt(w.now()).Exec(w.system()))
	w.fine(w.db.StatementLine.Create().SetStatementID(id).SetEntryID(line.ID).Exec(w.system()))
	update := w.db.PayoutStatement.UpdateOneID(id).SetStatus(status)
	if status != payoutstatement.StatusDRAFT {
		update.SetApprovedByID(w.boss).SetApprovedAt(w.now())
	}
	if status == payoutstatement.StatusPAID {
		paid := month.AddDays(40 + s.number)
		update.SetPaidByID(w.boss).SetPaidAt(w.now()).SetPaidOn(&paid).SetPaymentReference(s.mark + " payment")
	}
	w.fine(update.Exec(w.system()))
}

// addMoney adds what a distributor's user sees of the ledger and of statements: its own, but no drafts; leads and people only
// where it sees them.
func (c contents) addMoney(s sight, distributor gid.ID) {
	for _, r := range c["payout_statements"] {
		if r["distributor_id"] != distributor.String() || r["status"] == "DRAFT" {
			continue
		}
		s.add("payout_statements", r, shownOf("PayoutStatement")...)
		for _, who := range []string{"drawn_up_by_id", "approved_by_id", "paid_by_id"} {
			if s["users"][r.text(who)] != nil {
				s.add("payout_statements", r, who)
			}
		}
	}
	for _, r := range c["ledger_entries"] {
		if r["distributor_id"] != distributor.String() {
			continue
		}
		s.add("ledger_entries", r, shownOf("LedgerEntry")...)
		if s["leads"][r.text("lead_id")] != nil {
			s.add("ledger_entries", r, "lead_id")
		}
		if s["users"][r.text("actor_id")] != nil {
			s.add("ledger_entries", r, "actor_id")
		}
	}
	for _, r := range c["statement_lines"] {
		if s["payout_statements"][r.text("statement_id")] != nil {
			s.add("statement_lines", r, "id", "statement_id", "entry_id")
		}
	}
}
