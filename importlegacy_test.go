package main

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"channelbook/ent/lead"
	"channelbook/internal/auth"
	"channelbook/internal/dbtest"
)

// oldBase is a made-up base of the system that this one replaces.
func oldBase(t *testing.T) string {
	t.Helper()
	script, err := os.ReadFile("imports/legacy/testdata/legacy.sql")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "old.db")
	old, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	yesterday := "INSERT INTO notifications VALUES (7, 2, 'Вчера', 'Это было вчера', 0, '" + time.Now().AddDate(0, 0, -1).Format(time.DateTime) + "')"
	for _, text := range []string{string(script), yesterday} {
		if _, err := old.ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestTheOldBaseIsBroughtOverBesideAServer: a dry run first, then for good, and people sign in with the passwords that the operator
// gives them.
func TestTheOldBaseIsBroughtOverBesideAServer(t *testing.T) {
	each(t, func(t *testing.T, v vars) {
		v = v.with(vars{"ADMIN_PASSWORD": adminPassword})
		old := oldBase(t)
		before, err := os.ReadFile(old)
		if err != nil {
			t.Fatal(err)
		}
		s := start(t, v)
		d := dbtest.Open(t, v["DATABASE_URL"])
		ctx := auth.AsSystem(t.Context(), "test")
		out, err := do(t, v, "", "import-legacy", old)
		if err != nil || !strings.Contains(out, "This is a dry run") || !strings.Contains(out, "With -apply") {
			t.Errorf("without -apply: got %q, %v, want a dry run", out, err)
		}
		if n := d.Lead.Query().CountX(ctx); n != 0 {
			t.Errorf("a dry run has brought %d leads", n)
		}
		for range 2 { // the second finds all there
			out, err = do(t, v, "", "import-legacy", "-apply", "-paid-through", "01.2026", "-basis", "contract", "-basis-note", "Договоры прежней системы", "-status", "думает=in_progress", old)
			if err != nil || !strings.Contains(out, "\n  chief\n  roma\n  vera\n") {
				t.Fatalf("got %q, %v, want the logins without a password", out, err)
			}
		}
		if n := d.Lead.Query().Where(lead.ExternalIDNotNil()).CountX(ctx); n < 9 {
			t.Errorf("got %d leads, want those of the old base", n)
		}
		if _, err := do(t, v, "a password for roma\n", "user", "set-password", "-login", "Roma"); err != nil {
			t.Error(err)
		}
		got := ask(t, s.url, signIn(t, s.url, "roma", "a password for roma"), `{
			leads(filter: {statuses: [SALE]}) { edges { node { status soldOn firstName phone payout { amount } distributor { companyName } events { edges { node { kind text } } } } } }
			notifications(first: 10) { unreadCount edges { node { kind title } } } }`, nil)
		for _, want := range []string{`"soldOn":"2026-01-15"`, `"phone":"+79120000003"`, `"amount":"1500.50"`, `"companyName":"ООО «Ромашка»"`, "Лид перенесён из прежней системы.", `"kind":"SALE_REGISTERED"`, `"title":"Вчера"`} {
			if !strings.Contains(got.raw, want) {
				t.Errorf("what roma reads: %s is not in %s", want, got.raw)
			}
		}
		admin := ask(t, s.url, signIn(t, s.url, "admin", adminPassword), `{ leads(filter: {statuses: [SALE]}) { edges { node { externalId source { name status } legalBasis decisionTrace { step } consents { id } } } }
			auditLog(first: 1, filter: {actions: ["LEGACY_IMPORTED"]}) { edges { node { action } } } }`, nil)
		for _, want := range []string{`"name":"Прежняя система","status":"STOPPED"`, `"legalBasis":"CONTRACT"`, `"decisionTrace":[]`, `"action":"LEGACY_IMPORTED"`} {
			if !strings.Contains(admin.raw, want) {
				t.Errorf("what an administrator reads: %s is not in %s", want, admin.raw)
			}
		}
		after, err := os.ReadFile(old)
		if err != nil || !bytes.Equal(before, after) {
			t.Errorf("the old base has changed (%v)", err)
		}
		s.end(t)
	})
}

func TestWhatTheImportOfTheOldBaseRefuses(t *testing.T) {
	v := onSQLite(t).with(vars{"PERSONAL_DATA_KEYS": dbtest.PersonalDataKeys})
	old := oldBase(t)
	for want, args := range map[string][]string{
		"wants one file":          {"import-legacy"},
		"behind its flags":        {"import-legacy", old, "-apply"},
		"do not go together":      {"import-legacy", "-apply", "-dry-run", old},
		"timezone":                {"import-legacy", "-timezone", "Mars/Olympus", old},
		"paid-through":            {"import-legacy", "-paid-through", "13.2026", old},
		"THEIRS=OURS":             {"import-legacy", "-status", "new", old},
		"is none of NEW":          {"import-legacy", "-status", "new=GOOD", old},
		"neither ADMIN nor":       {"import-legacy", "-role", "boss=CHIEF", old},
		"goal-metric":             {"import-legacy", "-goal-metric", "fun", old},
		"is no basis to say":      {"import-legacy", "-basis", "CONSENT", "-basis-note", "Все согласны", old},
		"DATABASE_URL names it":   {"import-legacy", old},
		"flag provided but not d": {"import-legacy", "-force", old},
	} {
		if _, err := do(t, v, "", args...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want an error that says %q", args, err, want)
		}
	}
}

func TestAnImportMakesNoKeys(t *testing.T) {
	if _, err := do(t, onSQLite(t), "", "import-legacy", oldBase(t)); err == nil || !strings.Contains(err.Error(), "PERSONAL_DATA_KEYS is not set") {
		t.Errorf("got %v, want the missing keys named", err)
	}
}

func TestAnImportNeedsTheOldBaseAndNotOurOwn(t *testing.T) {
	v := onSQLite(t).with(vars{"ADMIN_PASSWORD": adminPassword})
	start(t, v).end(t)
	ours := strings.TrimPrefix(v["DATABASE_URL"], "sqlite:")
	if _, err := do(t, v, "", "import-legacy", "-apply", ours); err == nil || !strings.Contains(err.Error(), "is the base of DATABASE_URL") {
		t.Errorf("our own base: got %v, want it refused", err)
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	if _, err := do(t, v, "", "backup", copied); err != nil {
		t.Fatal(err)
	}
	if _, err := do(t, v, "", "import-legacy", "-apply", copied); err == nil || !strings.Contains(err.Error(), "this is a base of Channelbook") {
		t.Errorf("a copy of it: got %v, want it refused", err)
	}
}
