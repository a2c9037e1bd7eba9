package db_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"channelbook/internal/db"
	"channelbook/internal/dbtest"
)

// openSQLite opens a migrated base over few connections.
func openSQLite(t *testing.T, conns int) *db.DB {
	t.Helper()
	d, err := db.Open(system(), db.Options{URL: "sqlite:" + filepath.Join(t.TempDir(), "base.db"), MaxOpenConns: conns, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Migrate(system()); err != nil {
		t.Fatal(err)
	}
	return d
}

// Time in a synctest bubble is made up, and Wait returns when everybody waits.

func TestFirstComeFirstServed(t *testing.T) {
	const insert = "INSERT INTO contact_locks (id, made_at) VALUES ($1, CURRENT_TIMESTAMP) RETURNING id"
	for name, act := range map[string]func(d *db.DB, i int) error{
		"rows": func(d *db.DB, i int) error {
			rows, err := d.QueryContext(system(), insert, i)
			if err != nil {
				return err
			}
			return rows.Close()
		},
		"statements": func(d *db.DB, i int) error { _, err := d.ExecContext(system(), insert, i); return err },
		"transactions": func(d *db.DB, i int) error {
			return db.WithTx(system(), d, func(tx *db.Tx) error { _, err := tx.ExecContext(system(), insert, i); return err })
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := openSQLite(t, 1)
				defer d.Close()
				var all sync.WaitGroup
				err := db.WithTx(system(), d, func(*db.Tx) error { // holds the one connection
					for i := range 10 {
						all.Go(func() {
							if err := act(d, i); err != nil {
								t.Errorf("%d: got %v, want none", i, err)
							}
						})
						synctest.Wait()
					}
					return nil
				})
				all.Wait()
				order := texts(t, d, "SELECT id FROM contact_locks ORDER BY rowid")
				if err != nil || len(order) != 10 || !slices.IsSorted(order) {
					t.Errorf("got %v, %v, want them in the order in which they came", order, err)
				}
			})
		})
	}
}

func TestAWaiterLeavesWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := openSQLite(t, 1)
		defer d.Close()
		err := db.WithTx(system(), d, func(*db.Tx) error {
			ctx, cancel := context.WithTimeout(system(), time.Second)
			defer cancel()
			if _, err := d.ContactLock.Query().Count(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("read: got %v, want %v", err, context.DeadlineExceeded)
			}
			if _, err := d.ContactLock.Delete().Exec(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("write: got %v, want %v", err, context.DeadlineExceeded)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.ContactLock.Delete().Exec(system()); err != nil {
			t.Errorf("the next one: got %v, want none", err)
		}
	})
}

func TestAWriteBesideOnesOwnTransactionIsRefusedInTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := openSQLite(t, 4)
		defer d.Close()
		err := db.WithTx(system(), d, func(*db.Tx) error {
			_, err := d.ContactLock.Delete().Exec(system())
			return err
		})
		if !errors.Is(err, db.ErrBusy) {
			t.Errorf("got %v, want %v", err, db.ErrBusy)
		}
	})
}

func TestFailedStatementsGiveTheirTurnsUp(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, cancel := context.WithTimeout(system(), 20*time.Second)
		defer cancel()
		for range 15 { // more than the pool has
			if _, err := d.ExecContext(ctx, "no statement"); err == nil {
				t.Fatal("exec: got no error")
			}
			if _, err := d.QueryContext(ctx, "no statement"); err == nil {
				t.Fatal("query: got no error")
			}
			if err := db.WithTx(ctx, d, func(tx *db.Tx) error { _, err := tx.QueryContext(ctx, "no"); return err }); err == nil {
				t.Fatal("transaction: got no error")
			}
			broken, stop := context.WithCancel(ctx)
			rows, err := d.QueryContext(broken, "SELECT 1")
			if err != nil {
				t.Fatal(err)
			}
			stop() // closes the rows
			for rows.Next() {
			}
		}
		if err := d.Ready(ctx); err != nil {
			t.Errorf("got %v, want none", err)
		}
	})
}

func TestDeadConnectionsAreReplaced(t *testing.T) {
	d := dbtest.Postgres(t)
	hold := func() { // opens all connections of the pool
		var all, held sync.WaitGroup
		held.Add(10)
		for range 10 {
			all.Go(func() {
				err := db.WithTx(system(), d, func(*db.Tx) error { held.Done(); held.Wait(); return nil })
				if err != nil {
					t.Errorf("hold: %v", err)
				}
			})
		}
		all.Wait()
	}
	killer := dbtest.Second(t, d)
	for name, act := range map[string]func() error{
		"read":  func() error { _, err := d.ContactLock.Query().Count(system()); return err },
		"write": func() error { _, err := d.ContactLock.Delete().Exec(system()); return err },
	} {
		hold()
		rows, err := killer.QueryContext(system(), "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
		if err != nil {
			t.Fatal(err)
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
		if err := act(); err != nil {
			t.Errorf("%s: got %v, want none", name, err)
		}
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	for url, want := range map[string]string{
		"":                                    "DATABASE_URL",
		"mysql://x":                           "DATABASE_URL",
		"sqlite:":                             "names no file",
		"postgres://u:secret@127.0.0.1:1/x":   "does not answer",
		"postgres://u:secret@127.0.0.1:zzz/x": "cannot be read",
	} {
		_, err := db.Open(system(), db.Options{URL: url})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: got %v, want an error that says %q and no password", url, err, want)
		}
	}
}
