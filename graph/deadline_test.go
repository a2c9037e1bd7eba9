package graph_test

import (
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"channelbook/internal/db"
)

// TestAnOperationThatTakesTooLongIsEnded, and the next one is answered: on PostgreSQL a list waits for a table that is
// locked, on SQLite a change for the one before it.
func TestAnOperationThatTakesTooLongIsEnded(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin := h.admin("boss")
		add := func(domain string) reply {
			return h.ask(admin, `mutation($in: AddToBlacklistInput!) { addToBlacklist(input: $in) { entry { id } userErrors { code } } }`,
				vars{"in": vars{"kind": "DOMAIN", "value": domain}})
		}
		patient := h.handler
		edge := h.edge
		edge.MaxTime = 300 * time.Millisecond
		h.handler = handlerOf(t, edge)
		err := db.WithTx(h.system(), h.db, func(tx *db.Tx) error {
			if h.db.Dialect() == dialect.Postgres {
				if _, err := tx.ExecContext(h.system(), "LOCK TABLE blacklist_entries IN ACCESS EXCLUSIVE MODE"); err != nil {
					return err
				}
				if got := h.ask(admin, `{ blacklist { edges { node { id } } } }`, nil); got.code() != "TIMEOUT" || got.status != 200 {
					t.Errorf("a list: got %d %s, want TIMEOUT", got.status, got.raw)
				}
			}
			if got := add("slow.example"); got.code() != "TIMEOUT" || strings.Contains(got.raw, "context") {
				t.Errorf("a change: got %s, want TIMEOUT", got.raw)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		h.handler = patient
		if got := add("quick.example"); got.at("addToBlacklist", "entry", "id") == nil {
			t.Errorf("the next change: got %s, want it made", got.raw)
		}
		got := h.must(admin, `{ blacklist { edges { node { value } } } }`, nil)
		if n := len(got.nodes("blacklist")); n != 1 {
			t.Errorf("got %d entries, want the one that was answered", n)
		}
	})
}
