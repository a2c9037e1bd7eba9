package db_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"channelbook/internal/db"
)

func TestCompiledStatementsOfSQLite(t *testing.T) {
	open := func(t *testing.T) *db.DB { return one(t, "sqlite:"+filepath.Join(t.TempDir(), "base.db")) }
	const series = "WITH RECURSIVE n(i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n WHERE i < 100) SELECT i FROM n"

	t.Run("one runs again while its rows are read", func(t *testing.T) {
		d := open(t)
		err := db.WithTx(system(), d, func(tx *db.Tx) error {
			outer, err := tx.QueryContext(system(), series, 1)
			if err != nil {
				return err
			}
			defer outer.Close()
			for i := 1; outer.Next(); i++ {
				var n int
				if err := outer.Scan(&n); err != nil || n != i {
					t.Fatalf("got %d, %v, want %d: somebody else's run got in between", n, err, i)
				}
				if inner := texts(t, tx, series, 91); len(inner) != 10 {
					t.Fatalf("got %q, want ten rows of the run inside", inner)
				}
			}
			return outer.Err()
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := texts(t, d, series, 99); strings.Join(got, " ") != "99 100" {
			t.Errorf("afterwards: got %q, want 99 100", got)
		}
	})
	t.Run("one whose rows are read survives a hundred others", func(t *testing.T) {
		d := open(t)
		err := db.WithTx(system(), d, func(tx *db.Tx) error {
			rows, err := tx.QueryContext(system(), series, 1)
			if err != nil {
				return err
			}
			defer rows.Close()
			for i := range 300 {
				texts(t, tx, fmt.Sprintf("SELECT ? + %d", i), 1)
			}
			n := 0
			for rows.Next() {
				n++
			}
			if n != 100 {
				t.Errorf("got %d rows, want 100", n)
			}
			return rows.Err()
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := texts(t, d, series, 100); len(got) != 1 {
			t.Errorf("afterwards: got %q, want one row", got)
		}
	})
	t.Run("rows that are closed early give it back", func(t *testing.T) {
		d := open(t)
		for range 3 {
			rows, err := d.QueryContext(system(), series, 1)
			if err != nil {
				t.Fatal(err)
			}
			if !rows.Next() || rows.Close() != nil {
				t.Fatal("got no row, or it does not close")
			}
		}
		if got := texts(t, d, series, 98); strings.Join(got, " ") != "98 99 100" {
			t.Errorf("got %q, want 98 99 100", got)
		}
	})
	t.Run("one outlives a change of its table", func(t *testing.T) {
		d := open(t)
		run := func(statement string) {
			t.Helper()
			if _, err := d.ExecContext(system(), statement); err != nil {
				t.Fatal(err)
			}
		}
		run("CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT)")
		run("INSERT INTO things (name) VALUES ('a')")
		const all = "SELECT name FROM things WHERE id > ?"
		texts(t, d, all, 0)
		run("ALTER TABLE things ADD COLUMN more TEXT")
		run("CREATE TABLE new_things (id INTEGER PRIMARY KEY, name TEXT)")
		run("INSERT INTO new_things (name) VALUES ('b')")
		run("DROP TABLE things")
		run("ALTER TABLE new_things RENAME TO things")
		if got := texts(t, d, all, 0); strings.Join(got, " ") != "b" {
			t.Errorf("got %q, want b", got)
		}
	})
	t.Run("many at once over several connections", func(t *testing.T) {
		d, err := db.Open(system(), db.Options{URL: "sqlite:" + filepath.Join(t.TempDir(), "base.db"), MaxOpenConns: 4})
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				for n := range 20 {
					if got := texts(t, d, fmt.Sprintf("SELECT ? || '-%d'", n%7), i); len(got) != 1 || got[0] != fmt.Sprintf("%d-%d", i, n%7) {
						t.Errorf("got %q, want %d-%d", got, i, n%7)
					}
				}
			})
		}
		all.Wait()
	})
}
