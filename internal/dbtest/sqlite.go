package dbtest

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"channelbook/internal/db"
)

// SQLite is a fresh, migrated base in a temporary file: a copy of one that is migrated once in a process.
func SQLite(t testing.TB) *db.DB {
	t.Helper()
	image, err := sqliteImage()
	if err != nil {
		t.Fatalf("migrate a template: %v", err)
	}
	path := filepath.Join(t.TempDir(), "channelbook.db")
	if err := os.WriteFile(path, image, 0o600); err != nil {
		t.Fatal(err)
	}
	return Open(t, "sqlite:"+path)
}

// sqliteImage is the content of a migrated file.
var sqliteImage = sync.OnceValues(func() ([]byte, error) {
	folder, err := os.MkdirTemp("", "dbtest")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "template.db")
	if err := migrated("sqlite:" + path); err != nil { // closing moves the journal into the file
		return nil, err
	}
	return os.ReadFile(path)
})
