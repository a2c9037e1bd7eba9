package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"channelbook/internal/config"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
)

func demoConfig(t *testing.T, v vars) config.Config {
	t.Helper()
	cfg, err := loadDemo(v.get)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// demonstrated prepares a demo of one month and returns what was printed.
func demonstrated(t *testing.T, ctx context.Context, v vars) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := prepareDemo(ctx, demoConfig(t, v), dbtest.Log(t), &out, 1)
	return out.String(), err
}

func TestTheDemoLetsBothRolesIn(t *testing.T) {
	v := onSQLite(t)
	path, _ := db.SQLitePath(v["DATABASE_URL"])
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+".filling", []byte("what a start left that was broken off"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, end := range []string{"-wal", "-shm"} { // of a demo that was killed, and whose base somebody has deleted since
		if err := os.WriteFile(path+end, staleJournal(t, end), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := demonstrated(t, t.Context(), v)
	if err != nil {
		t.Fatal(err)
	}
	logins := regexp.MustCompile(`login (\S+) +password (\S+)`).FindAllStringSubmatch(out, -1)
	if len(logins) != 2 {
		t.Fatalf("got %q, want two logins", out)
	}
	left, err := filepath.Glob(path + ".filling*")
	if err != nil || len(left) > 0 {
		t.Errorf("got %v, %v, want nothing left of the filling", left, err)
	}

	s := startWith(t, demoConfig(t, v))
	admin := signIn(t, s.url, logins[0][1], logins[0][2])
	if got := ask(t, s.url, admin, `{ distributors(first: 20) { totalCount edges { node { leads { totalCount } } } } company { name } }`, nil); !strings.Contains(got.raw, `"totalCount":12`) || got.text("company", "name") == "" {
		t.Errorf("got %s, want the distributors of the story", got.raw)
	}
	worker := signIn(t, s.url, logins[1][1], logins[1][2])
	for login, token := range map[string]string{logins[0][1]: admin, logins[1][1]: worker} {
		got := ask(t, s.url, token, `{ viewer { unreadNotificationCount } notifications(first: 5) { edges { node { title text createdAt } } unreadCount } }`, nil)
		if strings.Contains(got.raw, `"unreadCount":0`) || !strings.Contains(got.raw, `"title":"`) || strings.Contains(got.raw, `"errors"`) {
			t.Errorf("%s: got %s, want notifications and some unread", login, got.raw)
		}
	}
	got := ask(t, s.url, worker, `{ viewer { distributor { companyName logoUrl leads { totalCount } } } }`, nil)
	if strings.Contains(got.raw, `"totalCount":0`) || got.text("viewer", "distributor", "logoUrl") == "" {
		t.Fatalf("got %s, want a distributor with a logo and leads", got.raw)
	}
	logo := got.text("viewer", "distributor", "logoUrl")
	_, query, _ := strings.Cut(logo, "/files/")
	if status, _ := get(t, s.url+"/files/"+query); status != 200 {
		t.Errorf("the logo: got %d, want 200", status)
	}
	s.end(t)
	beside := v.with(vars{"DATABASE_URL": v["DATABASE_URL"] + ".other"})
	if got := ask(t, start(t, beside).url, admin, viewerQuery, nil); got.code() != "UNAUTHENTICATED" {
		t.Errorf("its administrator's token at a server beside it: got %s, want a refusal", got.raw)
	}

	out, err = demonstrated(t, t.Context(), v)
	if err != nil || !strings.Contains(out, "is there already") || strings.Contains(out, logins[0][2]) {
		t.Errorf("a second time: got %q, %v, want the base left as it is", out, err)
	}
}

// staleJournal is what a server that is killed leaves beside an empty base.
func staleJournal(t *testing.T, end string) []byte {
	t.Helper()
	v := onSQLite(t)
	p := mustLaunch(t, v)
	p.kill()
	path, _ := db.SQLitePath(v["DATABASE_URL"])
	journal, err := os.ReadFile(path + end)
	if err != nil || end == "-wal" && len(journal) == 0 {
		t.Fatalf("got %d bytes, %v, want a journal", len(journal), err)
	}
	return journal
}

func TestADemoThatIsBrokenOffLeavesNothing(t *testing.T) {
	v := onSQLite(t)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := demonstrated(t, ctx, v); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want it broken off", err)
	}
	path, _ := db.SQLitePath(v["DATABASE_URL"])
	left, err := filepath.Glob(path + "*")
	if err != nil || len(left) > 0 {
		t.Errorf("got %v, %v, want no base", left, err)
	}
}

func TestTheDemoHasABaseOfItsOwn(t *testing.T) {
	if got := demoSettings(vars{"LOG_LEVEL": "warn"}.get); got("DATABASE_URL") != "sqlite:data/demo.db" || got("LOG_LEVEL") != "warn" {
		t.Errorf("got %s, want a base of the demo's own and all else as it is", got("DATABASE_URL"))
	}
	_, err := do(t, onPostgres(t), "", "serve", "-demo")
	if err == nil || !strings.Contains(err.Error(), "leave DATABASE_URL out") {
		t.Errorf("on PostgreSQL: got %v, want a refusal", err)
	}
}
