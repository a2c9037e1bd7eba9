package figures

import (
	stdsql "database/sql"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent/leadrollup"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
)

// question is what a statement is made for.
type question struct {
	Question
	viewer auth.Viewer
	stretch
	keys   []string // only these; nil: the first 1000
	engine string
}

// cell is a row that the statement answers: of a day for groups of time, else of a key.
type cell struct {
	day        calendar.Date
	key, label string
	Figures
}

func rowsOf(cells []cell) []Row {
	rows := make([]Row, len(cells))
	for i, c := range cells {
		rows[i] = Row{c.key, c.label, c.Figures}
	}
	return rows
}

// statement is one text for everything, so that all of it sees the same moment: which days are made, what has changed of them
// since, and the leads of the days after them. With a condition on leads it is the leads alone.
func (q question) statement() (string, []any) {
	if q.Where != nil {
		return q.sum([]*sql.Selector{
			q.received(func(s *sql.Selector, column string) {
				s.Where(sql.And(sql.GTE(column, q.from.UTC()), sql.LT(column, q.to.UTC())))
				q.Where(s)
			}),
			q.sold(func(s *sql.Selector, column string) {
				s.Where(sql.GTE(column, q.first()))
				q.Where(s)
			}),
		}).Query()
	}
	parts := []*sql.Selector{
		q.made(), q.deltas(),
		q.received(func(s *sql.Selector, column string) {
			s.Where(sql.And(q.bounded(column, " >= ", q.from.UTC(), leadrollup.FieldThroughEnd), sql.LT(column, q.to.UTC())))
		}),
		q.sold(func(s *sql.Selector, column string) {
			s.Where(q.bounded(column, " > ", q.first().AddDays(-1), leadrollup.FieldThrough))
		}),
	}
	for _, edge := range q.edges() {
		parts = append(parts, q.received(func(s *sql.Selector, column string) {
			s.Where(sql.And(sql.GTE(column, edge[0].UTC()), q.bounded(column, " < ", edge[1].UTC(), leadrollup.FieldThroughEnd)))
		}))
	}
	return q.sum(parts).Query()
}

// sum adds the parts up. What has gone from a day leaves nothing behind, and a campaign without leads no name.
func (q question) sum(parts []*sql.Selector) *sql.Selector {
	for _, part := range parts[1:] {
		parts[0].UnionAll(part)
	}
	summed := func(of *sql.Selector, columns ...string) *sql.Selector {
		s := sql.Dialect(q.engine).Select(columns...).From(of.As("cells"))
		for _, m := range measures {
			s.AppendSelectExprAs(sql.Raw("CAST(SUM("+m+") AS bigint)"), m)
		}
		return s.GroupBy(columns...).Having(sql.ExprP("SUM(leads) <> 0 OR SUM(sales) <> 0 OR SUM(payout) <> 0"))
	}
	if q.Group.isTime() {
		return summed(parts[0], cellKey)
	}
	s := parts[0]
	if q.Group == ByCampaign {
		s = summed(summed(s, cellKey, cellLabel), cellKey)
		s.AppendSelectExprAs(sql.Raw("MAX("+cellLabel+")"), cellLabel)
	} else {
		s = summed(s, cellKey)
	}
	if q.keys != nil {
		return s.Where(q.isAsked())
	}
	return s.OrderExpr(sql.Raw("SUM(leads) DESC, SUM(sales) DESC, " + cellKey)).Limit(maxRows)
}

// isAsked is the condition on keys; of distributors there is none where nobody has the leads.
func (q question) isAsked() *sql.Predicate {
	var keys []any
	none := sql.False()
	for _, key := range q.keys {
		if key == "" && q.Group == ByDistributor {
			none = sql.IsNull(cellKey)
			continue
		}
		keys = append(keys, key)
	}
	return sql.Or(sql.In(cellKey, keys...), none)
}

// scan reads a row of the answer.
func (q question) scan(rows *stdsql.Rows) (c cell, err error) {
	var key, label stdsql.NullString
	into := []any{&key, &c.Leads, &c.Converted, &c.Sales, &c.Payout}
	if q.Group.isTime() {
		into[0] = &c.day
	}
	if q.Group == ByCampaign {
		into = append(into, &label)
	}
	err = rows.Scan(into...)
	c.key, c.label = key.String, label.String
	return c, err
}
