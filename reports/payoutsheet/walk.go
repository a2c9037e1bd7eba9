package payoutsheet

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/lead"
	"channelbook/ent/ledgerentry"
	"channelbook/ent/payoutstatement"
	"channelbook/ent/predicate"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/gid"
)

// atOnce is how many lines are read at once: some three or four statements for each batch.
const atOnce = 1000

// walk reads lines in the order of their days, with the statements and the leads that the viewer sees, by the index of days: it
// holds no more than a batch.
func (m *making) walk(ctx context.Context, do func(*ent.LedgerEntry) error, where ...predicate.LedgerEntry) error {
	var behind []predicate.LedgerEntry
	for {
		query := m.Tx.LedgerEntry.Query().Where(where...).Where(behind...).
			Order(ledgerentry.ByDay(), ledgerentry.ByID()).Limit(atOnce).
			WithLine(func(q *ent.StatementLineQuery) {
				q.WithStatement(func(q *ent.PayoutStatementQuery) {
					q.Select(payoutstatement.FieldID, payoutstatement.FieldPeriodKind, payoutstatement.FieldStartsOn)
				})
			})
		if m.Viewer.Role == auth.Distributor { // of others' nothing is hidden
			query.WithLead(func(q *ent.LeadQuery) { q.Select(lead.FieldID) })
		}
		rows, err := query.All(ctx)
		if err != nil {
			return fmt.Errorf("read lines of the ledger: %w", err)
		}
		for _, row := range rows {
			if err := do(row); err != nil {
				return err
			}
		}
		if len(rows) < atOnce {
			return nil
		}
		last := rows[len(rows)-1]
		behind = []predicate.LedgerEntry{after(*last.Day, last.ID)}
	}
}

// after are the lines that come after one.
func after(day calendar.Date, id gid.ID) predicate.LedgerEntry {
	return func(s *sql.Selector) {
		s.Where(sql.CompositeGT([]string{s.C(ledgerentry.FieldDay), s.C(ledgerentry.FieldID)}, day, id))
	}
}

// statementOf is the statement of a line that the viewer sees; nil where there is none.
func statementOf(e *ent.LedgerEntry) *ent.PayoutStatement {
	if e.Edges.Line == nil {
		return nil
	}
	return e.Edges.Line.Edges.Statement
}

// leadOf is the id of a line's lead, as it is told outside; empty where the viewer does not see it.
func (m *making) leadOf(e *ent.LedgerEntry) string {
	if m.Viewer.Role == auth.Distributor && e.Edges.Lead == nil {
		return ""
	}
	return gid.Lead.Format(e.LeadID)
}
