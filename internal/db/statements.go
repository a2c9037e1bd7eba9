package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"channelbook/internal/metrics"
)

// statements is how Ent, and code with SQL of its own, send statements: all of them pass through here, and each is
// measured once. Exec and ExecContext meet in watched; Query and QueryContext differ in when they end.
type statements struct {
	entsql.Conn
	metrics *metrics.DB
}

func newStatements(to entsql.ExecQuerier, m *metrics.DB, l *ledger) statements {
	return statements{entsql.Conn{ExecQuerier: watched{to, m, l}}, m}
}

// Query runs a statement for Ent. It is measured until Ent closes its rows.
func (s statements) Query(ctx context.Context, query string, args, v any) error {
	begun := time.Now()
	if err := s.Conn.Query(ctx, query, args, v); err != nil {
		s.metrics.Queried(query, begun)
		return err
	}
	if s.metrics != nil {
		rows := v.(*entsql.Rows) // Conn.Query takes nothing else
		rows.ColumnScanner = &measuredRows{ColumnScanner: rows.ColumnScanner, query: query, begun: begun, metrics: s.metrics}
	}
	return nil
}

// QueryContext runs a statement for code with SQL of its own. It is measured until its first row can be read: a
// *sql.Rows tells nobody when it is closed.
func (s statements) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	defer s.metrics.Queried(query, time.Now())
	return s.Conn.QueryContext(ctx, query, args...)
}

// measuredRows are the rows of a statement that ends when they are closed.
type measuredRows struct {
	entsql.ColumnScanner
	query   string
	begun   time.Time
	metrics *metrics.DB // nil once they are closed: Ent closes some twice
}

// Close closes the rows.
func (r *measuredRows) Close() error {
	err := r.ColumnScanner.Close()
	r.metrics.Queried(r.query, r.begun)
	r.metrics = nil
	return err
}

// watched counts statements, measures those without rows, keeps the audit's ledger and tells why one was broken off.
type watched struct {
	to      entsql.ExecQuerier
	metrics *metrics.DB
	ledger  *ledger
}

// ExecContext counts and runs a statement.
func (w watched) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	defer w.metrics.Queried(query, time.Now())
	count(ctx, query)
	if err := w.ledger.note(ctx, query); err != nil {
		return nil, err
	}
	result, err := w.to.ExecContext(ctx, query, args...)
	return result, because(ctx, err)
}

// QueryContext counts and runs a statement that answers rows.
func (w watched) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	count(ctx, query)
	if err := w.ledger.note(ctx, query); err != nil {
		return nil, err
	}
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
