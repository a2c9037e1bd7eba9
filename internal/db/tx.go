package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"entgo.io/ent/dialect"

	"channelbook/ent"
)

// Tx is a transaction. It embeds Ent's: tx.Lead.Create().
type Tx struct {
	*ent.Tx
	db *DB
	// sql is what Ent's stands on.
	sql *sql.Tx
	// rung are the channels to wake in this process once the transaction has committed.
	rung []string
}

// SQL is the transaction as database/sql knows it, for a library that writes in it: its statements are neither counted nor
// measured, and a guarded table is none of its business.
func (tx *Tx) SQL() *sql.Tx { return tx.sql }

// Dialect is the engine by Ent's name.
func (tx *Tx) Dialect() string { return tx.db.Dialect() }

// Notify wakes everybody who listens to channel, on every instance, once the transaction has committed; a rollback
// takes it along. However often a transaction notifies a channel, it wakes once.
func (tx *Tx) Notify(ctx context.Context, channel string) error {
	if tx.Dialect() == dialect.SQLite {
		tx.rung = append(tx.rung, channel)
		return nil
	}
	if _, err := tx.ExecContext(ctx, "SELECT pg_notify($1, '')", channelPrefix+channel); err != nil {
		return fmt.Errorf("notify %s: %w", channel, err)
	}
	return nil
}

// attempts is how often a transaction is run at most.
const attempts = 5

// Ring wakes who listens to channel on this instance alone, once the transaction has committed. It costs nothing, while
// PostgreSQL lets transactions that notify commit one after another: it is for what is done often, and where whoever is woken
// looks by itself besides.
func (tx *Tx) Ring(channel string) { tx.rung = append(tx.rung, channel) }

// WithTx runs fn in a transaction and commits it, or rolls it back where fn returns an error or panics. Where
// PostgreSQL breaks the transaction off because of another one (serialization failure, deadlock), all of it is run
// again after a short while, so fn must leave nothing of a failed attempt behind outside the transaction. fn must
// use tx alone: what it asks of d waits for another connection while it holds one, and on SQLite a write does so
// in vain. Rows that fn returns are read again by id before their edges are asked for.
func WithTx(ctx context.Context, d *DB, fn func(tx *Tx) error) error {
	for attempt := 1; ; attempt++ {
		last := attempt == attempts
		err := once(ctx, d, last, fn)
		if err == nil || last || !passing(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return because(ctx, err)
		case <-time.After(pause(attempt)):
		}
	}
}

func once(ctx context.Context, d *DB, last bool, fn func(tx *Tx) error) (err error) {
	tx := &Tx{db: d}
	begun, err := d.Client.Tx(context.WithValue(ctx, beganKey{}, &tx.sql))
	if err != nil {
		return err
	}
	tx.Tx = begun
	committed := false
	defer func() {
		if !committed { // an error of fn, or its panic, which goes on
			err = errors.Join(err, rollback(begun))
		}
		switch m := d.pool.metrics; {
		case committed && err == nil:
			m.Committed()
		case !last && passing(err):
			m.Retried()
		default:
			m.RolledBack()
		}
	}()
	if err := fn(tx); err != nil {
		return err
	}
	committed = true
	if err := begun.Commit(); err != nil {
		return fmt.Errorf("commit: %w", because(ctx, err))
	}
	d.bells.ringNear(tx.rung)
	return nil
}

// beganKey is the key of a *(*sql.Tx) in the context of a beginning transaction, which the pool fills in: Ent hands its own on, and
// keeps that under it to itself.
type beganKey struct{}

// rollback takes a transaction back. One that is gone already, with its context or its connection, is taken back.
func rollback(tx *ent.Tx) error {
	err := tx.Rollback()
	if err == nil || errors.Is(err, sql.ErrTxDone) || errors.Is(err, driver.ErrBadConn) {
		return nil
	}
	return fmt.Errorf("roll back: %w", err)
}

// passing tells whether the same transaction may well succeed the next time.
func passing(err error) bool {
	return isSerialization(err) || isStalePlan(err)
}

// pause grows with each attempt, and differs between those that were in each other's way.
func pause(attempt int) time.Duration {
	longest := 10 * time.Millisecond << attempt
	return longest/2 + rand.N(longest/2) // #nosec G404 -- how long one waits is no secret
}
