package main

import (
	"context"
	"encoding/csv"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
)

// TestTheAuditIsVerifiedAndExported goes by the commands, beside a server and without one.
func TestTheAuditIsVerifiedAndExported(t *testing.T) {
	each(t, func(t *testing.T, v vars) {
		v = v.with(vars{"ADMIN_PASSWORD": adminPassword})
		s := start(t, v)
		token := signIn(t, s.url, "admin", adminPassword)
		eventually(t, "the records are sealed", 10*time.Second, func() bool {
			out, err := do(t, v, "", "audit", "verify")
			return err == nil && strings.HasPrefix(out, "2 records hold. The chain's head is 2:") && !strings.Contains(out, "no place")
		})
		out, err := do(t, v, "", "audit", "verify")
		if err != nil {
			t.Fatal(err)
		}
		head := regexp.MustCompile(`2:[0-9a-f]{64}`).FindString(out)
		if out, err := do(t, v, "", "audit", "verify", "-head", head); err != nil {
			t.Errorf("got %q, %v, want that it holds", out, err)
		}
		if _, err := do(t, v, "", "audit", "verify", "-head", "1:"+head[2:]); err == nil || !strings.Contains(err.Error(), "place 1") {
			t.Errorf("another head: got %v, want the place", err)
		}
		out, err = do(t, v, "", "audit", "export", "-from", "2026-01-01")
		rows, readErr := csv.NewReader(strings.NewReader(strings.TrimPrefix(out, "\ufeff"))).ReadAll()
		if err != nil || readErr != nil || len(rows) != 3 || rows[1][6] != "FIRST_ADMIN" || rows[2][6] != "SIGNED_IN" {
			t.Errorf("got %q, %v, %v, want the first administrator and the sign-in", rows, err, readErr)
		}
		overHTTP(t, s.url, token)
		s.end(t)

		harm(t, v)
		if _, err := do(t, v, "", "audit", "verify"); err == nil || !strings.Contains(err.Error(), "breaks at place 2") {
			t.Errorf("after a change: got %v, want the place", err)
		}
	})
}

// overHTTP exports the audit as an administrator, as a distributor's user and as nobody.
func overHTTP(t *testing.T, url, token string) {
	t.Helper()
	made := ask(t, url, token, `mutation { createDistributor(input: {companyName: "Ромашка"}) { distributor { id } } }`, nil)
	company := made.text("createDistributor", "distributor", "id")
	ask(t, url, token, `mutation($input: CreateUserInput!) { createUser(input: $input) { user { id } } }`,
		vars{"login": "roma", "password": adminPassword, "role": "DISTRIBUTOR", "distributorId": company})
	for _, c := range []struct {
		token, query string
		status       int
	}{
		{token, "", http.StatusOK}, {token, "?from=2026-01-01&to=2026-01-02T10:00:00%2B03:00", http.StatusOK},
		{token, "?from=yesterday", http.StatusUnprocessableEntity}, {signIn(t, url, "roma", adminPassword), "", http.StatusForbidden},
		{"", "", http.StatusUnauthorized}, {"nonsense", "", http.StatusUnauthorized},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/audit.csv"+c.query, nil)
		if err != nil {
			t.Fatal(err)
		}
		if c.token != "" {
			r.Header.Set("Authorization", "Bearer "+c.token)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != c.status || answer.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%q: got %d, %s, want %d and no-store", c.query, answer.StatusCode, answer.Header.Get("Cache-Control"), c.status)
		}
	}
	got := ask(t, url, token, `{ auditLog(filter: {actions: ["ACCESS_REFUSED"]}) { totalCount edges { node { details { value } } } } }`, nil)
	if !strings.Contains(got.raw, "GET /audit.csv") {
		t.Errorf("got %s, want the refusal recorded", got.raw)
	}
}

// harm changes a record past the server.
func harm(t *testing.T, v vars) {
	t.Helper()
	d := dbtest.Open(t, v["DATABASE_URL"])
	ctx := auth.AsSystem(context.Background(), "test")
	off := "DROP TRIGGER audit_records_update"
	if _, ok := db.SQLitePath(v["DATABASE_URL"]); !ok {
		off = "ALTER TABLE audit_records DISABLE TRIGGER USER"
	}
	for _, statement := range []string{off, "UPDATE audit_records SET outcome = 'FAILED' WHERE action = 'SIGNED_IN'"} {
		if _, err := d.ExecContext(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWhatTheAuditCommandRefuses(t *testing.T) {
	v := onSQLite(t)
	for name, args := range map[string][]string{
		"nothing":       {"audit"},
		"another act":   {"audit", "forget"},
		"a bad head":    {"audit", "verify", "-head", "7"},
		"a bad day":     {"audit", "export", "-from", "yesterday"},
		"an argument":   {"audit", "verify", "all"},
		"no base there": {"audit", "verify"},
	} {
		if _, err := do(t, v, "", args...); err == nil {
			t.Errorf("%s: got no error, want one", name)
		}
	}
	path, _ := db.SQLitePath(v["DATABASE_URL"])
	if there, err := exists(filepath.Join(filepath.Dir(path), "personal-data.keys")); there || err != nil {
		t.Errorf("got a file of keys, %v, want none made", err)
	}
}
