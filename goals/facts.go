package goals

import (
	"context"
	"fmt"
	"slices"
	"time"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent/goal"
	"channelbook/ent/ledgerentry"
	"channelbook/ent/schema"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/gid"
	"channelbook/leads/figures"
)

// Fact is what a distributor has achieved in a period.
type Fact struct {
	Payout, Revenue int64 // kopecks; below 0 where more was reversed than sold
	SaleCount       int64 // sales less reversals, likewise
	LeadCount       int64
	Converted       int64 // of these leads, those that ended in a sale by now
}

// Of is the fact that a metric is about.
func (f Fact) Of(m goal.Metric) int64 {
	switch m {
	case goal.MetricPAYOUT:
		return f.Payout
	case goal.MetricREVENUE:
		return f.Revenue
	case goal.MetricSALE_COUNT:
		return f.SaleCount
	case goal.MetricLEAD_COUNT:
		return f.LeadCount
	}
	return 0
}

// Whose is a distributor in a period.
type Whose struct {
	Distributor gid.ID
	Period      calendar.Period
}

const (
	// maxUnion is of how many periods one statement tells: the leads of each are three selections, and SQLite puts 500 together.
	maxUnion = 160
	// maxArguments is how many values a statement is given.
	maxArguments = 15_000
)

// Facts are what distributors have achieved in periods, as it stands: sales and what is owed for them by the lines of the
// ledger, each on its day; leads, where withLeads asks for them, by the day on which they were received and by their present
// distributor. No distributors named: all of them. Who achieved nothing is absent.
//
// It is one statement over the ledger and one over the leads, whatever the size, as long as it asks for some hundred periods
// at most. The ledger is read as the viewer may see it; of leads the caller says whose the viewer may know.
func Facts(ctx context.Context, b figures.Base, zone *time.Location, distributors []gid.ID, periods []calendar.Period, withLeads bool) (map[Whose]Fact, error) {
	facts := map[Whose]Fact{}
	atOnce := min(maxUnion, max(1, maxArguments/(len(distributors)+4)))
	for some := range slices.Chunk(periods, atOnce) {
		if err := addSales(ctx, b, distributors, some, facts); err != nil {
			return nil, err
		}
		if !withLeads {
			continue
		}
		if err := addLeads(ctx, b, zone, distributors, some, facts); err != nil {
			return nil, err
		}
	}
	return facts, nil
}

func addSales(ctx context.Context, b figures.Base, distributors []gid.ID, periods []calendar.Period, to map[Whose]Fact) error {
	union := sales(ctx, b.Dialect(), distributors, 0, periods[0])
	for i, p := range periods[1:] {
		union.UnionAll(sales(ctx, b.Dialect(), distributors, i+1, p))
	}
	text, args := union.Query()
	rows, err := b.QueryContext(ctx, text, args...)
	if err != nil {
		return fmt.Errorf("add up the ledger: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var i int
		var of gid.ID
		var f Fact
		if err := rows.Scan(&i, &of, &f.Payout, &f.Revenue, &f.SaleCount); err != nil {
			return fmt.Errorf("add up the ledger: %w", err)
		}
		to[Whose{of, periods[i]}] = f
	}
	return rows.Err()
}

// sales adds up the ledger of one period, under its index.
func sales(ctx context.Context, d string, distributors []gid.ID, i int, p calendar.Period) *sql.Selector {
	viewer, _ := auth.From(ctx)
	t := sql.Dialect(d).Table(ledgerentry.Table)
	s := sql.Dialect(d).Select().From(t)
	schema.LedgerEntries(viewer, s)
	s.Where(sql.And(sql.GTE(t.C(ledgerentry.FieldDay), p.StartsOn), sql.LTE(t.C(ledgerentry.FieldDay), p.EndsOn())))
	if len(distributors) > 0 {
		ids := make([]any, len(distributors))
		for i, id := range distributors {
			ids[i] = id
		}
		s.Where(sql.In(t.C(ledgerentry.FieldDistributorID), ids...))
	}
	sum := func(of string) string { return "COALESCE(SUM(" + of + "), 0)" }
	return s.AppendSelectExprAs(sql.Raw(fmt.Sprint(i)), "period").AppendSelect(t.C(ledgerentry.FieldDistributorID)).
		AppendSelectExprAs(sql.Raw(sum(t.C(ledgerentry.FieldAmount))), "payout").
		AppendSelectExprAs(sql.Raw(sum(t.C(ledgerentry.FieldSaleAmount))), "revenue").
		AppendSelectExprAs(sql.Raw(sum("CASE WHEN "+t.C(ledgerentry.FieldKind)+" = 'ACCRUAL' THEN 1 ELSE -1 END")), "sales").
		GroupBy(t.C(ledgerentry.FieldDistributorID))
}

func addLeads(ctx context.Context, b figures.Base, zone *time.Location, distributors []gid.ID, periods []calendar.Period, to map[Whose]Fact) error {
	spans := make([]figures.Span, len(periods))
	for i, p := range periods {
		spans[i] = figures.Span{From: p.StartsOn, To: p.End()}
	}
	counts, err := figures.Received(ctx, b, zone, distributors, spans)
	if err != nil {
		return err
	}
	for of, n := range counts {
		whose := Whose{of.Distributor, periods[of.Span]}
		f := to[whose]
		f.LeadCount, f.Converted = n.Leads, n.Converted
		to[whose] = f
	}
	return nil
}
