package db_test

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"entgo.io/ent/dialect"

	"channelbook/internal/db"
	"channelbook/internal/dbtest"
)

func TestSQLiteFileIsForItsOwnerAlone(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "new", "data")
	path := filepath.Join(folder, "a?b#c%d.db")
	d, err := db.Open(system(), db.Options{URL: "sqlite:" + path, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Migrate(system()); err != nil {
		t.Fatal(err)
	}
	if d.Dialect() != dialect.SQLite {
		t.Errorf("dialect: got %s, want %s", d.Dialect(), dialect.SQLite)
	}
	for name, want := range map[string]os.FileMode{folder: 0o700, path: 0o600, path + "-wal": 0o600, path + "-shm": 0o600} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s: got %o, want %o", name, got, want)
		}
	}
}

func TestEachSQLiteConnectionIsSetUp(t *testing.T) {
	d := dbtest.SQLite(t)
	var all, held sync.WaitGroup
	held.Add(3)
	for range 3 { // more than one connection
		all.Go(func() {
			for pragma, want := range map[string]string{"foreign_keys": "1", "journal_mode": "wal", "busy_timeout": "5000", "synchronous": "2"} {
				if got := texts(t, d, "PRAGMA "+pragma); len(got) != 1 || got[0] != want {
					t.Errorf("%s: got %q, want %s", pragma, got, want)
				}
			}
			rows, err := d.QueryContext(system(), "SELECT 1")
			if err != nil {
				t.Error(err)
				held.Done()
				return
			}
			held.Done()
			held.Wait()
			if err := rows.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func TestLowerKnowsCyrillic(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if d.Dialect() == dialect.Postgres && texts(t, d, "SHOW lc_ctype")[0] == "C" {
			t.Skip("this PostgreSQL was set up with the locale C, which folds ASCII alone")
		}
		if got := texts(t, d, "SELECT lower('АННА Ёлкина')"); got[0] != "анна ёлкина" {
			t.Errorf("got %q, want анна ёлкина", got)
		}
	})
}

func TestASecondServingProcessIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", "base.db")
	release, err := db.LockServing(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.LockServing(path); !errors.Is(err, db.ErrServed) {
		t.Errorf("while another one serves: got %v, want %v", err, db.ErrServed)
	}
	release()
	again, err := db.LockServing(path)
	if err != nil {
		t.Fatalf("after it has stopped: got %v, want none", err)
	}
	again()
}

func TestManyWritersOnSQLite(t *testing.T) {
	d := dbtest.SQLite(t)
	instances := []*db.DB{d, dbtest.Second(t, d)}
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			for range 20 {
				err := db.WithTx(system(), instances[i%2], func(tx *db.Tx) error {
					row, err := tx.HandOut.Get(system(), 1)
					if err != nil {
						return err
					}
					return row.Update().SetTurn(row.Turn + 1).Exec(system())
				})
				if err != nil {
					t.Errorf("got %v, want none", err)
				}
			}
		})
	}
	all.Wait()
	if row := d.HandOut.GetX(system(), 1); row.Turn != 400 {
		t.Errorf("got turn %d, want 400", row.Turn)
	}
}
