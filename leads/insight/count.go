package insight

import (
	"context"
	stdsql "database/sql"
	"fmt"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent/intakeattempt"
	"channelbook/ent/lead"
	"channelbook/ent/schema"
	"channelbook/internal/calendar"
)

// outcomes counts the leads by what their submissions were answered, whatever became of them since.
func (r *record) outcomes(ctx context.Context) error {
	rows := r.byDay(lead.Table, schema.Leads)
	rows.Where(sql.IsFalse(rows.C(lead.FieldIsTest)))
	of := []lead.Outcome{lead.OutcomeACCEPTED, lead.OutcomeDUPLICATE, lead.OutcomeBLACKLISTED, lead.OutcomeQUARANTINED, lead.OutcomeOVER_CAP}
	for i, outcome := range of {
		rows.AppendSelectExprAs(sql.ExprFunc(func(b *sql.Builder) {
			b.WriteString("SUM(CASE WHEN " + rows.C(lead.FieldOutcome) + " = ").Arg(outcome).WriteString(" THEN 1 ELSE 0 END)")
		}), fmt.Sprintf("n%d", i))
	}
	rows.GroupBy(rows.C(lead.FieldSourceID), dayNumber)
	text, args := rows.Query()
	return r.service.each(ctx, text, args, func(found *stdsql.Rows) error {
		var p place
		var n SourceDay
		if err := found.Scan(&p.source, &p.day, &n.Accepted, &n.Duplicate, &n.Blacklisted, &n.Quarantined, &n.OverCap); err != nil {
			return err
		}
		row := r.at(p)
		row.Accepted, row.Duplicate, row.Blacklisted, row.Quarantined, row.OverCap = n.Accepted, n.Duplicate, n.Blacklisted, n.Quarantined, n.OverCap
		return nil
	})
}

// maxFaults of a source are told for a day, those that came most: the name of an unknown field may be anything.
const maxFaults = 50

// invalid counts the submissions that were refused for their faults, and under each code and field those that had it.
func (r *record) invalid(ctx context.Context) error {
	rows := r.byDay(intakeattempt.Table, schema.IntakeAttempts)
	rows.Where(sql.EQ(rows.C(intakeattempt.FieldOutcome), intakeattempt.OutcomeINVALID))
	rows.AppendSelect(rows.C(intakeattempt.FieldID), rows.C(intakeattempt.FieldErrorCodes))
	refused, args := rows.Query()
	return r.service.each(ctx, r.service.faultsOf(refused), args, func(found *stdsql.Rows) error {
		var p place
		var named *string
		var count, at int
		if err := found.Scan(&p.source, &p.day, &named, &count, &at); err != nil {
			return err
		}
		if named == nil {
			r.at(p).Invalid = count
			return nil
		}
		code, field, _ := strings.Cut(*named, " ")
		r.at(p).Faults = append(r.at(p).Faults, InvalidCount{code, field, count})
		return nil
	})
}

// faultsOf counts the attempts of a selection, under no code, and then those that had each fault.
func (s *Service) faultsOf(refused string) string {
	each, one := "jsonb_array_elements_text(CASE WHEN jsonb_typeof(refused.error_codes) = 'array' THEN refused.error_codes END) AS fault(code)", "fault.code"
	if s.onSQLite() {
		each, one = "json_each(CAST(refused.error_codes AS TEXT)) AS fault", "fault.value"
	}
	return fmt.Sprintf(`WITH refused AS MATERIALIZED (%s),
		faults AS (SELECT source_id, n, %[2]s AS code, COUNT(DISTINCT refused.id) AS leads FROM refused, %[3]s
			WHERE %[2]s IS NOT NULL GROUP BY source_id, n, %[2]s),
		placed AS (SELECT source_id, n, code, leads, ROW_NUMBER() OVER (PARTITION BY source_id, n ORDER BY leads DESC, %[4]s) AS place FROM faults)
		SELECT source_id, n, NULL AS code, COUNT(*) AS leads, 0 AS place FROM refused GROUP BY source_id, n
		UNION ALL SELECT source_id, n, code, leads, place FROM placed WHERE place <= %[5]d ORDER BY place`,
		refused, one, each, s.bytewise("code"), maxFaults)
}

