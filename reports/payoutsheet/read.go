package payoutsheet

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/distributor"
	"channelbook/ent/ledgerentry"
	"channelbook/ent/payoutstatement"
	"channelbook/ent/predicate"
	"channelbook/ent/schema"
	"channelbook/ent/statementline"
	"channelbook/internal/calendar"
	"channelbook/internal/gid"
	"channelbook/payouts"
)

// sums are what the parts of a reconciliation come to for a distributor, in kopecks. The base adds up the ledger, statements say
// themselves what they come to, and the rest is added up of the lines as they are written.
type sums struct {
	accrued, reversed int64 // of the period's days, by the base
	count             int   // of these lines
	statements        int64 // of the period, by what they say
	otherDays         int64 // lines of these that are of no day of the period
	elsewhere         int64 // lines of the period's days on other statements
	unsettled         int64 // and on none
}

func (s sums) ledger() int64 { return s.accrued + s.reversed }

// difference is what does not add up.
func (s sums) difference() int64 {
	return s.ledger() - (s.statements - s.otherDays + s.elsewhere + s.unsettled)
}

func (s sums) and(o sums) sums {
	return sums{
		s.accrued + o.accrued, s.reversed + o.reversed, s.count + o.count, s.statements + o.statements,
		s.otherDays + o.otherDays, s.elsewhere + o.elsewhere, s.unsettled + o.unsettled,
	}
}

// of is a distributor's.
func (m *making) of(id gid.ID) *sums {
	if m.summed[id] == nil {
		m.summed[id] = &sums{}
	}
	return m.summed[id]
}

// check is what the lines of a statement come to.
type check struct {
	sum   int64
	count int
}

// read reads all but the lines: four statements.
func (m *making) read(ctx context.Context) error {
	if err := m.readNames(ctx); err != nil {
		return err
	}
	if err := m.readStatements(ctx); err != nil {
		return err
	}
	if err := m.addLedger(ctx); err != nil {
		return err
	}
	if err := m.readOthers(ctx); err != nil {
		return err
	}
	for id := range m.summed {
		m.owners = append(m.owners, id)
	}
	slices.SortFunc(m.owners, m.byName)
	return nil
}

func (m *making) byName(a, b gid.ID) int {
	return cmp.Or(strings.Compare(strings.ToLower(m.names[a]), strings.ToLower(m.names[b])), strings.Compare(a.String(), b.String()))
}

func (m *making) readNames(ctx context.Context) error {
	query := m.Tx.Distributor.Query().Select(distributor.FieldID, distributor.FieldCompanyName)
	if m.DistributorID != nil {
		query.Where(distributor.ID(*m.DistributorID))
	}
	rows, err := query.All(ctx)
	if err != nil {
		return fmt.Errorf("read the names of distributors: %w", err)
	}
	m.names = make(map[gid.ID]string, len(rows))
	for _, row := range rows {
		m.names[row.ID] = row.CompanyName
	}
	return nil
}

// readStatements reads those of the period, in the order of names and periods.
func (m *making) readStatements(ctx context.Context) error {
	rows, err := m.Tx.PayoutStatement.Query().Where(m.ofPeriod()...).All(ctx)
	if err != nil {
		return fmt.Errorf("read the statements of a period: %w", err)
	}
	slices.SortFunc(rows, func(a, b *ent.PayoutStatement) int {
		return cmp.Or(m.byName(a.DistributorID, b.DistributorID), strings.Compare(a.StartsOn.String(), b.StartsOn.String()), cmp.Compare(length(a), length(b)))
	})
	m.statements = rows
	for _, row := range rows {
		m.checks[row.ID] = &check{}
		m.of(row.DistributorID).statements += row.Total
	}
	return nil
}

// length orders statements that begin on the same day.
func length(s *ent.PayoutStatement) int {
	return slices.Index(calendar.Kinds, calendar.Kind(s.PeriodKind))
}

// ofPeriod are the statements for the period, and for shorter ones within it, that the viewer sees and asks for.
func (m *making) ofPeriod() []predicate.PayoutStatement {
	var kinds []payoutstatement.PeriodKind
	for _, k := range calendar.Kinds[:slices.Index(calendar.Kinds, m.Period.Kind)+1] {
		kinds = append(kinds, payoutstatement.PeriodKind(k))
	}
	first, end := m.Period.StartsOn, m.Period.End()
	where := []predicate.PayoutStatement{
		payoutstatement.PeriodKindIn(kinds...), payoutstatement.StartsOnGTE(&first), payoutstatement.StartsOnLT(&end),
		func(s *sql.Selector) { schema.PayoutStatements(m.Viewer, s) }, // no policy narrows what another query asks of a statement
	}
	if m.DistributorID != nil {
		where = append(where, payoutstatement.DistributorID(*m.DistributorID))
	}
	return where
}

// asked are the lines of days, half-open, that the order is about; on a statement that the viewer sees, or on none.
func (m *making) asked(from, to *calendar.Date, unsettled *bool) predicate.LedgerEntry {
	f := payouts.Filter{From: from, To: to, Unsettled: unsettled}
	if m.DistributorID != nil {
		f.DistributorIDs = []gid.ID{*m.DistributorID}
	}
	return f.Where(m.Viewer)
}

// addLedger has the base add up the period's lines.
func (m *making) addLedger(ctx context.Context) error {
	first, end := m.Period.StartsOn, m.Period.End()
	var rows []struct {
		DistributorID gid.ID           `json:"distributor_id"`
		Kind          ledgerentry.Kind `json:"kind"`
		Sum           int64            `json:"sum"`
		Count         int              `json:"count"`
	}
	err := m.Tx.LedgerEntry.Query().Where(m.asked(&first, &end, nil)).GroupBy(ledgerentry.FieldDistributorID, ledgerentry.FieldKind).
		Aggregate(ent.Sum(ledgerentry.FieldAmount), ent.Count()).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("add up the ledger of a period: %w", err)
	}
	for _, row := range rows {
		of := m.of(row.DistributorID)
		of.count += row.Count
		if row.Kind == ledgerentry.KindREVERSAL {
			of.reversed += row.Sum
		} else {
			of.accrued += row.Sum
		}
	}
	return nil
}

// others are the lines of the period's statements that are of no day of the period: how many, and between which days.
type others struct {
	Count int            `json:"count"`
	Min   *calendar.Date `json:"min"`
	Max   *calendar.Date `json:"max"`
}

// onPeriod are the lines of the period's statements.
func (m *making) onPeriod() predicate.LedgerEntry {
	return ledgerentry.HasLineWith(statementline.HasStatementWith(m.ofPeriod()...))
}

func (m *making) readOthers(ctx context.Context) error {
	first, end := m.Period.StartsOn, m.Period.End()
	var rows []others
	err := m.Tx.LedgerEntry.Query().Where(m.onPeriod(), ledgerentry.Or(ledgerentry.DayLT(&first), ledgerentry.DayGTE(&end))).
		Aggregate(ent.Count(), ent.Min(ledgerentry.FieldDay), ent.Max(ledgerentry.FieldDay)).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("look for a period's lines of other days: %w", err)
	}
	m.others = rows[0]
	return nil
}
