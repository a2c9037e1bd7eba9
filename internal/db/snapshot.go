package db

import (
	"context"
	"database/sql"
	"errors"

	"entgo.io/ent/dialect"
)

// Snapshot runs fn in a transaction that reads the base as it stands at one moment, however long that takes, and writes
// nothing. It is in no writer's way.
func Snapshot(ctx context.Context, d *DB, fn func(tx *Tx) error) (err error) {
	options := &sql.TxOptions{ReadOnly: true}
	if d.Dialect() == dialect.Postgres {
		options.Isolation = sql.LevelRepeatableRead
	}
	begun, err := d.Client.BeginTx(ctx, options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rollback(begun)) }()
	return fn(&Tx{Tx: begun, db: d})
}
