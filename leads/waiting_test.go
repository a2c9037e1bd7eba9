package leads_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"channelbook/internal/db"
)

// The hand-out's turn is where an intake and a release come late, with their locks held and their looks done, and where
// a test can keep them.
const takeTheTurn = "UPDATE hand_outs SET turn = turn"

// lockTimeout is how long what must not wait for a lock is given.
const lockTimeout = 5 * time.Second

// whileHeld runs do while a transaction holds the locks that a statement takes. Only on PostgreSQL: SQLite has one
// writer at a time.
func (b *book) whileHeld(t *testing.T, statement string, do func() error) {
	t.Helper()
	err := db.WithTx(b.system, b.DB, func(tx *db.Tx) error {
		if _, err := tx.ExecContext(b.system, statement); err != nil {
			return err
		}
		return do()
	})
	if err != nil {
		t.Fatal(err)
	}
}

// begin runs do beside the test. What it came to is on the channel.
func begin(do func() string) <-chan string {
	done := make(chan string, 1)
	go func() { done <- do() }()
	return done
}

// wait returns once n transactions of this base wait for locks.
func (b *book) wait(n int) error {
	waiting := -1
	for deadline := time.Now().Add(2 * lockTimeout); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		var err error
		if waiting, err = one[int](b.system, b.DB, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"); err != nil {
			return err
		}
		if waiting == n {
			return nil
		}
	}
	return fmt.Errorf("%d transactions wait for locks, want %d", waiting, n)
}

// one is the one value that a query answers.
func one[T any](ctx context.Context, d *db.DB, query string, args ...any) (value T, err error) {
	rows, err := d.QueryContext(ctx, query, args...)
	if err != nil {
		return value, err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&value); err != nil {
			return value, err
		}
	}
	return value, rows.Err()
}
