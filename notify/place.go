package notify

import (
	"context"
	"fmt"
	"strings"

	"entgo.io/ent/dialect"

	"channelbook/internal/db"
)

// deliver puts the notices that have just got the places from after+1 to upTo into the feeds of their recipients, and has what
// else belongs to them done in the same transaction.
func (s *Service) deliver(ctx context.Context, tx *db.Tx, after, upTo int64) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO notifications (notice_id, user_id, distributor_id, kind, place) "+
		"SELECT r.notice_id, r.user_id, r.distributor_id, r.kind, r.place FROM ("+Recipients(tx.Dialect())+") AS r "+
		"WHERE r.web AND NOT EXISTS (SELECT 1 FROM notification_preferences p "+
		"WHERE p.user_id = r.user_id AND p.kind = r.kind AND p.channel = 'WEB' AND p.mode = 'NEVER')", after, upTo)
	if err != nil {
		return fmt.Errorf("put notices into feeds: %w", err)
	}
	for _, more := range s.Further {
		if err := more(ctx, tx, after, upTo); err != nil {
			return err
		}
	}
	return nil
}

// Recipients is the statement that tells whom the notices at the places from $1+1 to $2 are for, each person once a notice:
// notice_id, user_id, distributor_id of the person, kind, place, and web, whether the notice goes into feeds at all.
func Recipients(engine string) string {
	const which = " WHERE n.place > $1 AND n.place <= $2 AND u.disabled_at IS NULL AND (n.except_id IS NULL OR n.except_id <> u.id)"
	named, web := "CROSS JOIN LATERAL jsonb_array_elements_text(n.user_ids) AS named(id) JOIN users u ON u.id = named.id::uuid",
		`n.channels @> '["WEB"]'`
	if engine == dialect.SQLite {
		named, web = "JOIN json_each(n.user_ids) AS named JOIN users u ON u.id = named.value", "EXISTS (SELECT 1 FROM json_each(n.channels) WHERE value = 'WEB')"
	}
	columns := "SELECT n.id AS notice_id, u.id AS user_id, u.distributor_id, n.kind, n.place, n.channels IS NULL OR " + web + " AS web FROM notices n "
	return strings.Join([]string{ // UNION: who is named twice is told once
		columns + "JOIN users u ON u.distributor_id = n.distributor_id" + which,
		columns + "JOIN users u ON u.role = 'ADMIN'" + which + " AND n.admins",
		columns + "CROSS JOIN users u" + which + " AND n.everyone",
		columns + named + which,
	}, " UNION ")
}
