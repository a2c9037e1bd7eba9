package audit

import (
	"context"
	"time"

	"channelbook/ent/auditrecord"
	"channelbook/internal/db"
)

// Record writes acts in the transaction that does them, in one statement, so that neither is there without the other: an
// error is to end the transaction. Who acts is auth.Actor of ctx, from where is what reqctx knows of the request, and at is
// the service's own clock.
func Record(ctx context.Context, tx *db.Tx, at time.Time, acts ...Act) error {
	rows, err := Rows(ctx, at, acts...)
	if err != nil {
		return err
	}
	return tx.Insert(ctx, rows)
}

// Fields are the columns that a change writes, for Details: nothing of what they hold. The mutation is Ent's.
func Fields(m interface {
	Fields() []string
	ClearedFields() []string
}) map[string]string {
	return Named(append(m.Fields(), m.ClearedFields()...)...)
}

// Rows are the acts as rows, for a transaction that writes them together with what they speak of.
func Rows(ctx context.Context, at time.Time, acts ...Act) (db.Rows, error) {
	lines, err := linesOf(ctx, at, acts)
	return rowsOf(lines), err
}

func rowsOf(lines []line) db.Rows {
	rows := db.Rows{Table: auditrecord.Table, Columns: columns, Values: make([][]any, len(lines))}
	for i := range lines {
		rows.Values[i] = lines[i].values()
	}
	return rows
}
