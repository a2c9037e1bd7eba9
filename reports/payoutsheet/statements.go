package payoutsheet

import (
	"context"

	"channelbook/ent"
	"channelbook/payouts"
	"channelbook/reports/sheet"
)

// writeStatements writes a row for each statement of the period.
func (m *making) writeStatements(_ context.Context, book *sheet.Book) error {
	t, err := book.Table(textStatements, titleStatements, m.about(), []sheet.Column{
		{Heading: textDistributor, Width: 34}, {Heading: headStatement, Width: 18}, {Heading: headStatus, Width: 14},
		{Heading: headTotal, Width: 17, Format: sheet.Money}, {Heading: headCount, Width: 10, Format: sheet.Number},
		{Heading: headRevision, Width: 12, Format: sheet.Number}, {Heading: headDrawnUp, Width: 17, Format: sheet.Instant},
		{Heading: headApproved, Width: 17, Format: sheet.Instant}, {Heading: headPaidOn, Width: 13, Format: sheet.Day}, {Heading: headReference, Width: 28},
	})
	if err != nil {
		return err
	}
	var sum int64
	var lines int
	for _, s := range m.statements {
		if err := t.Add(m.statementRow(s)...); err != nil {
			return err
		}
		sum, lines = sum+s.Total, lines+s.EntryCount
		if err := m.count(); err != nil {
			return err
		}
	}
	if err := t.Close(); err != nil || len(m.statements) == 0 {
		return err
	}
	return t.Sum(textTotal, nil, nil, sheet.Kopecks(sum), lines, nil, nil, nil, nil, nil)
}

func (m *making) statementRow(s *ent.PayoutStatement) []any {
	var approved, paid any
	if s.ApprovedAt != nil {
		approved = *s.ApprovedAt
	}
	if s.PaidOn != nil {
		paid = *s.PaidOn
	}
	return []any{
		m.names[s.DistributorID], payouts.PeriodOf(s).Title(), statusTexts[s.Status], sheet.Kopecks(s.Total), s.EntryCount,
		s.Revision, s.DrawnUpAt, approved, paid, s.PaymentReference,
	}
}
