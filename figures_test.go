package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"channelbook/ent/lead"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
)

// TestTheServerKeepsFiguresAndTheCommandProvesThem: the first pass is made at the start; a wrong figure is found, named and
// put right.
func TestTheServerKeepsFiguresAndTheCommandProvesThem(t *testing.T) {
	each(t, func(t *testing.T, v vars) {
		if _, err := do(t, v, "", "migrate"); err != nil {
			t.Fatal(err)
		}
		d := dbtest.Open(t, v["DATABASE_URL"])
		ctx := db.Unaudited(auth.AsSystem(context.Background(), "test"), "a test")
		at := time.Now().UTC().Truncate(time.Second).Add(-72 * time.Hour)
		id := gid.New()
		source := d.LeadSource.Create().SetName("site").SetKeyHash(id[:]).SetKeyHint("abcd").SetDuplicateFields([]string{}).SetCreatedAt(at).SetUpdatedAt(at).SaveX(ctx)
		d.Lead.Create().SetID(id).SetReceivedAt(at).SetUpdatedAt(at).SetSourceID(source.ID).SetStatus(lead.StatusNEW).SetOutcome(lead.OutcomeACCEPTED).
			SetBodyHash([]byte{1}).SetFirstName("Анна").SetFirstNameFold("анна").SetDecisionTrace(nil).ExecX(ctx)
		s := start(t, v)
		eventually(t, "the figures of the day are kept", 10*time.Second, func() bool { return d.LeadDay.Query().CountX(ctx) == 12 })
		if out, err := do(t, v, "", "figures", "rebuild"); err != nil || !strings.Contains(out, "were made anew") {
			t.Errorf("got %q, %v, want that all holds", out, err)
		}
		if _, err := d.ExecContext(ctx, "UPDATE lead_days SET leads = 2 WHERE dimension = 'REGION'"); err != nil {
			t.Fatal(err)
		}
		moscow, err := time.LoadLocation("Europe/Moscow")
		if err != nil {
			t.Fatal(err)
		}
		day := calendar.DateOf(at, moscow).String()
		if out, err := do(t, v, "", "figures", "rebuild"); err == nil || !strings.Contains(err.Error(), day) || !strings.Contains(out, day+": 2 figures were wrong.") {
			t.Errorf("after a change: got %q, %v, want the day %s", out, err, day)
		}
		if out, err := do(t, v, "", "figures", "rebuild"); err != nil {
			t.Errorf("got %q, %v, want that it has been put right", out, err)
		}
		s.end(t)
	})
}

func TestWhatTheFiguresCommandRefuses(t *testing.T) {
	v := onSQLite(t)
	for name, args := range map[string][]string{
		"nothing":       {"figures"},
		"another act":   {"figures", "forget"},
		"an argument":   {"figures", "rebuild", "all"},
		"a flag":        {"figures", "rebuild", "-fast"},
		"no base there": {"figures", "rebuild"},
	} {
		if _, err := do(t, v, "", args...); err == nil {
			t.Errorf("%s: got no error, want one", name)
		}
	}
}
