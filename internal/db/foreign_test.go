package db_test

import (
	"bytes"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"channelbook/internal/db"
)

// foreign is a SQLite base of another program, closed, unless it is kept open by a transaction in its WAL.
func foreign(t *testing.T, keptOpen bool) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "other #1?.db")
	d, err := sql.Open("sqlite", filepath.Join(filepath.Dir(path), "made.db"))
	if err != nil {
		t.Fatal(err)
	}
	d.SetMaxOpenConns(1)
	statements := []string{"CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)", "INSERT INTO users VALUES (1, 'Анна')"}
	if keptOpen {
		statements = append([]string{"PRAGMA journal_mode = WAL"}, statements...)
	}
	for _, s := range statements {
		if _, err := d.ExecContext(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	if keptOpen {
		t.Cleanup(func() { _ = d.Close() })
		return filepath.Join(filepath.Dir(path), "made.db")
	}
	if err := errors.Join(d.Close(), os.Rename(filepath.Join(filepath.Dir(path), "made.db"), path)); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAForeignBaseIsReadAndLeftAsItIs(t *testing.T) {
	path := foreign(t, false)
	if err := os.Chmod(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d, err := db.ReadForeign(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	var name string
	if err := d.QueryRowContext(t.Context(), "SELECT name FROM users").Scan(&name); err != nil || name != "Анна" {
		t.Errorf("got %q, %v, want the row", name, err)
	}
	for _, statement := range []string{"INSERT INTO users VALUES (2, 'Олег')", "DROP TABLE users", "CREATE TABLE more (id INTEGER)", "VACUUM"} {
		if _, err := d.ExecContext(t.Context(), statement); err == nil {
			t.Errorf("%s: got no error, want it refused", statement)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file has changed (%v)", err)
	}
	beside, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(beside) != 1 {
		t.Errorf("got %v, %v beside it, want the file alone", beside, err)
	}
}

func TestWhatIsNoQuietBaseIsRefused(t *testing.T) {
	text := filepath.Join(t.TempDir(), "text.db")
	whole := foreign(t, false)
	half, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(t.TempDir(), "broken.db")
	for i := 4000; i < len(half); i++ { // the page that the table is in
		half[i] = 0xff
	}
	if err := errors.Join(os.WriteFile(text, []byte("id;name\n1;Анна\n"), 0o600), os.WriteFile(broken, half, 0o600)); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"no file": filepath.Join(t.TempDir(), "none.db"), "a text": text, "a folder": t.TempDir(), "a damaged one": broken} {
		if d, err := db.ReadForeign(t.Context(), path); err == nil {
			_ = d.Close()
			t.Errorf("%s: got no error, want one", name)
		}
	}
	if _, err := db.ReadForeign(t.Context(), foreign(t, true)); !errors.Is(err, db.ErrNotQuiet) {
		t.Errorf("one that is written to: got %v, want ErrNotQuiet", err)
	}
}
