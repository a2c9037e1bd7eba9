package model

import (
	"context"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/payoutstatement"
	"channelbook/ent/schema"
	"channelbook/internal/calendar"
	"channelbook/internal/gid"
	"channelbook/internal/page"
	"channelbook/payouts"
)

// PayoutStatement is a row of payout_statements.
type PayoutStatement struct {
	*ent.PayoutStatement
	level  *level[*PayoutStatement]
	period *Period
}

var statementMapping = mapping{
	"id":          {},
	"distributor": {payoutstatement.FieldDistributorID},
	"period":      {payoutstatement.FieldPeriodKind, payoutstatement.FieldStartsOn},
	"entries":     {payoutstatement.FieldEntryCount, payoutstatement.FieldTotal},
	"drawnUpBy":   {payoutstatement.FieldDrawnUpByID},
	"approvedBy":  {payoutstatement.FieldApprovedByID},
	"paidBy":      {payoutstatement.FieldPaidByID},
}

var statementOrder = page.Order{Name: "payout_statements.STARTS_ON", Desc: true, Columns: []page.Column{
	{Name: payoutstatement.FieldStartsOn, Kind: page.Day}, {Name: payoutstatement.FieldID, Kind: page.ID}}}

func (r *Reader) statementList() list[*ent.PayoutStatement] {
	return list[*ent.PayoutStatement]{table: payoutstatement.Table, see: schema.PayoutStatements, value: (*ent.PayoutStatement).Value, fetch: func(ctx context.Context, columns []string, shape func(*sql.Selector)) ([]*ent.PayoutStatement, error) {
		q := r.DB.PayoutStatement.Query().Select(columns...)
		q.Modify(shape)
		return q.All(ctx)
	}}
}

// Statements is a page of the statements that the viewer sees, those of the latest period first.
func (r *Reader) Statements(ctx context.Context, first *int, after *string, filter *PayoutStatementFilter) (*PayoutStatementConnection, error) {
	w, err := newWindow(statementOrder, first, after)
	if err != nil {
		return nil, err
	}
	if w.where, err = statementWhere(filter); err != nil {
		return nil, err
	}
	of, node := connection(ctx, "PayoutStatement")
	w.total = of.has("totalCount")
	w.columns = statementMapping.columns(node, payoutstatement.FieldID, payoutstatement.FieldStartsOn)
	rows, total, err := all(ctx, r.DB.Dialect(), r.statementList(), w)
	if err != nil {
		return nil, err
	}
	out, info := edges(w, r.statements(rows), func(s *PayoutStatement) []any { return []any{*s.StartsOn, s.PayoutStatement.ID} },
		func(cursor string, s *PayoutStatement) *PayoutStatementEdge {
			return &PayoutStatementEdge{Cursor: cursor, Node: s}
		})
	return &PayoutStatementConnection{Edges: out, PageInfo: info, TotalCount: total}, nil
}

func statementWhere(f *PayoutStatementFilter) (func(*sql.Selector), error) {
	var all conditions
	if f == nil {
		return all.where, nil
	}
	distributors, err := parseIDs(gid.Distributor, f.DistributorIds, "filter.distributorIds")
	in(&all, payoutstatement.FieldDistributorID, distributors)
	in(&all, payoutstatement.FieldStatus, f.Statuses)
	if p := f.Period; p != nil {
		all.add(func(s *sql.Selector) {
			s.Where(sql.And(sql.EQ(s.C(payoutstatement.FieldStartsOn), p.StartsOn), sql.EQ(s.C(payoutstatement.FieldPeriodKind), string(p.Kind))))
		})
	}
	return all.where, err
}

// Statement is a whole statement that a mutation has read already; nil stays nil.
func (r *Reader) Statement(row *ent.PayoutStatement) *PayoutStatement {
	if row == nil {
		return nil
	}
	return r.statements([]*ent.PayoutStatement{row})[0]
}