// sales counts the leads that are sold now, by the day of the sale.
func (r *record) sales(ctx context.Context) error {
	t := sql.Dialect(r.service.DB.Dialect()).Table(lead.Table)
	rows := sql.Dialect(r.service.DB.Dialect()).Select(t.C(lead.FieldSourceID), t.C(lead.FieldSoldOn)).From(t)
	schema.Leads(r.viewer, rows)
	r.of.ofSources(rows)
	rows.Where(sql.And(sql.EQ(t.C(lead.FieldStatus), lead.StatusSALE), sql.IsFalse(t.C(lead.FieldIsTest)),
		sql.GTE(t.C(lead.FieldSoldOn), r.of.From), sql.LT(t.C(lead.FieldSoldOn), r.of.To)))
	sum := func(name string) sql.Querier { return sql.Raw("CAST(COALESCE(SUM(" + t.C(name) + "), 0) AS bigint)") }
	rows.AppendSelectExprAs(sql.Raw("COUNT(*)"), "sales").AppendSelectExprAs(sum(lead.FieldPayout), "payouts").
		AppendSelectExprAs(sum(lead.FieldSaleAmount), "revenue").GroupBy(t.C(lead.FieldSourceID), t.C(lead.FieldSoldOn))
	numbers := map[calendar.Date]int{}
	for n := range r.days {
		numbers[r.of.From.AddDays(n)] = n
	}
	text, args := rows.Query()
	return r.service.each(ctx, text, args, func(found *stdsql.Rows) error {
		var p place
		var day calendar.Date
		var n SourceDay
		if err := found.Scan(&p.source, &day, &n.Sales, &n.Payout, &n.Revenue); err != nil {
			return err
		}
		p.day = numbers[day]
		row := r.at(p)
		row.Sales, row.Payout, row.Revenue = n.Sales, n.Payout, n.Revenue
		return nil
	})
}

// dayNumber is the column of byDay that counts the days of the span.
const dayNumber = "n"

// byDay selects the source and the day's number of a table's rows that the viewer sees. The days come along as the instants
// where they begin, for SQLite knows no time zones; PostgreSQL looks each row's day up among them in one walk, where SQLite
// walks the index by date once for each: it would walk all the span and compare with each day, if it were told of the span too.
func (r *record) byDay(table string, see schema.Visibility) *sql.Selector {
	d := r.service.DB.Dialect()
	t := sql.Dialect(d).Table(table)
	const sourceID, receivedAt = lead.FieldSourceID, lead.FieldReceivedAt
	rows := sql.Dialect(d).Select(t.C(sourceID)).From(t).Where(sql.NotNull(t.C(sourceID)))
	if r.service.onSQLite() {
		days := sql.Dialect(d).Table("days").As("days")
		rows.Join(days).OnP(sql.And(sql.ColumnsGTE(t.C(receivedAt), days.C("begins")), sql.ColumnsLT(t.C(receivedAt), days.C("ends"))))
		rows.Prefix(sql.ExprFunc(r.writeDays)).AppendSelect(days.C(dayNumber))
	} else {
		rows.AppendSelectExprAs(sql.ExprFunc(func(b *sql.Builder) { r.writeBucket(b, t.C(receivedAt)) }), dayNumber)
		rows.Where(sql.And(sql.GTE(t.C(receivedAt), r.begins(0)), sql.LT(t.C(receivedAt), r.begins(r.days))))
	}
	see(r.viewer, rows)
	r.of.ofSources(rows)
	return rows
}

// writeDays is a table of the days with the instants where they begin and end.
func (r *record) writeDays(b *sql.Builder) {
	b.WriteString("WITH days(n, begins, ends) AS (VALUES ")
	for n := range r.days {
		if n > 0 {
			b.WriteString(", ")
		}
		b.WriteString(fmt.Sprintf("(%d, ", n)).Arg(r.begins(n)).WriteString(", ").Arg(r.begins(n + 1)).WriteString(")")
	}
	b.WriteString(")")
}

// writeBucket is which of the days an instant belongs to.
func (r *record) writeBucket(b *sql.Builder, instant string) {
	b.WriteString("width_bucket(" + instant + ", ARRAY[")
	for n := range r.days {
		if n > 0 {
			b.WriteString(", ")
		}
		b.WriteString("CAST(").Arg(r.begins(n)).WriteString(" AS timestamptz)")
	}
	b.WriteString("]) - 1")
}

// begins is where the n-th day begins.
func (r *record) begins(n int) time.Time {
	return r.of.From.AddDays(n).Start(r.service.TimeZone).UTC()
}
