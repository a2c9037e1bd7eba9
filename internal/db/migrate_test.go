package db_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
)

func system() context.Context {
	return db.Unaudited(auth.AsSystem(context.Background(), "test"), "a test")
}

// logged collects what is logged.
type logged struct {
	mu    sync.Mutex
	lines []string
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, string(b))
	return len(b), nil
}

func (l *logged) with(part string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, line := range l.lines {
		if strings.Contains(line, part) {
			n++
		}
	}
	return n
}

func TestMigrateOnceForThreeAtOnce(t *testing.T) {
	for engine, url := range map[string]func() string{
		"sqlite":   func() string { return "sqlite:" + filepath.Join(t.TempDir(), "new", "base.db") },
		"postgres": func() string { return dbtest.EmptyPostgres(t) },
	} {
		t.Run(engine, func(t *testing.T) {
			var log logged
			address := url()
			open := func() *db.DB {
				d, err := db.Open(system(), db.Options{URL: address, Log: slog.New(slog.NewTextHandler(&log, nil))})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { d.Close() })
				return d
			}
			instances := []*db.DB{open(), open(), open()}
			if err := instances[0].Ready(system()); err == nil || !strings.Contains(err.Error(), "migrations") {
				t.Errorf("ready before: got %v, want an error that names the migrations", err)
			}
			var all sync.WaitGroup
			for _, d := range instances {
				all.Go(func() {
					if err := d.Migrate(system()); err != nil {
						t.Errorf("migrate: got %v, want none", err)
					}
				})
			}
			all.Wait()
			for _, d := range instances {
				if err := d.Ready(system()); err != nil {
					t.Errorf("ready after: got %v, want none", err)
				}
			}
			if n := log.with("_init.sql"); n != 1 {
				t.Errorf("the first migration was applied %d times, want 1", n)
			}
			if row, err := instances[0].HandOut.Get(system(), 1); err != nil || row.Turn != 0 {
				t.Errorf("the row of hand_outs: got %v, %v, want turn 0", row, err)
			}
		})
	}
}

// TestSeveralStartsMakeTheTablesOfTheJobsOnce: a base of the release before has no tables of the job queue, whose migrations are not
// goose's.
func TestSeveralStartsMakeTheTablesOfTheJobsOnce(t *testing.T) {
	d := dbtest.Postgres(t)
	for _, drop := range []string{
		"DROP TABLE river_job, river_leader, river_queue, river_client_queue, river_client, river_migration",
		"DROP FUNCTION river_job_state_in_bitmask", "DROP TYPE river_job_state",
	} {
		if _, err := d.ExecContext(system(), drop); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Ready(system()); err == nil {
		t.Error("got ready, want an error: there are no tables of the jobs")
	}
	instances := []*db.DB{d, dbtest.Second(t, d), dbtest.Second(t, d), dbtest.Second(t, d)}
	var all sync.WaitGroup
	for _, d := range instances {
		all.Go(func() {
			if err := d.Migrate(system()); err != nil {
				t.Errorf("migrate: got %v, want none", err)
			}
		})
	}
	all.Wait()
	if err := d.Ready(system()); err != nil {
		t.Errorf("ready after: got %v, want none", err)
	}
}

func TestAMigratedBaseAnswersInFiveStatements(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, statements := db.CountStatements(system())
		if err := d.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
		if statements.N() != 5 {
			t.Errorf("got %d statements, want 5: %q", statements.N(), statements.List())
		}
	})
}

func TestIndexesOfTheSchemaAreThere(t *testing.T) {
	d := dbtest.Postgres(t)
	for name, want := range map[string]string{
		"lead_test":                           "WHERE is_test",
		"lead_first_name_fold_received_at_id": "(first_name_fold text_pattern_ops, received_at, id)",
		"lead_last_name_fold_received_at_id":  "(last_name_fold text_pattern_ops, received_at, id)",
	} {
		rows, err := d.QueryContext(system(), "SELECT indexdef FROM pg_indexes WHERE indexname = $1", name)
		if err != nil {
			t.Fatal(err)
		}
		var got string
		for rows.Next() {
			if err := rows.Scan(&got); err != nil {
				t.Fatal(err)
			}
		}
		if err := rows.Close(); err != nil || !strings.Contains(got, want) {
			t.Errorf("%s: got %q, %v, want it to hold %q", name, got, err, want)
		}
	}
}
