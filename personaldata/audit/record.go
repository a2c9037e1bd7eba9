package audit

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"channelbook/internal/db"
)

// Record writes acts in the transaction that does them, in one statement, so that neither is there without the other: an
// error is to end the transaction. Who acts is auth.Actor of ctx, from where is what reqctx knows of the request, and at is
// the service's own clock.
func Record(ctx context.Context, tx *db.Tx, at time.Time, acts ...Act) error {
	lines, err := linesOf(ctx, at, acts)
	if err != nil {
		return err
	}
	return write(ctx, tx, lines)
}

// Fields are the columns that a change writes, for Details: nothing of what they hold. The mutation is Ent's.
func Fields(m interface {
	Fields() []string
	ClearedFields() []string
}) map[string]string {
	return Named(append(m.Fields(), m.ClearedFields()...)...)
}

// writer runs statements: a transaction, or the base itself.
type writer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	Dialect() string
}

// write adds lines in as few statements as there can be: one, up to maxLines.
func write(ctx context.Context, to writer, lines []line) error {
	for len(lines) > 0 {
		some := lines[:min(len(lines), maxLines)]
		lines = lines[len(some):]
		args := make([]any, 0, len(some)*len(columns))
		for i := range some {
			args = some[i].appendTo(args)
		}
		if _, err := to.ExecContext(ctx, insertOf(to.Dialect(), len(some)), args...); err != nil {
			return fmt.Errorf("write the audit: %w", err)
		}
	}
	return nil
}
