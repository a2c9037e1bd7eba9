package figures

import (
	"context"
	"fmt"
	"strings"

	"channelbook/internal/calendar"
	"channelbook/internal/db"
)

// roll makes the figures of a day anew from the leads, and takes away the changes that they have in them. The transaction
// sees one moment of the base: a change that commits meanwhile is neither in the leads that it counts nor among the changes
// that it takes away, so that the sum is right whichever of the two commits first.
func (s *Service) roll(ctx context.Context, tx *db.Tx, day calendar.Date) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM lead_days WHERE day = $1", day); err != nil {
		return fmt.Errorf("drop the figures of %s: %w", day, err)
	}
	start, end := day.Start(s.TimeZone).UTC(), day.AddDays(1).Start(s.TimeZone).UTC()
	if _, err := tx.ExecContext(ctx, rolling(tx.Dialect()), start, end, day); err != nil {
		return fmt.Errorf("make the figures of %s: %w", day, err)
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM lead_deltas WHERE day = $1", day); err != nil {
		return fmt.Errorf("take away the changes of %s: %w", day, err)
	}
	return nil
}

// rolling is the statement that writes the figures of a day: its leads and sales once, then each dimension by distributor
// and for all of them.
func rolling(engine string) string {
	day := asDate(engine, "$3")
	restricted := "restricted_at IS NOT NULL"
	var text strings.Builder
	text.WriteString(`INSERT INTO lead_days (day, whole, distributor_id, restricted, dimension, value, label, leads, converted, sales, payout)
WITH facts AS MATERIALIZED (
SELECT distributor_id, ` + restricted + ` AS restricted, ` + facts + `, COUNT(*) AS leads, SUM(CASE WHEN status = 'SALE' THEN 1 ELSE 0 END) AS converted, 0 AS sales, 0 AS payout
FROM leads WHERE received_at >= $1 AND received_at < $2 AND ` + counts + ` GROUP BY distributor_id, ` + restricted + `, ` + facts + `
UNION ALL
SELECT distributor_id, ` + restricted + `, ` + facts + `, 0, 0, COUNT(*), SUM(payout)
FROM leads WHERE sold_on = ` + day + ` AND status = 'SALE' AND NOT is_test GROUP BY distributor_id, ` + restricted + `, ` + facts + `
)`)
	for i, d := range dimensions {
		if i > 0 {
			text.WriteString("\nUNION ALL")
		}
		sums := "'" + string(d.name) + "', " + d.value + " AS value, " + d.label + " AS label, SUM(leads), SUM(converted), SUM(sales), SUM(payout) FROM facts"
		text.WriteString("\nSELECT " + day + ", FALSE, distributor_id, restricted, " + sums + " GROUP BY distributor_id, restricted, value, label" +
			"\nUNION ALL\nSELECT " + day + ", TRUE, CAST(NULL AS uuid), restricted, " + sums + " GROUP BY restricted, value, label")
	}
	return text.String()
}
