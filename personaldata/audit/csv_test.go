package audit_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"strings"
	"testing"
	"time"

	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// refusing is a writer that takes nothing.
type refusing struct{}

func (refusing) Write([]byte) (int, error) { return 0, errors.New("the client has left") }

func TestExport(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.record(audit.Act{Action: audit.LeadTaken, Object: audit.On(gid.Lead, gid.New()), Reason: "=1+1"})
		k.sealed0()
		k.clock = k.clock.Add(time.Hour)
		k.sealed(1200) // more than a page
		k.clock = k.clock.Add(time.Hour)
		export := func(f audit.Filter) [][]string {
			t.Helper()
			var out bytes.Buffer
			k.fine(k.Export(k.asPerson(), &out, f))
			rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(out.String(), "\ufeff"))).ReadAll()
			k.fine(err)
			return rows
		}
		rows := export(audit.Filter{})
		if len(rows) != 1202 || rows[0][0] != "Место в цепочке" || rows[0][6] != "Действие" {
			t.Fatalf("got %d rows under %q, want 1201 and headings", len(rows), rows[0])
		}
		if got := rows[1]; got[10] != "'=1+1" || got[6] != "LEAD_TAKEN" || !strings.HasPrefix(got[9], "lead_") || len(got[16]) != 64 {
			t.Errorf("got %q, want the first record, its formula made harmless", got)
		}
		from, to := k.clock.Add(-3*time.Hour), k.clock.Add(-90*time.Minute)
		if rows := export(audit.Filter{From: &from, To: &to}); len(rows) != 2 {
			t.Errorf("got %d rows, want the headings and one record", len(rows))
		}
		last := k.records()[len(k.records())-1]
		if last.Action != string(audit.AuditExported) || !strings.Contains(*last.Details, `"from"`) {
			t.Errorf("got %v, want the export itself recorded", last)
		}
		before := len(k.records())
		if err := k.Export(k.asPerson(), refusing{}, audit.Filter{}); err == nil {
			t.Error("got no error, want that the client has left")
		}
		if n := len(k.records()); n != before+1 {
			t.Errorf("got %d records, want %d: the export is recorded before its first byte", n, before+1)
		}
		for name, v := range map[string]auth.Viewer{"a distributor's user": {Role: auth.Distributor}, "a source": {Role: auth.Source}} {
			var out bytes.Buffer
			if err := k.Export(auth.With(t.Context(), v), &out, audit.Filter{}); !fault.Is(err, fault.Forbidden) || out.Len() > 0 {
				t.Errorf("%s: got %v and %d bytes, want FORBIDDEN", name, err, out.Len())
			}
		}
	})
}

func TestNoCellIsTakenForAFormula(t *testing.T) {
	for cell, want := range map[string]string{
		"=1+1": "'=1+1", "@x": "'@x", "Mozilla/5.0;=HYPERLINK(A1)": "Mozilla/5.0;'=HYPERLINK(A1)", "a, \"=1": "a, \"'=1", "a\n-1": "a\n'-1",
		"Mozilla/5.0 (X11; Linux) a=b": "Mozilla/5.0 (X11; Linux) a=b", "2026-11-26": "2026-11-26", "": "",
	} {
		if got := audit.Harmless(cell); got != want {
			t.Errorf("%q: got %q, want %q", cell, got, want)
		}
	}
}
