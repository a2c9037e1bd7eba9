package payouts

import (
	"cmp"
	"context"
	stdsql "database/sql"
	"fmt"
	"slices"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"channelbook/ent/ledgerentry"
	"channelbook/ent/schema"
	"channelbook/ent/statementline"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
)

// Group is what the ledger is added up by.
type Group string

// The groups. Months, quarters and years are those of the lines' days.
const (
	ByMonth       Group = "MONTH"
	ByQuarter     Group = "QUARTER"
	ByYear        Group = "YEAR"
	ByDistributor Group = "DISTRIBUTOR"
	ByStatement   Group = "STATEMENT" // lines on none, or on one that the viewer does not see, are one group
)

// maxTotals is how many groups there are at most.
const maxTotals = 1000

// Total is the sum of a group of lines, in kopecks: Accrued and Reversed, at most 0, make the total.
type Total struct {
	Period     *calendar.Period // of a group by time
	ID         *gid.ID          // of the distributor or the statement; nil for the lines on no statement
	Label      string           // for people
	Accrued    int64
	Reversed   int64
	EntryCount int
}

// Sum is what the group comes to.
func (t Total) Sum() int64 { return t.Accrued + t.Reversed }

// Totals adds up the lines of the ledger that the viewer sees, in one statement: periods in their order, distributors and
// statements with the largest sum first. More than 1000 groups are TOO_MANY_ROWS of kind Invalid: a part of them would agree with nothing.
func (s *Service) Totals(ctx context.Context, by Group, f Filter) ([]Total, error) {
	viewer, err := auth.Require(ctx, auth.Admin, auth.Distributor)
	if err != nil {
		return nil, err
	}
	text, args := totalsOf(s.DB.Dialect(), viewer, by, f).Query()
	rows, err := s.DB.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("add the ledger up: %w", err)
	}
	defer rows.Close()
	var all []Total
	for rows.Next() {
		t, err := scanTotal(rows, by)
		if err != nil {
			return nil, fmt.Errorf("add the ledger up: %w", err)
		}
		all = append(all, t)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("add the ledger up: %w", err)
	}
	if len(all) > maxTotals {
		return nil, fault.Coded(fault.Invalid, "TOO_MANY_ROWS", "filter", fmt.Sprintf("There would be more than %d rows: ask for fewer distributors, or for days that are closer to each other.", maxTotals))
	}
	return s.labelled(ctx, by, folded(by, all))
}

// totalsOf is the statement. Quarters and years are folded of months.
func totalsOf(d string, v auth.Viewer, by Group, f Filter) *sql.Selector {
	t := sql.Dialect(d).Table(ledgerentry.Table)
	s := sql.Dialect(d).Select().From(t)
	schema.LedgerEntries(v, s)
	f.Where(v)(s)
	var key string
	switch by {
	case ByDistributor:
		key = t.C(ledgerentry.FieldDistributorID)
	case ByStatement:
		on := linesSeen(v, d, statementline.FieldEntryID, statementline.FieldStatementID).As("on_statement")
		s.LeftJoin(on).On(t.C(ledgerentry.FieldID), on.C(statementline.FieldEntryID))
		key = on.C(statementline.FieldStatementID)
	default:
		key = month(d, t.C(ledgerentry.FieldDay))
	}
	amount, kind := t.C(ledgerentry.FieldAmount), t.C(ledgerentry.FieldKind)
	s.AppendSelectExprAs(sql.Raw("CAST("+key+" AS text)"), "key").
		AppendSelectExprAs(sql.Raw("CAST(SUM(CASE WHEN "+kind+" = 'ACCRUAL' THEN "+amount+" ELSE 0 END) AS bigint)"), "accrued").
		AppendSelectExprAs(sql.Raw("CAST(SUM(CASE WHEN "+kind+" = 'REVERSAL' THEN "+amount+" ELSE 0 END) AS bigint)"), "reversed").
		AppendSelectExprAs(sql.Raw("COUNT(*)"), "entries").GroupBy(key)
	if by == ByDistributor || by == ByStatement {
		return s.OrderExpr(sql.Raw("SUM("+amount+") DESC"), sql.Raw(key)).Limit(maxTotals + 1)
	}
	return s.OrderExpr(sql.Raw(key)).Limit(maxTotals + 1)
}

func month(d, day string) string {
	if d == dialect.Postgres {
		return "to_char(" + day + ", 'YYYY-MM')"
	}
	return "substr(" + day + ", 1, 7)"
}

func scanTotal(rows *stdsql.Rows, by Group) (t Total, err error) {
	var key stdsql.NullString
	if err := rows.Scan(&key, &t.Accrued, &t.Reversed, &t.EntryCount); err != nil || !key.Valid {
		return t, err
	}
	if by == ByDistributor || by == ByStatement {
		t.ID = new(gid.ID)
		return t, t.ID.UnmarshalText([]byte(key.String))
	}
	day, err := calendar.ParseDate(key.String + "-01")
	p := calendar.PeriodOf(calendar.Kind(by), day)
	t.Period = &p
	return t, err
}

// folded puts months of the same period, which follow each other, together.
func folded(by Group, all []Total) []Total {
	if by == ByDistributor || by == ByStatement {
		return all
	}
	var out []Total
	for _, t := range all {
		if n := len(out); n > 0 && *out[n-1].Period == *t.Period {
			out[n-1].Accrued += t.Accrued
			out[n-1].Reversed += t.Reversed
			out[n-1].EntryCount += t.EntryCount
			continue
		}
		out = append(out, t)
	}
	return out
}

// labelled names the groups.
func (s *Service) labelled(ctx context.Context, by Group, all []Total) ([]Total, error) {
	names := map[gid.ID]string{}
	var err error
	switch by {
	case ByDistributor:
		names, err = s.companyNames(ctx, idsOf(all))
	case ByStatement:
		names, err = s.statementNames(ctx, idsOf(all))
	}
	if err != nil {
		return nil, err
	}
	for i, t := range all {
		switch {
		case t.Period != nil:
			all[i].Label = t.Period.Title()
		case t.ID == nil:
			all[i].Label = textNoStatement
		default:
			all[i].Label = names[*t.ID]
		}
	}
	slices.SortStableFunc(all, func(a, b Total) int { // what is on no statement comes last, as it is no statement
		return cmp.Compare(rank(by, a), rank(by, b))
	})
	return all, nil
}

func rank(by Group, t Total) int {
	if by == ByStatement && t.ID == nil {
		return 1
	}
	return 0
}

func idsOf(all []Total) (ids []gid.ID) {
	for _, t := range all {
		if t.ID != nil {
			ids = append(ids, *t.ID)
		}
	}
	return ids
}
