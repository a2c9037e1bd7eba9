package db_test

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	entsql "entgo.io/ent/dialect/sql"
	"github.com/lib/pq"

	"channelbook/ent/contactlock"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
)

func lockExists(t *testing.T, d *db.DB, id string) bool {
	t.Helper()
	there, err := d.ContactLock.Query().Where(contactlock.ID(id)).Exist(system())
	if err != nil {
		t.Fatal(err)
	}
	return there
}

func TestWithTx(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		put := func(tx *db.Tx, id string) error { return tx.ContactLock.Create().SetID(id).Exec(system()) }

		t.Run("what fn did is committed", func(t *testing.T) {
			err := db.WithTx(system(), d, func(tx *db.Tx) error {
				if tx.Dialect() != d.Dialect() {
					t.Errorf("dialect: got %s, want %s", tx.Dialect(), d.Dialect())
				}
				return put(tx, "committed")
			})
			if err != nil || !lockExists(t, d, "committed") {
				t.Errorf("got %v, want the row", err)
			}
		})
		t.Run("an error of fn takes it back and comes through", func(t *testing.T) {
			failed := errors.New("failed")
			err := db.WithTx(system(), d, func(tx *db.Tx) error { return errors.Join(put(tx, "failed"), failed) })
			if !errors.Is(err, failed) || lockExists(t, d, "failed") {
				t.Errorf("got %v, want the error and no row", err)
			}
		})
		t.Run("a panic of fn takes it back and goes on", func(t *testing.T) {
			defer func() {
				if recover() != "panic" || lockExists(t, d, "panicked") {
					t.Error("want the panic and no row")
				}
			}()
			_ = db.WithTx(system(), d, func(tx *db.Tx) error {
				_ = put(tx, "panicked")
				panic("panic")
			})
		})
		t.Run("a context that ends takes it back", func(t *testing.T) {
			ctx, cancel := context.WithCancel(system())
			err := db.WithTx(ctx, d, func(tx *db.Tx) error {
				err := put(tx, "cancelled")
				cancel()
				return err
			})
			if !errors.Is(err, context.Canceled) || lockExists(t, d, "cancelled") {
				t.Errorf("got %v, want %v and no row", err, context.Canceled)
			}
		})
		t.Run("a duplicate leaves the transaction in use", func(t *testing.T) {
			err := db.WithTx(system(), d, func(tx *db.Tx) error {
				for want := range []error{nil, sql.ErrNoRows} {
					err := tx.ContactLock.Create().SetID("twice").OnConflict(entsql.DoNothing()).Exec(system())
					if errors.Is(err, sql.ErrNoRows) != (want == 1) {
						t.Errorf("create %d: got %v", want, err)
					}
				}
				return put(tx, "after a duplicate")
			})
			if err != nil || !lockExists(t, d, "after a duplicate") {
				t.Errorf("got %v, want the row", err)
			}
		})
	})
}

func TestADeadlockIsRunAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, id := range []string{"a", "b"} {
			if err := d.ContactLock.Create().SetID(id).Exec(system()); err != nil {
				t.Fatal(err)
			}
		}
		take := func(tx *db.Tx, id string) error {
			_, err := tx.ExecContext(system(), "UPDATE contact_locks SET id = id WHERE id = $1", id)
			return err
		}
		var runs atomic.Int32
		var both, all sync.WaitGroup
		both.Add(2)
		cross := func(first, second string) {
			meet := sync.OnceFunc(func() {
				if d.Dialect() == "postgres" { // SQLite lets one in at a time
					both.Done()
					both.Wait()
				}
			})
			err := db.WithTx(system(), d, func(tx *db.Tx) error {
				runs.Add(1)
				if err := take(tx, first); err != nil {
					return err
				}
				meet()
				return take(tx, second)
			})
			if err != nil {
				t.Errorf("got %v, want none", err)
			}
		}
		all.Go(func() { cross("a", "b") })
		all.Go(func() { cross("b", "a") })
		all.Wait()
		if want := map[string]int32{"postgres": 3, "sqlite3": 2}[d.Dialect()]; runs.Load() != want {
			t.Errorf("fn ran %d times, want %d", runs.Load(), want)
		}
	})
}

func TestASerializationFailureIsGivenUpInTheEnd(t *testing.T) {
	d := dbtest.Postgres(t)
	runs := 0
	err := db.WithTx(system(), d, func(*db.Tx) error {
		runs++
		return &pq.Error{Code: "40001"}
	})
	if err == nil || runs != 5 {
		t.Errorf("got %v after %d runs, want the error after 5", err, runs)
	}
}

func TestABrokenOffStatementSaysWhy(t *testing.T) {
	slow := map[string]string{
		"postgres": "SELECT pg_sleep(60)",
		"sqlite3":  "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, cancel := context.WithTimeout(system(), 50*time.Millisecond)
		defer cancel()
		if _, err := d.ExecContext(ctx, slow[d.Dialect()]); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
		}
		if _, err := d.ContactLock.Query().Count(system()); err != nil {
			t.Errorf("the next statement: got %v, want none", err)
		}
	})
}

func TestCountStatements(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, statements := db.CountStatements(system())
		err := db.WithTx(ctx, d, func(tx *db.Tx) error {
			if err := tx.ContactLock.Create().SetID("x").Exec(ctx); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, "UPDATE contact_locks SET id = id")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		d.ContactLock.Query().CountX(ctx)
		d.ContactLock.Query().CountX(system())
		if statements.N() != 3 || len(statements.List()) != 3 {
			t.Errorf("got %q, want three statements", statements.List())
		}
	})
}
