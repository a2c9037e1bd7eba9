package figures

import (
	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"channelbook/ent/lead"
	"channelbook/ent/leadday"
	"channelbook/ent/leaddelta"
	"channelbook/ent/leadrollup"
	"channelbook/ent/schema"
	"channelbook/internal/auth"
)

// The columns of the statement's parts.
const (
	cellKey   = "cell_key"
	cellLabel = "cell_label"
)

var measures = []string{leadday.FieldLeads, leadday.FieldConverted, leadday.FieldSales, leadday.FieldPayout}

// made are the days whose figures are made.
func (q question) made() *sql.Selector {
	t := sql.Dialect(q.engine).Table(leadday.Table)
	s := sql.Dialect(q.engine).Select().From(t)
	schema.LeadFigures(q.viewer, s)
	whole := "FALSE"
	if q.viewer.Role != auth.Distributor && q.Group != ByDistributor && len(q.Distributors) == 0 {
		whole = "TRUE"
	}
	s.Where(sql.ExprP("dimension = '" + string(dimensionOf(q.Group).name) + "' AND whole = " + whole)) // SQLite finds a value in an index, and no truth
	return q.days(s, leadday.FieldValue, leadday.FieldLabel)
}

// deltas are what has changed of these days since.
func (q question) deltas() *sql.Selector {
	s := sql.Dialect(q.engine).Select().From(sql.Dialect(q.engine).Table(leaddelta.Table))
	schema.LeadFigures(q.viewer, s)
	d := dimensionOf(q.Group)
	return q.days(s, d.value, d.label)
}

// days adds what both have in common: days, distributors, key and sums. Leads of days that are not in the stretch from
// beginning to end are counted otherwise.
func (q question) days(s *sql.Selector, value, label string) *sql.Selector {
	// The days stand in the text: of parameters PostgreSQL would think that few rows are between them, and take an index that
	// does not hold all it needs.
	s.Where(sql.And(sql.ExprP("day >= '"+q.first().String()+"' AND day <= '"+q.last().String()+"'"), q.isMade(s.C("day"))))
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

// isMade tells of a day whether its figures are made. It is no bound for an index: PostgreSQL, which cannot know how far that
// is, would think that few days are, and walk all dimensions by day.
func (q question) isMade(day string) *sql.Predicate {
	return sql.P(func(b *sql.Builder) {
		b.WriteString("(" + day + " <= (SELECT through FROM lead_rollups WHERE timezone = ").Arg(q.zone.String()).WriteString(")) IS TRUE")
	})
}

// received are the leads themselves, as they came.
func (q question) received(where func(s *sql.Selector, column string)) *sql.Selector {
	return q.leads(lead.FieldReceivedAt, [4]string{"1", "CASE WHEN status = 'SALE' THEN 1 ELSE 0 END", "0", "0"}, where)
}

// sold are the leads themselves, as they were sold, no later than the stretch.
func (q question) sold(where func(s *sql.Selector, column string)) *sql.Selector {
	return q.leads(lead.FieldSoldOn, [4]string{"0", "0", "1", "payout"}, func(s *sql.Selector, column string) {
		s.Where(sql.And(sql.EQ(s.C(lead.FieldStatus), lead.StatusSALE), sql.LTE(column, q.last())))
		where(s, column)
	})
}

// leads counts leads by the day in a column.
func (q question) leads(day string, counted [4]string, where func(s *sql.Selector, column string)) *sql.Selector {
	s := sql.Dialect(q.engine).Select().From(sql.Dialect(q.engine).Table(lead.Table))
	schema.Leads(q.viewer, s)
	s.Where(sql.ExprP(counts))
	where(s, s.C(day))
	q.of(s)
	d := dimensionOf(q.Group)
	key := sql.Raw(q.valueOr(d.value))
	if q.Group.isTime() {
		key = q.dayOf(day)
	}
	q.keyed(s, key, d.label)
	for i, m := range measures {
		s.AppendSelectExprAs(sql.Raw("SUM("+counted[i]+")"), m)
	}
	return s
}

// dayOf is the business day in a column.
func (q question) dayOf(column string) sql.Querier {
	if column == lead.FieldSoldOn {
		return sql.Raw(column)
	}
	return sql.ExprFunc(func(b *sql.Builder) {
		if q.engine == dialect.Postgres {
			b.WriteString("CAST(" + column + " AT TIME ZONE ").Arg(q.zone.String()).WriteString(" AS date)")
			return
		}
		b.WriteString("business_day(" + column + ", ").Arg(q.zone.String()).WriteString(")")
	})
}

// bounded compares a column with a bound or with how far figures are made (where there are none: with long ago), whichever
// is narrower: SQLite walks an index from one bound only.
func (q question) bounded(column, op string, bound any, what string) *sql.Predicate {
	p := &parameters{engine: q.engine}
	narrower := p.earlier()
	if op == " >= " || op == " > " {
		narrower = p.later()
	}
	var none any = firstInstant
	if what == leadrollup.FieldThrough {
		none = since(nil)
	}
	return sql.P(func(b *sql.Builder) {
		b.WriteString(column + op + narrower + "(").Arg(bound).
			WriteString(", COALESCE((SELECT " + what + " FROM lead_rollups WHERE timezone = ").Arg(q.zone.String()).WriteString("), ").Arg(none).WriteString("))")
	})
}

func (q question) valueOr(value string) string {
	if q.Group == ByDistributor {
		return leadday.FieldDistributorID
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
