// Package line gives the rows of a table their places in one line, after the transactions that wrote them have committed, and
// lets readers follow it. Whoever has read up to a place has missed nothing before it: a transaction that commits late gets
// places behind those that were given, however early it began.
//
// Read Line first; Follower is how each instance follows one.
package line

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"time"

	"entgo.io/ent/dialect"

	"channelbook/internal/auth"
	"channelbook/internal/db"
)

const (
	// atOnce is how many rows get their places in one transaction.
	atOnce = 500
	// pollEvery is how soon Run looks where nothing has rung: a row of an instance that has ended since, or of a command.
	pollEvery = time.Second
	// pause is at least between two looks: under a steady flow one transaction serves what came meanwhile.
	pause = 20 * time.Millisecond
	// silence is how long whoever holds a line may say nothing to PostgreSQL: of an instance whose machine or network is gone
	// it would learn hours later, and nobody would get a place until then.
	silence = 10 * time.Second
)

// Line is the line of one table, whose rows have an id and, once it is given, a place. Any number of instances may Run the
// same one.
type Line struct {
	DB    *db.DB
	Table string // a constant: it goes into statements as it stands
	// Placed, where it is given, does what belongs to the rows that have just got the places from after+1 to upTo, in the
	// same transaction.
	Placed func(ctx context.Context, tx *db.Tx, after, upTo int64) error
	Log    *slog.Logger
	// Ran is told of each look that gave places or failed; nil: nobody is.
	Ran func(begun time.Time, err error)
}

// Waiting is the channel to ring where rows were written that wait for their places: tx.Ring(Waiting("notices")).
func Waiting(table string) string { return table + "_waiting" }

// placed is the channel that is notified when places were given.
func placed(table string) string { return table + "_placed" }

// Settle gives all rows that wait their places, and tells how many there were.
func (l *Line) Settle(ctx context.Context) (n int, err error) {
	ctx = auth.AsSystem(ctx, "line of "+l.Table)
	for {
		some, err := l.settleSome(ctx)
		if n += some; err != nil || some < atOnce {
			return n, err
		}
	}
}

func (l *Line) settleSome(ctx context.Context) (n int, err error) {
	if waits, err := l.waits(ctx); err != nil || !waits {
		return 0, err
	}
	begun := time.Now()
	err = db.WithTx(ctx, l.DB, func(tx *db.Tx) error {
		last, err := l.hold(ctx, tx)
		if err != nil {
			return err
		}
		if n, err = l.place(ctx, tx, last); err != nil || n == 0 {
			return err
		}
		if l.Placed != nil {
			if err := l.Placed(ctx, tx, last, last+int64(n)); err != nil {
				return err
			}
		}
		return tx.Notify(ctx, placed(l.Table))
	})
	if err != nil {
		n = 0
	}
	if l.Ran != nil {
		l.Ran(begun, err)
	}
	return n, err
}

// waits tells whether there is anything to do, without a lock.
func (l *Line) waits(ctx context.Context) (bool, error) {
	_, some, err := one[int](ctx, l.DB, "SELECT 1 FROM "+l.Table+" WHERE place IS NULL LIMIT 1")
	if err != nil {
		return false, fmt.Errorf("look who waits for a place among %s: %w", l.Table, err)
	}
	return some, nil
}

// hold keeps the line to the end of the transaction, and tells its last place. Of two that would give places at once the
// second waits, and then sees what the first has given: places are committed in their order.
func (l *Line) hold(ctx context.Context, tx *db.Tx) (last int64, err error) {
	holding := "INSERT INTO lines (name, last) VALUES ($1, 0) ON CONFLICT (name) DO UPDATE SET last = lines.last RETURNING last"
	if tx.Dialect() == dialect.Postgres {
		holding = fmt.Sprintf("WITH held AS (%s) SELECT last FROM held, set_config('idle_in_transaction_session_timeout', '%d', true)", holding, silence.Milliseconds())
	}
	last, _, err = one[int64](ctx, tx, holding, l.Table)
	if err != nil {
		return 0, fmt.Errorf("hold the line of %s: %w", l.Table, err)
	}
	return last, nil
}

// place gives places behind last, in the order of ids.
func (l *Line) place(ctx context.Context, tx *db.Tx, last int64) (n int, err error) {
	result, err := tx.ExecContext(ctx, fmt.Sprintf("UPDATE %[1]s SET place = $1 + w.n FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM %[1]s "+
		"WHERE place IS NULL ORDER BY id LIMIT %[2]d) AS w WHERE %[1]s.id = w.id", l.Table, atOnce), last)
	if err != nil {
		return 0, fmt.Errorf("give places to %s: %w", l.Table, err)
	}
	given, err := result.RowsAffected()
	if err != nil || given == 0 {
		return 0, err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE lines SET last = $1 WHERE name = $2", last+given, l.Table); err != nil {
		return 0, fmt.Errorf("move the line of %s: %w", l.Table, err)
	}
	return int(given), nil
}

// Run gives places whenever rows wait for them, until ctx ends: at once where this instance has rung, and within a second
// else. What fails is tried again, and logged once.
func (l *Line) Run(ctx context.Context) {
	wake, stop := l.DB.Listen(Waiting(l.Table))
	defer stop()
	again(ctx, wake, l.Log.With("line", l.Table), func(ctx context.Context) error {
		_, err := l.Settle(ctx)
		return err
	})
}

// again does something now, whenever it is woken and every second besides, until ctx ends.
func again(ctx context.Context, wake <-chan struct{}, log *slog.Logger, do func(context.Context) error) {
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	failed := false
	for {
		err := do(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !failed:
			log.ErrorContext(ctx, "live delivery falls behind; it is tried again", "error", err)
		case err == nil && failed:
			log.InfoContext(ctx, "live delivery goes on")
		}
		failed = err != nil
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		bell := wake
		if failed {
			bell = nil // a base that fails is tried once a second
		}
		select {
		case <-ctx.Done():
			return
		case <-bell:
		case <-poll.C:
		}
	}
}

// querier runs a statement: the base, or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// one reads one value of one row, and tells whether there was a row.
func one[T any](ctx context.Context, of querier, query string, args ...any) (value T, found bool, err error) {
	rows, err := of.QueryContext(ctx, query, args...)
	if err != nil {
		return value, false, err
	}
	defer rows.Close()
	if rows.Next() {
		found = true
		err = rows.Scan(&value)
	}
	if err := rows.Err(); err != nil {
		return value, false, err
	}
	return value, found, err
}

// Take gives the next n places to rows that this transaction writes with their places already, and tells the last one before
// them. It holds the line to the end of the transaction. What else belongs to a placed row is for the caller to do.
func Take(ctx context.Context, tx *db.Tx, table string, n int) (after int64, err error) {
	l := &Line{Table: table}
	if after, err = l.hold(ctx, tx); err != nil {
		return 0, err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE lines SET last = $1 WHERE name = $2", after+int64(n), table); err != nil {
		return 0, fmt.Errorf("move the line of %s: %w", table, err)
	}
	return after, tx.Notify(ctx, placed(table))
}
