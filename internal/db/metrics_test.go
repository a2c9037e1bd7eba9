package db_test

import (
	"errors"
	"log/slog"
	"maps"
	"path/filepath"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lib/pq"

	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/metrics"
	"channelbook/internal/metrics/metricstest"
)

// measured opens a migrated base that m observes.
func measured(t testing.TB, url string, m *metrics.Metrics) *db.DB {
	t.Helper()
	if err := dbtest.Open(t, url).Migrate(system()); err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(system(), db.Options{URL: url, MaxOpenConns: 4, Log: slog.New(slog.DiscardHandler), Metrics: m.DB})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func sqliteURL(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "base.db") }

// eachMeasured runs test on both engines.
func eachMeasured(t *testing.T, test func(t *testing.T, d *db.DB, m *metrics.Metrics)) {
	t.Run("sqlite", func(t *testing.T) { m := metrics.New(); test(t, measured(t, sqliteURL(t), m), m) })
	t.Run("postgres", func(t *testing.T) { m := metrics.New(); test(t, measured(t, dbtest.EmptyPostgres(t), m), m) })
}

func same(t *testing.T, m *metrics.Metrics, name string, want map[string]string) {
	t.Helper()
	if got := metricstest.Samples(metricstest.Scrape(t, m), name); !maps.Equal(got, want) {
		t.Errorf("%s: got %v, want %v", name, got, want)
	}
}

func TestEachStatementIsMeasuredOnce(t *testing.T) {
	eachMeasured(t, func(t *testing.T, d *db.DB, m *metrics.Metrics) {
		ctx := system()
		d.ContactLock.Create().SetID("x").ExecX(ctx)
		d.ContactLock.Query().AllX(ctx)
		d.ContactLock.Query().CountX(ctx)
		texts(t, d, "SELECT id FROM contact_locks")
		err := db.WithTx(ctx, d, func(tx *db.Tx) error {
			texts(t, tx, "UPDATE contact_locks SET id = 'y' RETURNING id")
			if _, err := tx.ExecContext(ctx, "UPDATE contact_locks SET id = id"); err != nil {
				return err
			}
			return tx.ContactLock.DeleteOneID("y").Exec(ctx)
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.ExecContext(ctx, "nonsense"); err == nil {
			t.Fatal("nonsense was run")
		}
		if _, err := d.Ask(ctx, "SELECT nothing"); err == nil {
			t.Fatal("nothing was found")
		}
		same(t, m, "channelbook_db_query_duration_seconds_count", map[string]string{
			`verb="select"`: "4", `verb="insert"`: "1", `verb="update"`: "2", `verb="delete"`: "1", `verb="other"`: "1",
		})
	})
}

func TestTransactionsAreCountedByTheirEnd(t *testing.T) {
	eachMeasured(t, func(t *testing.T, d *db.DB, m *metrics.Metrics) {
		run := func(fn func(*db.Tx) error) {
			defer func() { _ = recover() }()
			_ = db.WithTx(system(), d, fn)
		}
		run(func(*db.Tx) error { return nil })
		run(func(*db.Tx) error { return errors.New("failed") })
		run(func(*db.Tx) error { panic("broken") })
		again := false
		run(func(*db.Tx) error {
			if !again {
				again = true
				return &pq.Error{Code: "40001"}
			}
			return nil
		})
		run(func(*db.Tx) error { return &pq.Error{Code: "40001"} }) // five times
		same(t, m, "channelbook_db_transactions_total", map[string]string{
			`result="committed"`: "2", `result="rolled_back"`: "3", `result="retried"`: "5",
		})
	})
}

func TestThePoolIsShownAsItIs(t *testing.T) {
	eachMeasured(t, func(t *testing.T, d *db.DB, m *metrics.Metrics) {
		_ = db.WithTx(system(), d, func(*db.Tx) error {
			same(t, m, "channelbook_db_connections", map[string]string{`state="in_use"`: "1", `state="idle"`: "0"})
			return nil
		})
		same(t, m, "channelbook_db_connections", map[string]string{`state="in_use"`: "0", `state="idle"`: "1"})
		same(t, m, "channelbook_db_connections_max", map[string]string{"": "4"})
	})
}

func TestAStatementLastsUntilItsRowsAreClosed(t *testing.T) {
	const open = 20 * time.Millisecond
	eachMeasured(t, func(t *testing.T, d *db.DB, m *metrics.Metrics) {
		rows, err := d.Ask(system(), "SELECT 1")
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(open)
		for range 2 { // Ent closes some twice
			if err := rows.Close(); err != nil {
				t.Error(err)
			}
		}
		scrape := metricstest.Scrape(t, m)
		took, err := strconv.ParseFloat(metricstest.Samples(scrape, "channelbook_db_query_duration_seconds_sum")[`verb="select"`], 64)
		if err != nil || took < open.Seconds() {
			t.Errorf("got %v s, %v, want at least %v s", took, err, open.Seconds())
		}
		if n := metricstest.Samples(scrape, "channelbook_db_query_duration_seconds_count")[`verb="select"`]; n != "1" {
			t.Errorf("got %s statements, want 1", n)
		}
	})
}

func TestWaitsAreMeasured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := metrics.New()
		d := measured(t, sqliteURL(t), m)
		wrote := make(chan error)
		err := db.WithTx(system(), d, func(*db.Tx) error { // takes its two turns at once
			go func() {
				_, err := d.ContactLock.Delete().Exec(system())
				wrote <- err
			}()
			time.Sleep(time.Second) // made up, as all time here, so that what takes none takes exactly none
			return nil
		})
		if err := errors.Join(err, <-wrote); err != nil {
			t.Fatal(err)
		}
		same(t, m, "channelbook_db_pool_wait_seconds_sum", map[string]string{`for="write"`: "1", `for="connection"`: "0"})
		same(t, m, "channelbook_db_pool_wait_seconds_count", map[string]string{`for="write"`: "2", `for="connection"`: "2"})
	})
}

// BenchmarkMeasuring is one statement of Ent's with and without somebody who observes.
func BenchmarkMeasuring(b *testing.B) {
	for name, m := range map[string]*metrics.Metrics{"observed": metrics.New(), "not observed": {}} {
		b.Run(name, func(b *testing.B) {
			d := measured(b, sqliteURL(b), m)
			b.ReportAllocs()
			for b.Loop() {
				rows, err := d.Ask(system(), "SELECT 1")
				if err != nil {
					b.Fatal(err)
				}
				_ = rows.Close()
			}
		})
	}
}
