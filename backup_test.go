package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"channelbook/internal/config"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
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
	logo := putLogo(t, s.url)
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

	restoredFolder := filepath.Join(t.TempDir(), "restored", "data")
	for _, kept := range []string{"jwt.keys", "personal-data.keys", "files"} { // as docs/operating.md says
		from := filepath.Join(filepath.Dir(path), kept)
		if err := os.MkdirAll(restoredFolder, 0o700); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.CommandContext(t.Context(), "cp", "-a", from, restoredFolder).CombinedOutput(); err != nil {
			t.Fatalf("cp: %v: %s", err, out)
		}
	}
	path = filepath.Join(restoredFolder, "base.db")
	if err := os.Rename(copied, path); err != nil {
		t.Fatal(err)
	}
	v = v.with(vars{"DATABASE_URL": "sqlite:" + path})
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
	if status, _ := get(t, restored.url+logo); status != 200 {
		t.Errorf("the logo: got %d, want 200", status)
	}
	admin := signIn(t, restored.url, "admin", adminPassword)
	if got := ask(t, restored.url, admin, `{ leads { totalCount } }`, nil); !strings.Contains(got.raw, fmt.Sprintf(`"totalCount":%d`, 21)) {
		t.Errorf("got %s, want 21 leads", got.raw)
	}
}

// putLogo makes a distributor with a logo, and returns the path of the link to it.
func putLogo(t *testing.T, url string) string {
	t.Helper()
	token := signIn(t, url, "admin", adminPassword)
	id := ask(t, url, token, `mutation { createDistributor(input: {companyName: "Ромашка"}) { distributor { id } } }`, nil).text("createDistributor", "distributor", "id")
	var drawn bytes.Buffer
	if err := png.Encode(&drawn, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, url+"/distributors/"+id+"/logo", &drawn)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var shown struct{ URL string }
	if err := json.NewDecoder(answer.Body).Decode(&shown); err != nil || answer.StatusCode != 200 {
		t.Fatalf("got %d, %v, want a logo", answer.StatusCode, err)
	}
	_, path, _ := strings.Cut(shown.URL, "/files/")
	return "/files/" + path
}

// TestARestoredDumpServes does what docs/operating.md says for PostgreSQL.
func TestARestoredDumpServes(t *testing.T) {
	if _, err := exec.LookPath("pg_dump"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("there is no pg_dump: %v", err)
	}
	v := onPostgres(t).with(vars{"ADMIN_PASSWORD": adminPassword})
	s := start(t, v)
	sender := newSender(t, newSource(t, s.url), 1)
	body, key := leadOf(1)
	first, err := sender.send(t.Context(), s.url, body, key)
	if err != nil || first.Outcome != "ACCEPTED" {
		t.Fatalf("got %+v, %v, want a lead", first, err)
	}
	dump := filepath.Join(t.TempDir(), "base.dump")
	into := dbtest.EmptyPostgres(t)
	for _, command := range [][]string{
		{"pg_dump", "--format=custom", "--file=" + dump, v["DATABASE_URL"]},
		{"pg_restore", "--no-owner", "--exit-on-error", "--dbname=" + into, dump},
	} {
		if out, err := exec.CommandContext(t.Context(), command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", command[0], err, out)
		}
	}
	s.end(t)
	restored := start(t, v.with(vars{"DATABASE_URL": into}))
	again, err := sender.send(t.Context(), restored.url, body, key)
	if err != nil || !again.replayed || again.Reference != first.Reference {
		t.Errorf("got %+v, %v, want %s replayed", again, err, first.Reference)
	}
}

func TestARefusedBackupMakesNothing(t *testing.T) {
	v := onSQLite(t)
	if _, err := do(t, v, "", "backup", filepath.Join(t.TempDir(), "copy.db")); err == nil {
		t.Fatal("got a copy of nothing")
	}
	path, _ := db.SQLitePath(v["DATABASE_URL"])
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); err != nil || len(left) > 0 {
		t.Errorf("got %v, %v, want nothing made", left, err)
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

func TestABaseWhoseKeysAreLostIsNotServedWithNewOnes(t *testing.T) {
	v := onSQLite(t)
	s := start(t, v)
	s.end(t)
	path, _ := db.SQLitePath(v["DATABASE_URL"])
	keys := filepath.Join(filepath.Dir(path), "personal-data.keys")
	if err := os.Rename(keys, keys+".away"); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(v.get)
	if err != nil {
		t.Fatal(err)
	}
	err = run(t.Context(), cfg, dbtest.Log(t), io.Discard, nil)
	if err == nil || !strings.Contains(err.Error(), "personal-data.keys is not there; put back") {
		t.Errorf("got %v, want to be told which file is missing", err)
	}
	if _, err := os.Stat(keys); !os.IsNotExist(err) {
		t.Errorf("got %v, want no new file in the place of the missing one", err)
	}
	if err := os.Rename(keys+".away", keys); err != nil {
		t.Fatal(err)
	}
	start(t, v)
}
