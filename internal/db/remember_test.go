package db_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"channelbook/ent"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
)

// one opens a base over one connection, so that every statement meets the same.
func one(t testing.TB, url string) *db.DB {
	t.Helper()
	d, err := db.Open(system(), db.Options{URL: url, MaxOpenConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

type queries interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// texts reads the first column.
func texts(t testing.TB, d queries, query string, args ...any) []string {
	t.Helper()
	rows, err := d.QueryContext(system(), query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		all = append(all, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

const preparedStatements = "SELECT statement FROM pg_prepared_statements"

func TestPreparedStatements(t *testing.T) {
	url := dbtest.EmptyPostgres(t)

	t.Run("one is prepared once and serves transactions too", func(t *testing.T) {
		d := one(t, url)
		for i := range 3 {
			texts(t, d, "SELECT $1::text", i)
		}
		err := db.WithTx(system(), d, func(tx *db.Tx) error {
			if got := texts(t, tx, "SELECT $1::text", "in"); len(got) != 1 || got[0] != "in" {
				t.Errorf("in a transaction: got %q, want in", got)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := texts(t, d, preparedStatements); len(got) != 1 || got[0] != "SELECT $1::text" {
			t.Errorf("got %q, want the one statement", got)
		}
	})
	t.Run("one of a transaction that was taken back stays in use", func(t *testing.T) {
		d := one(t, url)
		for range 2 {
			_ = db.WithTx(system(), d, func(tx *db.Tx) error {
				texts(t, tx, "SELECT $1::text", "x")
				return context.Canceled
			})
		}
		if got := texts(t, d, preparedStatements); len(got) != 1 {
			t.Errorf("got %q, want the one statement", got)
		}
	})
	t.Run("one without arguments is not kept", func(t *testing.T) {
		d := one(t, url)
		texts(t, d, "SELECT 'plain'")
		if got := texts(t, d, preparedStatements); len(got) != 0 {
			t.Errorf("got %q, want none", got)
		}
	})
	t.Run("a very long one is not kept", func(t *testing.T) {
		d := one(t, url)
		long := "SELECT $1::text /*" + strings.Repeat("x", 17<<10) + "*/"
		if got := texts(t, d, long, "long"); len(got) != 1 || got[0] != "long" {
			t.Errorf("got %q, want long", got)
		}
		if got := texts(t, d, preparedStatements); len(got) != 0 {
			t.Errorf("got %d statements, want none", len(got))
		}
	})
	t.Run("the one used longest ago makes room", func(t *testing.T) {
		d := one(t, url)
		for i := range db.Remembered + 10 {
			texts(t, d, fmt.Sprintf("SELECT $1::text || '%d'", i), "x")
			texts(t, d, "SELECT $1::text", "often")
		}
		got := texts(t, d, preparedStatements)
		all := strings.Join(got, "\n")
		if len(got) != db.Remembered || strings.Contains(all, "'0'") || !strings.Contains(all, "SELECT $1::text\n") && !strings.HasSuffix(all, "SELECT $1::text") {
			t.Errorf("got %d statements, want %d with the often used one and without the first", len(got), db.Remembered)
		}
	})
	t.Run("a refused statement leaves the connection in use", func(t *testing.T) {
		d := one(t, url)
		if _, err := d.ExecContext(system(), "SELECT $1::int", "no number"); err == nil {
			t.Error("got no error, want one about the number")
		}
		if _, err := d.ExecContext(system(), "SELEC $1", "x"); err == nil {
			t.Error("got no error, want one about the syntax")
		}
		if got := texts(t, d, "SELECT $1::int::text", 7); len(got) != 1 || got[0] != "7" {
			t.Errorf("got %q, want 7", got)
		}
	})
}

func TestAChangedTableIsNoticed(t *testing.T) {
	d := one(t, dbtest.EmptyPostgres(t))
	const all = "SELECT * FROM changing WHERE id = $1"
	change := func(statement string) {
		t.Helper()
		if _, err := d.ExecContext(system(), statement); err != nil {
			t.Fatal(err)
		}
	}
	columns := func(q queries) (int, error) {
		rows, err := q.QueryContext(system(), all, 1)
		if err != nil {
			return 0, err
		}
		defer rows.Close()
		names, err := rows.Columns()
		return len(names), err
	}
	change("CREATE TABLE changing (id int)")
	if n, err := columns(d); n != 1 || err != nil {
		t.Fatalf("got %d columns, %v, want 1", n, err)
	}

	change("ALTER TABLE changing ADD a text")
	if n, err := columns(d); n != 2 || err != nil {
		t.Errorf("outside a transaction: got %d columns, %v, want 2", n, err)
	}

	change("ALTER TABLE changing ADD b text")
	runs := 0
	err := db.WithTx(system(), d, func(tx *db.Tx) error {
		runs++
		n, err := columns(tx)
		if err == nil && n != 3 {
			t.Errorf("in a transaction: got %d columns, want 3", n)
		}
		return err
	})
	if err != nil || runs != 2 {
		t.Errorf("in a transaction: got %v after %d runs, want it to succeed in the second", err, runs)
	}
}

func BenchmarkPointRead(b *testing.B) {
	url := dbtest.EmptyPostgres(b)
	d := one(b, url)
	if err := d.Migrate(system()); err != nil {
		b.Fatal(err)
	}
	for i := range 1000 {
		if err := d.ContactLock.Create().SetID(fmt.Sprint(i)).Exec(system()); err != nil {
			b.Fatal(err)
		}
	}
	unprepared, err := ent.Open("postgres", url)
	if err != nil {
		b.Fatal(err)
	}
	defer unprepared.Close()
	for name, client := range map[string]*ent.Client{"prepared once": d.Client, "prepared each time": unprepared} {
		b.Run(name, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				if _, err := client.ContactLock.Get(system(), fmt.Sprint(i%1000)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
