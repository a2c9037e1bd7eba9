// Package figures counts leads: by day, distributor, source and campaign.
package figures

import (
	"context"
	stdsql "database/sql"
	"fmt"
	"time"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent/lead"
	"channelbook/internal/calendar"
	"channelbook/internal/gid"
)

// Span is some days, half-open.
type Span struct{ From, To calendar.Date }

// Count is how many leads a distributor received in a span, and how many of these ended in a sale by now.
type Count struct{ Leads, Converted int64 }

// Of is a distributor in one of the spans asked for, by its index.
type Of struct {
	Distributor gid.ID
	Span        int
}

// Base is what statements run on: the base, or a transaction.
type Base interface {
	QueryContext(ctx context.Context, query string, args ...any) (*stdsql.Rows, error)
	Dialect() string
}

// Accepted are the statuses of leads that count: what was turned away or held back does not.
var Accepted = []lead.Status{lead.StatusNEW, lead.StatusIN_PROGRESS, lead.StatusSALE, lead.StatusREJECTED}

// Received counts, in one statement, the accepted leads that are no tests by their present distributors, those whose
// processing is restricted among them. No distributors named: all of them. It looks past all policies: the caller says
// whose figures the viewer may see.
func Received(ctx context.Context, b Base, zone *time.Location, distributors []gid.ID, spans []Span) (map[Of]Count, error) {
	counts := map[Of]Count{}
	if len(spans) == 0 {
		return counts, nil
	}
	var union *sql.Selector
	for i, span := range spans {
		part := received(b.Dialect(), zone, distributors, i, span)
		if union == nil {
			union = part
			continue
		}
		union.UnionAll(part)
	}
	text, args := union.Query()
	rows, err := b.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("count leads: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var of Of
		var n Count
		if err := rows.Scan(&of.Span, &of.Distributor, &n.Leads, &n.Converted); err != nil {
			return nil, fmt.Errorf("count leads: %w", err)
		}
		counts[of] = n
	}
	return counts, rows.Err()
}

func received(d string, zone *time.Location, distributors []gid.ID, i int, span Span) *sql.Selector {
	t := sql.Dialect(d).Table(lead.Table)
	s := sql.Dialect(d).Select().From(t).Where(sql.And(
		sql.NotNull(t.C(lead.FieldDistributorID)), sql.IsFalse(t.C(lead.FieldIsTest)), sql.In(t.C(lead.FieldStatus), args(Accepted)...),
		sql.GTE(t.C(lead.FieldReceivedAt), span.From.Start(zone).UTC()), sql.LT(t.C(lead.FieldReceivedAt), span.To.Start(zone).UTC())))
	if len(distributors) > 0 {
		s.Where(sql.In(t.C(lead.FieldDistributorID), args(distributors)...))
	}
	return s.AppendSelectExprAs(sql.Raw(fmt.Sprint(i)), "span").AppendSelect(t.C(lead.FieldDistributorID)).
		AppendSelectExprAs(sql.Raw("COUNT(*)"), "leads").
		AppendSelectExprAs(sql.Raw("SUM(CASE WHEN "+t.C(lead.FieldStatus)+" = 'SALE' THEN 1 ELSE 0 END)"), "converted").
		GroupBy(t.C(lead.FieldDistributorID))
}

func args[T any](values []T) []any {
	all := make([]any, len(values))
	for i, v := range values {
		all[i] = v
	}
	return all
}
