package payoutsheet

import (
	"context"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/ledgerentry"
	"channelbook/ent/predicate"
	"channelbook/internal/calendar"
	"channelbook/payouts"
	"channelbook/reports/sheet"
)

// lineColumns are what is told of each line.
func lineColumns(more ...sheet.Column) []sheet.Column {
	return append([]sheet.Column{
		{Heading: headDay, Width: 14, Format: sheet.Day}, {Heading: textDistributor, Width: 26}, {Heading: headKind, Width: 13},
		{Heading: headLead, Width: 32}, {Heading: headSaleNumber, Width: 12, Format: sheet.Number},
		{Heading: headAmount, Width: 16, Format: sheet.Money}, {Heading: headSaleAmount, Width: 20, Format: sheet.Money},
		{Heading: headAvailable, Width: 13, Format: sheet.Day}, {Heading: headCorrection, Width: 16}, {Heading: headReason, Width: 24},
	}, more...)
}

// lineRow is a line. A reason is shown to whoever sees the line, as GraphQL does.
func (m *making) lineRow(e *ent.LedgerEntry, more ...any) []any {
	var amount any
	if e.SaleAmount != nil {
		amount = sheet.Kopecks(*e.SaleAmount)
	}
	correction := ""
	if e.Correction {
		correction = textYes
	}
	return append([]any{
		*e.Day, m.names[e.DistributorID], kindTexts[e.Kind], m.leadOf(e), e.SaleNumber, sheet.Kopecks(e.Amount), amount,
		*e.AvailableOn, correction, e.Reason,
	}, more...)
}

// added are the sums below lines.
type added struct {
	rows   int
	amount int64
	sale   any // nil where that of no sale is known
}

func (a *added) add(e *ent.LedgerEntry) {
	a.rows++
	a.amount += e.Amount
	if e.SaleAmount != nil {
		known, _ := a.sale.(sheet.Kopecks)
		a.sale = known + sheet.Kopecks(*e.SaleAmount)
	}
}

// end closes a table of lines with their sums; more is how many columns there are besides.
func (a *added) end(t *sheet.Table, more int) error {
	if err := t.Close(); err != nil || a.rows == 0 {
		return err
	}
	values := []any{sheet.Marked{Value: textTotal}, nil, nil, nil, nil, sheet.Kopecks(a.amount), a.sale, nil, nil, nil}
	return t.Sum(append(values, make([]any, more)...)...)
}

// writeLines writes the lines of the period's statements, whatever their day, and those of the period's days that stand on
// others, in the order of days.
func (m *making) writeLines(ctx context.Context, book *sheet.Book) error {
	t, err := book.Table(textLines, titleLines, m.about(), lineColumns(sheet.Column{Heading: headStatement, Width: 15}, sheet.Column{Heading: headPlace, Width: 28}))
	if err != nil {
		return err
	}
	var sum added
	write := func(e *ent.LedgerEntry) error {
		on := statementOf(e)
		if on == nil {
			return fmt.Errorf("a line that stands on a statement came without it")
		}
		sum.add(e)
		if err := t.Add(m.lineRow(e, payouts.PeriodOf(on).Title(), m.place(e, on))...); err != nil {
			return err
		}
		return m.count()
	}
	for _, where := range m.parts() {
		if err := m.walk(ctx, write, where...); err != nil {
			return err
		}
	}
	return sum.end(t, 2)
}

// parts are the lines on statements: those from before the period's days, of them, and from after.
func (m *making) parts() [][]predicate.LedgerEntry {
	first, end, no := m.Period.StartsOn, m.Period.End(), false
	parts := [][]predicate.LedgerEntry{{m.asked(&first, &end, &no)}}
	between := func(from, to calendar.Date) []predicate.LedgerEntry {
		return []predicate.LedgerEntry{m.onPeriod(), ledgerentry.DayGTE(&from), ledgerentry.DayLT(&to)}
	}
	if m.others.Min != nil && first.After(*m.others.Min) {
		parts = append([][]predicate.LedgerEntry{between(*m.others.Min, first)}, parts...)
	}
	if m.others.Max != nil && !end.After(*m.others.Max) {
		parts = append(parts, between(end, m.others.Max.AddDays(1)))
	}
	return parts
}

// place says where a line stands in the reconciliation, and adds it there.
func (m *making) place(e *ent.LedgerEntry, on *ent.PayoutStatement) string {
	ours := m.checks[on.ID]
	if ours == nil {
		m.of(e.DistributorID).elsewhere += e.Amount
		return placeElsewhere
	}
	ours.sum += e.Amount
	ours.count++
	if m.Period.Contains(*e.Day) {
		return placeBoth
	}
	m.of(e.DistributorID).otherDays += e.Amount
	return placeOtherDay
}

// writeUnsettled writes the lines of the period's days that stand on no statement.
func (m *making) writeUnsettled(ctx context.Context, book *sheet.Book) error {
	t, err := book.Table(textUnsettled, titleUnsettled, m.about(), lineColumns())
	if err != nil {
		return err
	}
	var sum added
	first, end, yes := m.Period.StartsOn, m.Period.End(), true
	err = m.walk(ctx, func(e *ent.LedgerEntry) error {
		sum.add(e)
		m.of(e.DistributorID).unsettled += e.Amount
		if err := t.Add(m.lineRow(e)...); err != nil {
			return err
		}
		return m.count()
	}, m.asked(&first, &end, &yes))
	if err != nil {
		return err
	}
	return sum.end(t, 0)
}
