package db

import (
	"context"
	"database/sql/driver"
	"fmt"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// lib/pq prepares each statement that has arguments anew: two round trips and a plan for every one. The types here
// stand between database/sql and lib/pq and keep the statements of a connection prepared.
const (
	// remembered is how many statements a connection keeps prepared.
	remembered = 200
	// longest is the longest text, in bytes, that is kept: beyond it are batches, each of which has a text of its own.
	longest = 16 << 10
)

// remembering makes connections that keep their statements prepared.
type remembering struct{ driver.Connector }

// session is what lib/pq's connections can do.
type session interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ConnBeginTx
	driver.QueryerContext
	driver.ExecerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
	driver.NamedValueChecker
}

// prepared is what their statements can do.
type prepared interface {
	driver.Stmt
	driver.StmtQueryContext
	driver.StmtExecContext
}

// Connect opens a connection.
func (r remembering) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := r.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	inner, ok := conn.(session)
	if !ok {
		return nil, fmt.Errorf("a connection of type %T cannot keep statements prepared", conn)
	}
	// An error of the server's about a statement that is let go marks the connection as bad, where it matters.
	statements, err := simplelru.NewLRU(remembered, func(_ string, s prepared) { _ = s.Close() })
	return &rememberingConn{session: inner, statements: statements}, err
}

// rememberingConn is a connection that keeps its statements prepared. All else is the inner connection's.
type rememberingConn struct {
	session
	statements    *simplelru.LRU[string, prepared]
	inTransaction bool
}

// QueryContext runs a statement that answers rows.
func (c *rememberingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if !worth(query, args) {
		return c.session.QueryContext(ctx, query, args)
	}
	return run(ctx, c, query, func(s prepared) (driver.Rows, error) { return s.QueryContext(ctx, args) })
}

// ExecContext runs a statement that answers no rows.
func (c *rememberingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if !worth(query, args) {
		return c.session.ExecContext(ctx, query, args)
	}
	return run(ctx, c, query, func(s prepared) (driver.Result, error) { return s.ExecContext(ctx, args) })
}

// worth: without arguments lib/pq sends a statement in one round trip, unprepared, and that may hold several.
func worth(query string, args []driver.NamedValue) bool {
	return len(args) > 0 && len(query) <= longest
}

// run acts with the prepared statement. Where that has outlived a change of its tables it is forgotten, and outside
// a transaction prepared and run once more; a transaction is lost by then, and WithTx runs it again.
func run[T any](ctx context.Context, c *rememberingConn, query string, act func(prepared) (T, error)) (T, error) {
	result, err := attempt(ctx, c, query, act)
	if !isStalePlan(err) {
		return result, err
	}
	c.statements.Remove(query)
	if c.inTransaction {
		return result, err
	}
	return attempt(ctx, c, query, act)
}

func attempt[T any](ctx context.Context, c *rememberingConn, query string, act func(prepared) (T, error)) (T, error) {
	s, err := c.prepare(ctx, query)
	if err != nil {
		var none T
		return none, err
	}
	return act(s)
}

func (c *rememberingConn) prepare(ctx context.Context, query string) (prepared, error) {
	if s, ok := c.statements.Get(query); ok {
		return s, nil
	}
	made, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s, ok := made.(prepared)
	if !ok {
		return nil, fmt.Errorf("a statement of type %T cannot be kept prepared", made)
	}
	c.statements.Add(query, s)
	return s, nil
}

// BeginTx begins a transaction and remembers that there is one.
func (c *rememberingConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	tx, err := c.session.BeginTx(ctx, o)
	if err != nil {
		return nil, err
	}
	c.inTransaction = true
	return rememberingTx{tx, c}, nil
}

type rememberingTx struct {
	driver.Tx
	conn *rememberingConn
}

// Commit ends the transaction.
func (tx rememberingTx) Commit() error {
	tx.conn.inTransaction = false
	return tx.Tx.Commit()
}

// Rollback ends the transaction.
func (tx rememberingTx) Rollback() error {
	tx.conn.inTransaction = false
	return tx.Tx.Rollback()
}
