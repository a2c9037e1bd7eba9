package figures

import (
	stdsql "database/sql"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"channelbook/ent/lead"
	"channelbook/ent/leadday"
	"channelbook/ent/leaddelta"
	"channelbook/ent/leadrollup"
	"channelbook/ent/schema"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
)

// question is what a statement is made for.
type question struct {
	Question
	viewer auth.Viewer
	stretch
	keys []string // only these; nil: the first 1000
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

// The columns of the statement's parts.
const (
	cellKey   = "cell_key"
	cellLabel = "cell_label"
)

var measures = []string{leadday.FieldLeads, leadday.FieldConverted, leadday.FieldSales, leadday.FieldPayout}

// statement is one text for everything, so that all of it sees the same moment: which days are made, what has changed of them
// since, and the leads of the days after them. With a condition on leads it is the leads alone.
func (q question) statement(engine string) (string, []any) {
	parts := []*sql.Selector{q.made(engine), q.deltas(engine)}
	received := func(where func(s *sql.Selector, column string)) {
		parts = append(parts, q.leads(engine, lead.FieldReceivedAt, "1", "CASE WHEN status = 'SALE' THEN 1 ELSE 0 END", "0", "0", where))
	}
	sold := func(where func(s *sql.Selector, column string)) {
		parts = append(parts, q.leads(engine, lead.FieldSoldOn, "0", "0", "1", "payout", func(s *sql.Selector, column string) {
			s.Where(sql.And(sql.EQ(s.C(lead.FieldStatus), lead.StatusSALE), sql.LTE(column, q.last())))
			where(s, column)
		}))
	}
	if q.Where != nil {
		parts = nil
		received(func(s *sql.Selector, column string) {
			s.Where(sql.And(sql.GTE(column, q.from.UTC()), sql.LT(column, q.to.UTC())))
			q.Where(s)
		})
		sold(func(s *sql.Selector, column string) {
			s.Where(sql.GTE(column, q.first()))
			q.Where(s)
		})
		return q.sum(engine, parts).Query()
	}
	received(func(s *sql.Selector, column string) {
		s.Where(sql.And(q.bounded(engine, column, " >= ", later, q.from.UTC(), leadrollup.FieldThroughEnd), sql.LT(column, q.to.UTC())))
	})
	sold(func(s *sql.Selector, column string) {
		s.Where(q.bounded(engine, column, " > ", later, q.first().AddDays(-1), leadrollup.FieldThrough))
	})
	for _, edge := range q.edges() {
		received(func(s *sql.Selector, column string) {
			s.Where(sql.And(sql.GTE(column, edge[0].UTC()), q.bounded(engine, column, " < ", earlier, edge[1].UTC(), leadrollup.FieldThroughEnd)))
		})
	}
	return q.sum(engine, parts).Query()
}

// later and earlier are the later and the earlier of two, as the engines call it.
var (
	later   = map[string]string{dialect.Postgres: "GREATEST", dialect.SQLite: "MAX"}
	earlier = map[string]string{dialect.Postgres: "LEAST", dialect.SQLite: "MIN"}
)

// bounded compares a column with a bound or with how far figures are made, where there are none with long ago: with one of
// the two, for SQLite walks an index from one bound only.
func (q question) bounded(engine, column, op string, which map[string]string, bound any, what string) *sql.Predicate {
	return sql.P(func(b *sql.Builder) {
		b.WriteString(column + op + which[engine] + "(").Arg(bound).WriteString(", COALESCE((SELECT " + what + " FROM lead_rollups WHERE timezone = ").
			Arg(q.zone.String()).WriteString("), ")
		if what == leadrollup.FieldThrough {
			b.Arg(since(nil))
		} else {
			b.Arg(firstInstant)
		}
		b.WriteString("))")
	})
}

// made are the days whose figures are made.
func (q question) made(engine string) *sql.Selector {
	t := sql.Dialect(engine).Table(leadday.Table)
	s := sql.Dialect(engine).Select().From(t)
	schema.LeadFigures(q.viewer, s)
	s.Where(sql.EQ(s.C(leadday.FieldDimension), dimensionOf(q.Group).name))
	if q.viewer.Role != auth.Distributor && q.Group != ByDistributor && len(q.Distributors) == 0 {
		s.Where(sql.EQ(s.C(leadday.FieldWhole), true)) // SQLite finds a value in an index, and no truth
	} else {
		s.Where(sql.EQ(s.C(leadday.FieldWhole), false))
	}
	return q.days(engine, s, leadday.FieldValue, leadday.FieldLabel)
}

// deltas are what has changed of these days since.
func (q question) deltas(engine string) *sql.Selector {
	s := sql.Dialect(engine).Select().From(sql.Dialect(engine).Table(leaddelta.Table))
	schema.LeadFigures(q.viewer, s)
	d := dimensionOf(q.Group)
	return q.days(engine, s, d.value, d.label)
}

// days adds what both have in common: days, distributors, key and sums. Leads of days that are not in the stretch from
// beginning to end are counted otherwise.
func (q question) days(engine string, s *sql.Selector, value, label string) *sql.Selector {
	s.Where(sql.And(sql.GTE(s.C("day"), q.first()), q.bounded(engine, s.C("day"), " <= ", earlier, q.last(), leadrollup.FieldThrough)))
	q.of(s)
	key := sql.Raw("day")
	if !q.Group.isTime() {
		key = sql.Raw(q.valueOr(value))
	}
	q.keyed(s, key, label)
	from, to := q.whole()
	edges := len(q.edges()) > 0
	for _, m := range measures {
		if !edges || m == leadday.FieldSales || m == leadday.FieldPayout {
			s.AppendSelectExprAs(sql.Raw("SUM("+m+")"), m)
			continue
		}
		s.AppendSelectExprAs(sql.ExprFunc(func(b *sql.Builder) {
			b.WriteString("SUM(CASE WHEN day >= ").Arg(from).WriteString(" AND day < ").Arg(to).WriteString(" THEN " + m + " ELSE 0 END)")
		}), m)
	}
	return s
}

// leads are the leads themselves, counted by the day in a column.
func (q question) leads(engine, day, received, converted, sales, payout string, where func(s *sql.Selector, column string)) *sql.Selector {
	s := sql.Dialect(engine).Select().From(sql.Dialect(engine).Table(lead.Table))
	schema.Leads(q.viewer, s)
	s.Where(sql.ExprP(counts))
	where(s, s.C(day))
	q.of(s)
	d := dimensionOf(q.Group)
	key := sql.Raw(q.valueOr(d.value))
	switch {
	case !q.Group.isTime():
	case day == lead.FieldSoldOn:
		key = sql.Raw(day)
	case engine == dialect.Postgres:
		key = sql.ExprFunc(func(b *sql.Builder) {
			b.WriteString("CAST(received_at AT TIME ZONE ").Arg(q.zone.String()).WriteString(" AS date)")
		})
	default:
		key = sql.ExprFunc(func(b *sql.Builder) {
			b.WriteString("business_day(received_at, ").Arg(q.zone.String()).WriteString(")")
		})
	}
	q.keyed(s, key, d.label)
	for i, counted := range []string{received, converted, sales, payout} {
		s.AppendSelectExprAs(sql.Raw("SUM("+counted+")"), measures[i])
	}
	return s
}

func (q question) valueOr(value string) string {
	if q.Group == ByDistributor {
		return "COALESCE(CAST(distributor_id AS text), '')"
	}
	return value
}

func (q question) of(s *sql.Selector) {
	if len(q.Distributors) > 0 {
		ids := make([]any, len(q.Distributors))
		for i, id := range q.Distributors {
			ids[i] = id
		}
		s.Where(sql.In(s.C("distributor_id"), ids...))
	}
}

func (q question) keyed(s *sql.Selector, key sql.Querier, label string) {
	s.AppendSelectExprAs(key, cellKey).GroupBy(cellKey)
	if q.Group == ByCampaign {
		s.AppendSelectExprAs(sql.Raw(label), cellLabel).GroupBy(cellKey, cellLabel)
	}
}

// sum adds the parts up. What has gone from a day leaves nothing behind, and a campaign without leads no name.
func (q question) sum(engine string, parts []*sql.Selector) *sql.Selector {
	for _, part := range parts[1:] {
		parts[0].UnionAll(part)
	}
	summed := func(of *sql.Selector, columns ...string) *sql.Selector {
		s := sql.Dialect(engine).Select(columns...).From(of.As("cells"))
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
		keys := make([]any, len(q.keys))
		for i, key := range q.keys {
			keys[i] = key
		}
		return s.Where(sql.In(cellKey, keys...))
	}
	return s.OrderExpr(sql.Raw("SUM(leads) DESC, SUM(sales) DESC, " + cellKey)).Limit(maxRows)
}

// scan reads a row of the answer.
func (q question) scan(rows *stdsql.Rows) (c cell, err error) {
	into := []any{&c.key, &c.Leads, &c.Converted, &c.Sales, &c.Payout}
	if q.Group.isTime() {
		into[0] = &c.day
	}
	var label stdsql.NullString
	if q.Group == ByCampaign {
		into = append(into, &label)
	}
	err = rows.Scan(into...)
	c.label = label.String
	return c, err
}
