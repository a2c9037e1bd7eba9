package db

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/sync/semaphore"
)

// turns makes connections to an SQLite file beside the pool whose writes wait for their turn among the pool's. SQLite alone would
// have them try again and again, and give up in the end, while the pool writes one after another.
type turns struct {
	rememberingSQLite
	writing *semaphore.Weighted
}

// Connect opens a connection.
func (t turns) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := t.rememberingSQLite.Connect(ctx)
	if err != nil {
		return nil, err
	}
	inner, ok := conn.(*sqliteConn)
	if !ok {
		return nil, fmt.Errorf("a connection of type %T cannot wait for its turn", conn)
	}
	return &turnConn{sqliteConn: inner, writing: t.writing}, nil
}

// turnConn is a connection that waits for its turn, for as long as the context lasts.
type turnConn struct {
	*sqliteConn
	writing *semaphore.Weighted
	inTx    bool
}

// enter waits for the turn, and returns what gives it up. A transaction has it already.
func (c *turnConn) enter(ctx context.Context, writes bool) (leave func(), err error) {
	if c.inTx || !writes {
		return func() {}, nil
	}
	if err := c.writing.Acquire(ctx, 1); err != nil {
		return nil, fmt.Errorf("wait to write: %w", err)
	}
	return sync.OnceFunc(func() { c.writing.Release(1) }), nil
}

// BeginTx begins a transaction, which has the turn to its end.
func (c *turnConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	leave, err := c.enter(ctx, !o.ReadOnly)
	if err != nil {
		return nil, err
	}
	tx, err := c.sqliteConn.BeginTx(ctx, o)
	if err != nil {
		leave()
		return nil, err
	}
	c.inTx = true
	return turnTx{tx, c, leave}, nil
}

type turnTx struct {
	driver.Tx
	conn  *turnConn
	leave func()
}

// Commit ends the transaction.
func (tx turnTx) Commit() error {
	defer tx.end()
	return tx.Tx.Commit()
}

// Rollback ends the transaction.
func (tx turnTx) Rollback() error {
	defer tx.end()
	return tx.Tx.Rollback()
}

func (tx turnTx) end() {
	tx.conn.inTx = false
	tx.leave()
}

// ExecContext runs a statement that answers no rows.
func (c *turnConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	leave, err := c.enter(ctx, true)
	if err != nil {
		return nil, err
	}
	defer leave()
	return c.sqliteConn.ExecContext(ctx, query, args)
}

// QueryContext runs a statement that answers rows. One that writes, such as UPDATE … RETURNING, has the turn until they are closed.
func (c *turnConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	leave, err := c.enter(ctx, writes(query))
	if err != nil {
		return nil, err
	}
	rows, err := c.sqliteConn.QueryContext(ctx, query, args)
	if err != nil {
		leave()
		return nil, err
	}
	inner, ok := rows.(sqliteRows)
	if !ok {
		leave()
		return rows, nil
	}
	return turnRows{inner, leave}, nil
}

// writes tells whether a statement may write: what begins with SELECT, after comments, does not.
func writes(query string) bool {
	for line := range strings.Lines(query) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "--") {
			return !strings.HasPrefix(strings.ToUpper(line), "SELECT")
		}
	}
	return false
}

// turnRows give the turn up when they are closed.
type turnRows struct {
	sqliteRows
	leave func()
}

// Close closes the rows.
func (r turnRows) Close() error {
	defer r.leave()
	return r.sqliteRows.Close()
}
