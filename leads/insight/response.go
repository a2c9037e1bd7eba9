package insight

import (
	"context"
	stdsql "database/sql"
	"fmt"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent/lead"
	"channelbook/internal/auth"
	"channelbook/leads"
	"channelbook/leads/figures"
)

// Responses are how long leads wait to be taken and, once taken, to be closed.
type Responses struct{ UntilTaken, UntilClosed Durations }

// Durations are of how many leads, and what half and nine in ten of them took at most; nil where there are none.
type Durations struct {
	Count       int
	Median, P90 *int // seconds
}

// Responses measures the accepted leads that the viewer sees and the filter finds, tests left out: from when one was
// received to when its present distributor took it, and from then to when it was closed, each where it has come to that.
// Without dates the leads received in the last 30 days are measured. Instants count by their whole seconds. Faults: those of
// leads.Filter; DATE_RANGE_TOO_LONG beyond 92 days.
func (s *Service) Responses(ctx context.Context, f leads.Filter) (Responses, error) {
	var out Responses
	v, err := auth.Require(ctx, auth.Admin, auth.Distributor)
	if err != nil {
		return out, err
	}
	if f, err = s.dated(f); err != nil {
		return out, err
	}
	rows, err := s.seen(v, f)
	if err != nil {
		return out, err
	}
	text, args := s.responseQuery(rows)
	err = s.each(ctx, text, args, func(r *stdsql.Rows) error {
		var closed bool
		var d Durations
		if err := r.Scan(&closed, &d.Count, &d.Median, &d.P90); err != nil {
			return err
		}
		if closed {
			out.UntilClosed = d
		} else {
			out.UntilTaken = d
		}
		return nil
	})
	if err != nil {
		return out, fmt.Errorf("measure response times: %w", err)
	}
	return out, nil
}

// responseQuery ranks the durations in the base: by the nearest rank, the p-th of n is the one at place ceil(p*n).
func (s *Service) responseQuery(rows *sql.Selector) (text string, args []any) {
	received, taken, closed := s.seconds(rows.C(lead.FieldReceivedAt)), s.seconds(rows.C(lead.FieldTakenAt)), s.seconds(rows.C(lead.FieldClosedAt))
	statuses := make([]any, len(figures.Accepted))
	for i, status := range figures.Accepted {
		statuses[i] = status
	}
	rows.Where(sql.And(sql.In(rows.C(lead.FieldStatus), statuses...), sql.IsFalse(rows.C(lead.FieldIsTest)), sql.NotNull(rows.C(lead.FieldTakenAt))))
	rows.AppendSelectExprAs(sql.Raw(taken+" - "+received), "until_taken").AppendSelectExprAs(sql.Raw(closed+" - "+taken), "until_closed")
	kept, args := rows.Query()
	return "WITH kept AS MATERIALIZED (" + kept + `), spans AS (SELECT 0 AS closed, until_taken AS lasted FROM kept
		UNION ALL SELECT 1, until_closed FROM kept WHERE until_closed IS NOT NULL), ranked AS (SELECT closed, lasted,
		ROW_NUMBER() OVER (PARTITION BY closed ORDER BY lasted) AS place, COUNT(*) OVER (PARTITION BY closed) AS n FROM spans)
		SELECT closed, MAX(n), MAX(CASE WHEN place = (n + 1) / 2 THEN lasted END), MAX(CASE WHEN place = (9 * n + 9) / 10 THEN lasted END)
		FROM ranked GROUP BY closed`, args
}

// seconds are the whole seconds of an instant since 1970. SQLite keeps instants as texts in UTC.
func (s *Service) seconds(instant string) string {
	if s.onSQLite() {
		return "unixepoch(substr(" + instant + ", 1, 19))"
	}
	return "CAST(FLOOR(EXTRACT(EPOCH FROM " + instant + ")) AS bigint)"
}
