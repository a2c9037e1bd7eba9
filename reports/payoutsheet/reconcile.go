package payoutsheet

import (
	"context"
	"fmt"

	"channelbook/internal/gid"
	"channelbook/reports/sheet"
)

// reconcile writes for each distributor how the ledger of the period and the statements come to the same. That they do not is an
// error.
func (m *making) reconcile(_ context.Context, book *sheet.Book) error {
	if err := m.agree(); err != nil {
		return err
	}
	columns := []sheet.Column{{Heading: textDistributor, Width: 34}}
	for _, heading := range []string{headAccrued, headReversed, headLedger, headOfStatements, headOtherDays, headElsewhere, headUnsettled, headDifference} {
		columns = append(columns, sheet.Column{Heading: heading, Width: 22, Format: sheet.Money})
	}
	t, err := book.Table(textReconciled, titleReconciled, m.about(sheet.Line{Label: textRule, Value: textHow}), columns)
	if err != nil {
		return err
	}
	var all sums
	for _, id := range m.owners {
		s := *m.of(id)
		all = all.and(s)
		if err := t.AddMarked(reconciled(m.names[id], s)...); err != nil {
			return err
		}
		if err := m.count(); err != nil {
			return err
		}
	}
	if err := t.Close(); err != nil || len(m.owners) == 0 {
		return err
	}
	return t.Sum(reconciled(textTotal, all)...)
}

// agreed is the colour of a difference of nothing.
const agreed = "E2EFDA"

func reconciled(name string, s sums) []any {
	row := []any{name}
	for _, sum := range []int64{s.accrued, s.reversed, s.ledger(), s.statements, s.otherDays, s.elsewhere, s.unsettled} {
		row = append(row, sheet.Kopecks(sum))
	}
	return append(row, sheet.Marked{Value: sheet.Kopecks(s.difference()), Format: sheet.Money, Fill: agreed})
}

// agree holds what was added up in different ways against each other.
func (m *making) agree() error {
	for _, s := range m.statements {
		if c := m.checks[s.ID]; c.sum != s.Total || c.count != s.EntryCount {
			return fmt.Errorf("%s says %d kopecks of %d lines, and its lines come to %d of %d",
				gid.Statement.Format(s.ID), s.Total, s.EntryCount, c.sum, c.count)
		}
	}
	for id, s := range m.summed {
		if d := s.difference(); d != 0 {
			return fmt.Errorf("the payouts of %s in the %s do not reconcile: %d kopecks are left", gid.Distributor.Format(id), m.Period, d)
		}
	}
	return nil
}
