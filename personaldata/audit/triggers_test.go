package audit_test

import (
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"channelbook/internal/db"
	"channelbook/internal/dbtest"
)

// TestTheAuditIsOnlyAddedTo: whoever has the server's own rights in the base cannot change what stands there.
func TestTheAuditIsOnlyAddedTo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.sealed(2)
		_, err := k.DropPast(k.system, k.clock.Add(time.Second))
		k.fine(err)
		k.sealed0() // the record of that
		k.sealed(2)
		statements := []string{
			"UPDATE audit_records SET reason = 'x'",
			"UPDATE audit_links SET hash = record_hash",
			"UPDATE audit_checkpoints SET place = 9",
			"UPDATE audit_heads SET count = 1",
			"DELETE FROM audit_records",
			"DELETE FROM audit_links",
			"DELETE FROM audit_checkpoints",
			"DELETE FROM audit_heads",
		}
		if d.Dialect() == dialect.Postgres {
			statements = append(statements, "TRUNCATE audit_records", "TRUNCATE audit_links", "TRUNCATE audit_checkpoints", "TRUNCATE audit_heads")
		} else {
			statements = append(statements,
				"INSERT OR REPLACE INTO audit_records (id, at, actor_kind, action, outcome) SELECT id, at, actor_kind, 'x', outcome FROM audit_records",
				"INSERT OR REPLACE INTO audit_links (place, record_id, record_hash, hash) SELECT place, record_id, hash, hash FROM audit_links",
				"INSERT OR REPLACE INTO audit_links (place, record_id, record_hash, hash) SELECT place + 50, record_id, hash, hash FROM audit_links",
				"INSERT OR REPLACE INTO audit_heads (id, count, hash, mac) VALUES (1, 0, x'', x'')",
				"INSERT OR REPLACE INTO audit_checkpoints (id, place, hash, dropped, at, mac) SELECT id, 1, hash, dropped, at, mac FROM audit_checkpoints",
			)
		}
		for _, statement := range statements {
			if err := k.sql(statement); err == nil || !strings.Contains(err.Error(), "is refused: ") {
				t.Errorf("%s: got %v, want a refusal", statement, err)
			}
		}
		if v := k.verify(); !v.OK() || v.Checked != 3 {
			t.Errorf("got %+v, want 3 that hold", v)
		}
	})
}
