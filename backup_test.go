package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"channelbook/internal/db"
)

// TestARestoredBackupServes copies a base while leads come in, puts the copy in the place of the base with the keys and
// files beside it, and goes on.
func TestARestoredBackupServes(t *testing.T) {
	v := onSQLite(t).with(vars{"ADMIN_PASSWORD": adminPassword})
	path, _ := db.SQLitePath(v["DATABASE_URL"])
	s := start(t, v)
	sender := newSender(t, newSource(t, s.url), 4)
	references := map[string]string{}
	send := func(url string, n int64) answer {
		t.Helper()
		body, key := leadOf(n)
		a, err := sender.send(t.Context(), url, body, key)
		if err != nil || a.Outcome != "ACCEPTED" {
			t.Fatalf("lead %d: got %+v, %v, want it accepted", n, a, err)
		}
		return a
	}
	for n := range int64(20) {
		_, key := leadOf(n)
		references[key] = send(s.url, n).Reference
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	out, err := do(t, v, "", "backup", copied)
	if err != nil || !strings.Contains(out, copied) {
		t.Fatalf("got %q, %v, want a copy", out, err)
	}
	send(s.url, 100) // after the copy: the restored base does not have it
	if _, err := do(t, v, "", "backup", copied); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("over the copy: got %v, want a refusal", err)
	}
	s.end(t)

	for _, end := range []string{"", "-wal", "-shm"} { // as docs/operating.md says
		if err := os.Remove(path + end); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	content, err := os.ReadFile(copied)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	restored := start(t, v)
	for n := range int64(20) {
		_, key := leadOf(n)
		if a := send(restored.url, n); !a.replayed || a.Reference != references[key] {
			t.Errorf("lead %d again: got %+v, want %s replayed", n, a, references[key])
		}
	}
	if a := send(restored.url, 100); a.replayed {
		t.Error("a lead that came after the copy is in it")
	}
	admin := signIn(t, restored.url, "admin", adminPassword)
	if got := ask(t, restored.url, admin, `{ leads { totalCount } }`, nil); !strings.Contains(got.raw, fmt.Sprintf(`"totalCount":%d`, 21)) {
		t.Errorf("got %s, want 21 leads", got.raw)
	}
}

func TestWhatBackupRefuses(t *testing.T) {
	v := onSQLite(t)
	for want, args := range map[string][]string{
		"backup wants one argument": {"backup"},
		"there is no base to copy":  {"backup", filepath.Join(t.TempDir(), "copy.db")},
	} {
		if _, err := do(t, v, "", args...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v, want %q", args, err, want)
		}
	}
	if _, err := do(t, onPostgres(t), "", "backup", "copy.db"); err == nil || !strings.Contains(err.Error(), "pg_dump") {
		t.Errorf("on PostgreSQL: got %v, want to be told of pg_dump", err)
	}
}
