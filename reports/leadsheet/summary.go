package leadsheet

import (
	"cmp"
	"context"
	"slices"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"channelbook/ent/lead"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/gid"
	"channelbook/leads/figures"
)

// figure is what is counted of some leads. Sales are those of them that are sold now.
type figure struct {
	leads, sales    int64
	payouts, amount int64 // kopecks, of the sales
}

func (f figure) add(o figure) figure {
	return figure{f.leads + o.leads, f.sales + o.sales, f.payouts + o.payouts, f.amount + o.amount}
}

// group is the figures of the leads that have something in common.
type group[K any] struct {
	key K
	figure
}

// status is how leads stand; those of tests stand apart.
type status struct {
	lead.Status
	test bool
}

// summary is what is counted of the report's leads. All but statuses is of those that count: accepted ones that are no tests, as
// in all figures.
type summary struct {
	statuses     []group[status]
	distributors []group[gid.ID] // the zero id: nobody has them
	sources      []group[gid.ID] // for administrators
	days         []group[calendar.Date]
}

// rows is how many leads the report has.
func (s *summary) rows() (n int) {
	for _, g := range s.statuses {
		n += int(g.leads)
	}
	return n
}

// total is of the leads that count.
func (s *summary) total() (sum figure) {
	for _, g := range s.days {
		sum = sum.add(g.figure)
	}
	return sum
}

// summarize counts the leads, each time by one statement.
func (w *making) summarize(ctx context.Context) (*summary, error) {
	s := &summary{}
	var err error
	if s.statuses, err = w.byStatus(ctx); err != nil {
		return nil, err
	}
	if s.distributors, err = grouped(ctx, w, sql.Raw(lead.FieldDistributorID), mostFirst); err != nil {
		return nil, err
	}
	if s.days, err = grouped(ctx, w, w.dayReceived(), func(a, b group[calendar.Date]) int { return cmp.Compare(a.key.String(), b.key.String()) }); err != nil {
		return nil, err
	}
	s.days = everyDay(s.days)
	if w.Viewer.Role != auth.Distributor {
		s.sources, err = grouped(ctx, w, sql.Raw(lead.FieldSourceID), mostFirst)
	}
	return s, err
}

// mostFirst has those with the most leads first, and else those with the most sales.
func mostFirst(a, b group[gid.ID]) int {
	return cmp.Or(cmp.Compare(b.leads, a.leads), cmp.Compare(b.sales, a.sales), cmp.Compare(a.key.String(), b.key.String()))
}

func (w *making) byStatus(ctx context.Context) (out []group[status], err error) {
	s := w.selected()
	s.Select(s.C(lead.FieldStatus), s.C(lead.FieldIsTest)).GroupBy(s.C(lead.FieldStatus), s.C(lead.FieldIsTest))
	text, args := measured(s).Query()
	err = w.each(ctx, text, args, func(scan func(into ...any) error) error {
		var g group[status]
		err := scan(&g.key.Status, &g.key.test, &g.leads, &g.sales, &g.payouts, &g.amount)
		out = append(out, g)
		return err
	})
	return out, err
}

// keyed is the name of what leads are grouped by.
const keyed = "group_key"

// grouped counts the leads that count by an expression.
func grouped[K any](ctx context.Context, w *making, by sql.Querier, less func(a, b group[K]) int) (out []group[K], err error) {
	s := w.selected()
	accepted := make([]any, len(figures.Accepted))
	for i, status := range figures.Accepted {
		accepted[i] = status
	}
	s.Where(sql.And(sql.IsFalse(s.C(lead.FieldIsTest)), sql.In(s.C(lead.FieldStatus), accepted...)))
	s.AppendSelectExprAs(by, keyed).GroupBy(keyed)
	text, args := measured(s).Query()
	err = w.each(ctx, text, args, func(scan func(into ...any) error) error {
		var key *K
		var g group[K]
		err := scan(&key, &g.leads, &g.sales, &g.payouts, &g.amount)
		if key != nil {
			g.key = *key
		}
		out = append(out, g)
		return err
	})
	slices.SortFunc(out, less)
	return out, err
}

// measured adds the figures.
func measured(s *sql.Selector) *sql.Selector {
	sold := func(what string) sql.Querier {
		return sql.Raw("CAST(SUM(CASE WHEN " + s.C(lead.FieldStatus) + " = '" + string(lead.StatusSALE) + "' THEN " + what + " ELSE 0 END) AS bigint)")
	}
	return s.AppendSelectExprAs(sql.Raw("COUNT(*)"), "leads_counted").
		AppendSelectExprAs(sold("1"), "sales_counted").
		AppendSelectExprAs(sold(s.C(lead.FieldPayout)), "payouts_summed").
		AppendSelectExprAs(sold("COALESCE("+s.C(lead.FieldSaleAmount)+", 0)"), "amounts_summed")
}

// dayReceived is the business's day on which a lead came in.
func (w *making) dayReceived() sql.Querier {
	return sql.ExprFunc(func(b *sql.Builder) {
		if w.Tx.Dialect() == dialect.Postgres {
			b.WriteString("CAST(" + lead.FieldReceivedAt + " AT TIME ZONE ").Arg(w.TimeZone.String()).WriteString(" AS date)")
			return
		}
		b.WriteString("business_day(" + lead.FieldReceivedAt + ", ").Arg(w.TimeZone.String()).WriteString(")")
	})
}

// mostDays is up to how many days those without a lead are told too.
const mostDays = 3700

// everyDay adds the days between on which no lead came.
func everyDay(found []group[calendar.Date]) []group[calendar.Date] {
	if len(found) == 0 {
		return found
	}
	var out []group[calendar.Date]
	at := 0
	for d := found[0].key; at < len(found); d = d.AddDays(1) {
		g := group[calendar.Date]{key: d}
		if found[at].key == d {
			g = found[at]
			at++
		}
		if out = append(out, g); len(out) > mostDays {
			return found
		}
	}
	return out
}
