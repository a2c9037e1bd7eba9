// Package dbtest gives tests a base of their own on each engine.
package dbtest

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"channelbook/internal/db"
	"channelbook/internal/dbtest/scratch"
)

// conns is the size of a test's pool.
const conns = 10

// Each runs test on SQLite and on PostgreSQL, as the subtests "sqlite" and "postgres", each time with a fresh,
// migrated base that is gone afterwards. PostgreSQL is found by TEST_DATABASE_URL, else at the local default, else
// started for the run from installed binaries; where there is none its half is skipped, and in CI that is a failure.
func Each(t *testing.T, test func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t)) })
}

// Second is another instance over the base of d, with a pool and a listener of its own.
func Second(t *testing.T, d *db.DB) *db.DB {
	t.Helper()
	url, ok := urls.Load(d)
	if !ok {
		t.Fatal("dbtest.Second: the base is not one of this package's")
	}
	return Open(t, url.(string))
}

// Clock stands still at an instant such as 2026-03-01T09:00:00Z.
func Clock(rfc3339 string) func() time.Time {
	at, err := time.Parse(time.RFC3339, rfc3339)
	if err != nil {
		panic("dbtest.Clock: " + err.Error())
	}
	return func() time.Time { return at.UTC().Truncate(time.Microsecond) }
}

// urls are the addresses of the bases that are open, for Second.
var urls sync.Map

// Open opens a base as it is and closes it when the test ends.
func Open(t testing.TB, url string) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), db.Options{URL: url, MaxOpenConns: conns, Keys: Keys(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatalf("open a base: %v", err)
	}
	urls.Store(d, url)
	t.Cleanup(func() {
		urls.Delete(d)
		if err := d.Close(); err != nil {
			t.Errorf("close the base: %v", err)
		}
	})
	return d
}

// migrated brings the base at url up to date.
func migrated(url string) error {
	ctx := context.Background()
	d, err := db.Open(ctx, db.Options{URL: url, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	return errors.Join(d.Migrate(ctx), d.Close())
}

// server is the address of PostgreSQL; where there is none the test ends here.
func server(t testing.TB) string {
	t.Helper()
	url, err := scratch.Server(context.Background())
	if err == nil {
		return url
	}
	if errors.Is(err, scratch.ErrNone) && os.Getenv("CI") != "true" {
		t.Skipf("the half on PostgreSQL is skipped: %v", err)
	}
	t.Fatal(err)
	return ""
}
