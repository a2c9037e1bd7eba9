package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"

	entsql "entgo.io/ent/dialect/sql"
)

// statements is how Ent, and code with SQL of its own, send statements: all of them pass through here.
type statements struct{ entsql.Conn }

func newStatements(to entsql.ExecQuerier) statements {
	return statements{entsql.Conn{ExecQuerier: watched{to}}}
}

// watched counts statements and tells why one was broken off.
type watched struct{ to entsql.ExecQuerier }

// ExecContext counts and runs a statement.
func (w watched) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	count(ctx, query)
	result, err := w.to.ExecContext(ctx, query, args...)
	return result, because(ctx, err)
}

// QueryContext counts and runs a statement that answers rows.
func (w watched) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	count(ctx, query)
	rows, err := w.to.QueryContext(ctx, query, args...)
	return rows, because(ctx, err)
}

// because adds the end of ctx to the error of a statement that it broke off: the drivers only say that a statement
// was cancelled.
func because(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil || errors.Is(err, ctx.Err()) {
		return err
	}
	return fmt.Errorf("%w: %w", ctx.Err(), err)
}

type counterKey struct{}

// Counter holds the statements that were sent under a context.
type Counter struct {
	mu   sync.Mutex
	list []string
}

// CountStatements returns a context under which the statements of Ent, and those written by hand, are counted;
// the begin and the end of transactions are not.
func CountStatements(ctx context.Context) (context.Context, *Counter) {
	c := new(Counter)
	return context.WithValue(ctx, counterKey{}, c), c
}

// N is how many statements there were.
func (c *Counter) N() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.list)
}

// List is the statements in the order in which they were sent.
func (c *Counter) List() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.list)
}

func count(ctx context.Context, query string) {
	if c, ok := ctx.Value(counterKey{}).(*Counter); ok {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.list = append(c.list, query)
	}
}
