package payouts

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent/ledgerentry"
	"channelbook/ent/payoutstatement"
	"channelbook/ent/schema"
	"channelbook/ent/statementline"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/gid"
)

// Balance is how a distributor stands, in kopecks. Owed is Held, InStatements and Available together.
type Balance struct {
	Owed         int64 // the whole ledger without what was paid; below zero where more was paid than is owed by now
	Held         int64 // on no statement, and not to be paid yet
	InStatements int64 // on statements that are not paid yet
	Available    int64 // on no statement, and may be paid
	Paid         int64
}

// The parts that Balances is put together of.
const (
	partWhole = "WHOLE"
	partHeld  = "HELD"
)

// Balances are those of distributors, in one statement, as the viewer sees them: a distributor's user learns of no draft, so
// that what is on one is available to it. One without a ledger has a balance of nothing.
func (s *Service) Balances(ctx context.Context, distributors []gid.ID) (map[gid.ID]Balance, error) {
	viewer, err := auth.Require(ctx, auth.Admin, auth.Distributor)
	if err != nil {
		return nil, err
	}
	balances := make(map[gid.ID]Balance, len(distributors))
	if len(distributors) == 0 {
		return balances, nil
	}
	text, values := balanceParts(s.DB.Dialect(), viewer, args(distributors), s.today()).Query()
	rows, err := s.DB.QueryContext(ctx, text, values...)
	if err != nil {
		return nil, fmt.Errorf("read balances: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var of gid.ID
		var part string
		var sum int64
		if err := rows.Scan(&part, &of, &sum); err != nil {
			return nil, fmt.Errorf("read balances: %w", err)
		}
		balances[of] = balances[of].with(part, sum)
	}
	return balances, rows.Err()
}

// with adds a part that the base has added up.
func (b Balance) with(part string, sum int64) Balance {
	switch part {
	case partWhole:
		b.Owed += sum
	case partHeld:
		b.Held += sum
	case payoutstatement.StatusPAID.String():
		b.Paid += sum
		b.Owed -= sum
	default:
		b.InStatements += sum
	}
	b.Available = b.Owed - b.Held - b.InStatements
	return b
}

// balanceParts: the whole ledger and what of it is held, and the statements by their status.
func balanceParts(d string, v auth.Viewer, distributors []any, today calendar.Date) *sql.Selector {
	whole := ledgerPart(d, v, partWhole, distributors)
	held := ledgerPart(d, v, partHeld, distributors)
	on := linesSeen(v, d, statementline.FieldEntryID)
	on.Where(sql.ColumnsEQ(on.C(statementline.FieldEntryID), held.C(ledgerentry.FieldID)))
	held.Where(sql.And(sql.GT(held.C(ledgerentry.FieldAvailableOn), today), sql.NotExists(on)))

	t := sql.Dialect(d).Table(payoutstatement.Table)
	statements := sql.Dialect(d).Select().From(t)
	schema.PayoutStatements(v, statements)
	statements.Where(sql.In(t.C(payoutstatement.FieldDistributorID), distributors...)).
		AppendSelect(t.C(payoutstatement.FieldStatus), t.C(payoutstatement.FieldDistributorID)).
		AppendSelectExprAs(sql.Raw("CAST(SUM("+t.C(payoutstatement.FieldTotal)+") AS bigint)"), "amount").
		GroupBy(t.C(payoutstatement.FieldStatus), t.C(payoutstatement.FieldDistributorID))
	return whole.UnionAll(held).UnionAll(statements)
}

func ledgerPart(d string, v auth.Viewer, part string, distributors []any) *sql.Selector {
	t := sql.Dialect(d).Table(ledgerentry.Table)
	s := sql.Dialect(d).Select().From(t)
	schema.LedgerEntries(v, s)
	return s.Where(sql.In(t.C(ledgerentry.FieldDistributorID), distributors...)).
		AppendSelectExprAs(sql.Raw("'"+part+"'"), "part").AppendSelect(t.C(ledgerentry.FieldDistributorID)).
		AppendSelectExprAs(sql.Raw("CAST(SUM("+t.C(ledgerentry.FieldAmount)+") AS bigint)"), "amount").
		GroupBy(t.C(ledgerentry.FieldDistributorID))
}
