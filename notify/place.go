package notify

import (
	"context"
	"fmt"
	"strings"

	"entgo.io/ent/dialect"

	"channelbook/internal/db"
)

// deliver puts the notices that have just got the places from after+1 to upTo into the feeds of their recipients.
func deliver(ctx context.Context, tx *db.Tx, after, upTo int64) error {
	const columns = "SELECT n.id, u.id, u.distributor_id, n.kind, n.place FROM notices n "
	const which = " WHERE n.place > $1 AND n.place <= $2 AND u.disabled_at IS NULL AND (n.except_id IS NULL OR n.except_id <> u.id)"
	named := "CROSS JOIN LATERAL jsonb_array_elements_text(n.user_ids) AS named(id) JOIN users u ON u.id = named.id::uuid"
	if tx.Dialect() == dialect.SQLite {
		named = "JOIN json_each(n.user_ids) AS named JOIN users u ON u.id = named.value"
	}
	parts := []string{ // UNION: who is named twice is told once
		columns + "JOIN users u ON u.distributor_id = n.distributor_id" + which,
		columns + "JOIN users u ON u.role = 'ADMIN'" + which + " AND n.admins",
		columns + "CROSS JOIN users u" + which + " AND n.everyone",
		columns + named + which,
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO notifications (notice_id, user_id, distributor_id, kind, place) "+strings.Join(parts, " UNION "), after, upTo)
	if err != nil {
		return fmt.Errorf("put notices into feeds: %w", err)
	}
	return nil
}