func (r *Reader) statements(rows []*ent.PayoutStatement) []*PayoutStatement {
	out := make([]*PayoutStatement, len(rows))
	lv := newLevel(r, out)
	for i, row := range rows {
		out[i] = &PayoutStatement{PayoutStatement: row, level: lv}
	}
	if len(rows) > 0 && rows[0].StartsOn != nil && rows[0].PeriodKind != "" { // else nobody has asked for the period
		of := make([]calendar.Period, len(rows))
		for i, row := range rows {
			of[i] = payouts.PeriodOf(row)
		}
		for i, p := range r.periods(of) {
			out[i].period = p
		}
	}
	return out
}

func (r *Reader) statementsAsked(ctx context.Context, asked selection, ids []gid.ID) (map[gid.ID]*PayoutStatement, error) {
	rows, err := r.DB.PayoutStatement.Query().Where(payoutstatement.IDIn(ids...)).
		Select(statementMapping.columns(asked, payoutstatement.FieldID)...).All(ctx)
	if err != nil {
		return nil, err
	}
	return indexByID(r.statements(rows), func(s *PayoutStatement) gid.ID { return s.PayoutStatement.ID }), nil
}

func (s *PayoutStatement) uuid() *gid.ID { return &s.PayoutStatement.ID }

// IsNode marks a type with an id of its own.
func (*PayoutStatement) IsNode() {}

// ID as it is shown outside.
func (s *PayoutStatement) ID() string { return gid.Statement.Format(s.PayoutStatement.ID) }

// Period that it is for.
func (s *PayoutStatement) Period() *Period { return s.period }

// Status of the statement.
func (s *PayoutStatement) Status() PayoutStatementStatus {
	return PayoutStatementStatus(s.PayoutStatement.Status)
}

// Total that is to be paid.
func (s *PayoutStatement) Total() *Money { return Roubles(s.PayoutStatement.Total) }

// PaidOn is null where it is not paid.
func (s *PayoutStatement) PaidOn() *calendar.Date { return s.PayoutStatement.PaidOn.Known() }

// PaymentReference is null where none was given.
func (s *PayoutStatement) PaymentReference() *string { return text(s.PayoutStatement.PaymentReference) }

// Distributor who is to be paid.
func (s *PayoutStatement) Distributor(ctx context.Context) (*Distributor, error) {
	return toOne(ctx, s.level, s, func(s *PayoutStatement) *gid.ID { return &s.DistributorID }, s.level.reader.distributorsByID)
}

// Entries that it is made of, for all statements of the level at once.
func (s *PayoutStatement) Entries(ctx context.Context, first *int, after *string) (*LedgerEntryConnection, error) {
	pages, err := load(ctx, s.level, func(ctx context.Context) (map[gid.ID]*LedgerEntryConnection, error) {
		w, _, err := entryWindow(ctx, entryOrder, first, after)
		if err != nil {
			return nil, err
		}
		return s.level.reader.entriesOf(ctx, s.level.rows, w)
	})
	return pages[s.PayoutStatement.ID], err
}

// DrawnUpBy, ApprovedBy and PaidBy are who did it, where the viewer may see that person.
func (s *PayoutStatement) DrawnUpBy(ctx context.Context) (*User, error) {
	return toOne(ctx, s.level, s, func(s *PayoutStatement) *gid.ID { return s.DrawnUpByID }, s.level.reader.usersByID)
}

// ApprovedBy: see DrawnUpBy.
func (s *PayoutStatement) ApprovedBy(ctx context.Context) (*User, error) {
	return toOne(ctx, s.level, s, func(s *PayoutStatement) *gid.ID { return s.ApprovedByID }, s.level.reader.usersByID)
}

// PaidBy: see DrawnUpBy.
func (s *PayoutStatement) PaidBy(ctx context.Context) (*User, error) {
	return toOne(ctx, s.level, s, func(s *PayoutStatement) *gid.ID { return s.PaidByID }, s.level.reader.usersByID)
}
