package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"entgo.io/ent/dialect"
)

// Snapshot runs fn in a transaction that reads the base as it stands at one moment, however long that takes, and writes
// nothing. It is in no writer's way.
func Snapshot(ctx context.Context, d *DB, fn func(tx *Tx) error) (err error) {
	options := &sql.TxOptions{ReadOnly: true}
	if d.Dialect() == dialect.Postgres {
		options.Isolation = sql.LevelRepeatableRead
	}
	tx := &Tx{db: d}
	begun, err := d.Client.BeginTx(context.WithValue(ctx, beganKey{}, &tx.sql), options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rollback(begun)) }()
	tx.Tx = begun
	return fn(tx)
}

// Alone makes a transaction, whose first act it is, see the base as it stands at one moment: that at which every other
// transaction that was alone with the table has ended. Whoever only reads waits for nobody. On SQLite writes take turns, and
// see one moment, anyway.
func (tx *Tx) Alone(ctx context.Context, table string) error {
	if tx.Dialect() == dialect.SQLite {
		return nil
	}
	// Neither statement takes the snapshot; the first one after them does.
	for _, statement := range []string{"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "LOCK TABLE " + table + " IN EXCLUSIVE MODE"} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("be alone with %s: %w", table, err)
		}
	}
	return nil
}
