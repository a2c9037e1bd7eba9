package graph_test

import (
	"encoding/base64"
	"fmt"
	"testing"

	"channelbook/internal/gid"
)

// TestAForgedCursorIsABadRequest: of the lists that stand by a day, where the base would refuse what is no day.
func TestAForgedCursorIsABadRequest(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin, company := h.admin("boss"), h.distributor("Ромашка")
		h.absence(company)
		for _, list := range []struct {
			order, desc, query string
		}{
			{"goals.STARTS_ON", "", `query($a: String) { goals(from: "2026-01-01", to: "2027-01-01", after: $a) { edges { node { id } } } }`},
			{"ledger_entries.DAY", `"d":true,`, `query($a: String) { ledgerEntries(after: $a) { edges { node { id } } } }`},
			{"payout_statements.STARTS_ON", `"d":true,`, `query($a: String) { payoutStatements(after: $a) { edges { node { id } } } }`},
			{"absences.ENDS_ON", `"d":true,`, `query($a: String) { distributors { edges { node { absences(after: $a) { edges { node { id } } } } } } }`},
		} {
			at := func(day string) reply {
				text := fmt.Sprintf(`{"o":%q,%s"k":[%s,%q]}`, list.order, list.desc, day, gid.New())
				return h.ask(admin, list.query, vars{"a": base64.RawURLEncoding.EncodeToString([]byte(text))})
			}
			for _, day := range []string{`"x"`, `""`, `"2026-02-30"`, `"infinity"`, `"2026-11-01 BC"`, `5`, `null`} {
				if got := at(day); got.code() != "BAD_REQUEST" {
					t.Errorf("%s after %s: got %.300s, want BAD_REQUEST", list.order, day, got.raw)
				}
			}
			if got := at(`"2026-11-01"`); got.code() != "" {
				t.Errorf("%s: got %.300s, want it read", list.order, got.raw)
			}
		}
	})
}
