package legacy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"channelbook/ent"
	"channelbook/ent/ledgerentry"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/payouts"
)

// paidBy is the reference of the statements by which the other system has paid.
const paidBy = "Прежняя система"

// monthOf is a distributor's month.
type monthOf struct {
	distributor gid.ID
	month       calendar.Period
}

// paid puts the sales that the other system has paid onto statements that are paid, one for each distributor and month, and says what is
// left to pay.
func (m *importer) paid(ctx context.Context) error {
	m.tellOwed()
	if m.PaidThrough == nil || !m.Apply {
		return nil
	}
	months, err := m.unpaid(ctx)
	if err != nil {
		return err
	}
	statements, sum := 0, int64(0)
	for _, of := range months {
		var n int
		var total int64
		err := m.batch(ctx, func(tx *db.Tx) (err error) {
			n, total, err = m.Payouts.ImportPaid(ctx, tx, payouts.PaidElsewhere{
				ID: gid.Named("statements", of.distributor.String(), of.month.StartsOn.String()), Distributor: of.distributor, Month: of.month, Source: m.source, Reference: paidBy,
			})
			return err
		})
		if err != nil {
			return err
		}
		if n > 0 {
			statements, sum = statements+1, sum+total
		}
	}
	if statements > 0 {
		m.report.note("Statements that stand as paid by the other system: %d, of %s roubles in all.", statements, roubles(sum))
	}
	return m.tellLeft(ctx)
}

// tellLeft says what was to be taken as paid and is not, as its months have statements here already: it would be paid once more.
func (m *importer) tellLeft(ctx context.Context) error {
	left, err := m.notOnStatements(ctx)
	if err != nil {
		return err
	}
	sums := map[monthOf]int64{}
	for _, e := range left {
		sums[monthOf{e.DistributorID, calendar.PeriodOf(calendar.Month, *e.Day)}] += e.Amount
	}
	var lines []string
	for of, sum := range sums {
		if sum != 0 {
			lines = append(lines, fmt.Sprintf("%s %s: %s roubles", of.month.StartsOn.String()[:7], gid.Distributor.Format(of.distributor), roubles(sum)))
		}
	}
	if len(lines) > 0 {
		slices.Sort(lines)
		m.report.note("Payouts that are NOT taken as paid, as a month of the distributor has a statement here already; they stand as owed: %s.", strings.Join(lines, "; "))
	}
	return nil
}

// tellOwed says what of the new sales is owed here, and what is not.
func (m *importer) tellOwed() {
	var owed, paid int64
	for _, months := range m.owed {
		for p, sum := range months {
			if m.PaidThrough != nil && !p.StartsOn.After(m.PaidThrough.StartsOn) {
				paid += sum
			} else {
				owed += sum
			}
		}
	}
	if paid != 0 {
		m.report.note("leads: payouts of %s roubles for new sales up to %s are taken as paid by the other system.", roubles(paid), m.PaidThrough.EndsOn())
	}
	if owed != 0 {
		m.report.note("leads: payouts of %s roubles for new sales stand as owed, and come onto the next statements. What the other system has paid of them say with -paid-through.", roubles(owed))
	}
}

// unpaid are the months of distributors, up to the last that was paid, with sales that stand on no statement; in order.
func (m *importer) unpaid(ctx context.Context) (all []monthOf, err error) {
	entries, err := m.notOnStatements(ctx)
	if err != nil {
		return nil, err
	}
	seen := map[monthOf]bool{}
	for _, e := range entries {
		of := monthOf{e.DistributorID, calendar.PeriodOf(calendar.Month, *e.Day)}
		if !seen[of] {
			seen[of] = true
			all = append(all, of)
		}
	}
	slices.SortFunc(all, func(a, b monthOf) int {
		return strings.Compare(a.month.StartsOn.String()+a.distributor.String(), b.month.StartsOn.String()+b.distributor.String())
	})
	return all, nil
}

// notOnStatements are the lines of sales of the other system's, up to the last month that was paid, that stand on no statement.
func (m *importer) notOnStatements(ctx context.Context) ([]*ent.LedgerEntry, error) {
	end := m.PaidThrough.End()
	entries, err := m.DB.LedgerEntry.Query().Where(payouts.UnpaidOf(m.source), ledgerentry.DayLT(&end)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for what the other system has paid: %w", err)
	}
	return entries, nil
}
