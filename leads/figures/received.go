package figures

import (
	"context"
	stdsql "database/sql"
	"fmt"
	"strings"
	"time"

	"entgo.io/ent/dialect"

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

// Received counts, in one statement, the accepted leads that are no tests by their present distributors, those whose
// processing is restricted among them. No distributors named: all of them. It looks past all policies: the caller says
// whose figures the viewer may see.
func Received(ctx context.Context, b Base, zone *time.Location, distributors []gid.ID, spans []Span) (map[Of]Count, error) {
	counts := map[Of]Count{}
	if len(spans) == 0 {
		return counts, nil
	}
	text, args := received(b.Dialect(), zone, distributors, spans)
	err := each(ctx, b, text, args, func(rows *stdsql.Rows) error {
		var of Of
		var n Count
		if err := rows.Scan(&of.Span, &of.Distributor, &n.Leads, &n.Converted); err != nil {
			return err
		}
		counts[of] = n
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("count leads: %w", err)
	}
	return counts, nil
}

// received is the statement: of each span the days that are made, their changes, and the leads of the other days.
func received(engine string, zone *time.Location, distributors []gid.ID, spans []Span) (string, []any) {
	p := &parameters{engine: engine}
	through, throughEnd := p.through(zone), p.throughEnd(zone)
	whose := ""
	if len(distributors) > 0 {
		ids := make([]string, len(distributors))
		for i, id := range distributors {
			ids[i] = p.add(id)
			if engine == dialect.Postgres {
				ids[i] += "::uuid"
			}
		}
		whose = " AND distributor_id IN (" + strings.Join(ids, ", ") + ")"
	}
	var arms []string
	for i, span := range spans {
		if !span.To.After(span.From) {
			continue
		}
		from, to := p.day(span.From), p.day(span.To.AddDays(-1))
		days := fmt.Sprintf("day >= %s AND day <= %s AND (day <= %s) IS TRUE AND distributor_id IS NOT NULL%s", from, to, through, whose) // see isMade
		arms = append(arms,
			fmt.Sprintf("SELECT %d AS span, distributor_id, leads, converted FROM lead_days WHERE dimension = 'STATUS' AND whole = FALSE AND %s", i, days),
			fmt.Sprintf("SELECT %d, distributor_id, leads, converted FROM lead_deltas WHERE %s", i, days),
			fmt.Sprintf("SELECT %d, distributor_id, 1, CASE WHEN status = 'SALE' THEN 1 ELSE 0 END FROM leads WHERE received_at >= %s(%s, %s) AND received_at < %s AND distributor_id IS NOT NULL AND %s%s",
				i, p.later(), p.instant(span.From.Start(zone)), throughEnd, p.instant(span.To.Start(zone)), counts, whose))
	}
	if len(arms) == 0 {
		arms = []string{"SELECT 0 AS span, distributor_id, leads, converted FROM lead_days WHERE FALSE"}
	}
	return "SELECT span, distributor_id, CAST(SUM(leads) AS bigint), CAST(SUM(converted) AS bigint) FROM (" + strings.Join(arms, " UNION ALL ") + ") AS counted" +
		" GROUP BY span, distributor_id HAVING SUM(leads) <> 0", p.args
}
