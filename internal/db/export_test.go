package db

import (
	"context"

	entsql "entgo.io/ent/dialect/sql"
)

// Remembered is how many statements a connection keeps prepared.
const Remembered = remembered

// Ask runs a statement that answers rows as Ent does.
func (d *DB) Ask(ctx context.Context, query string) (*entsql.Rows, error) {
	rows := new(entsql.Rows)
	return rows, d.pool.Query(ctx, query, []any{}, rows)
}
