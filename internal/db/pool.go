package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"golang.org/x/sync/semaphore"

	"channelbook/internal/metrics"
)

// writeWait is how long a write waits for the one before it on SQLite. It is long for any load and short enough to
// tell somebody who, inside a transaction, writes beside it and so waits for himself.
const writeWait = 10 * time.Second

// ErrBusy says that a write on SQLite has waited too long for the one before it.
var ErrBusy = errors.New("the base has been busy with another write for " + writeWait.String())

// pool is the driver under the Ent client: database/sql with a queue in front. database/sql hands a connection that
// is freed to a waiter at random, so that under load somebody waits for ever; here they are served in the order in
// which they came. A slot is held from before a statement until its rows are closed, or until the end of a
// transaction.
type pool struct {
	statements
	db     *sql.DB
	engine string
	slots  *semaphore.Weighted
	size   int
	// writing lets writes to SQLite in one by one. SQLite itself makes them wait by trying again after ever longer
	// sleeps, in no order; and those that wait here hold no connection that a reader could use.
	writing *semaphore.Weighted
}

func newPool(engine string, db *sql.DB, size int, m *metrics.DB) *pool {
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	db.SetConnMaxIdleTime(5 * time.Minute)
	p := &pool{db: db, engine: engine, size: size, slots: semaphore.NewWeighted(int64(size))}
	p.statements = newStatements(queued{p}, m, &ledger{outside: true})
	m.WatchPool(db.Stats)
	return p
}

// Dialect is the engine by Ent's name.
func (p *pool) Dialect() string { return p.engine }

// closeWait is how long closing waits for connections that are on their way back: that of a row comes a moment after
// the row was closed.
const closeWait = time.Second

// Close closes the connections: at once those that are idle, and each other one when its statement or transaction is
// done, which is waited for a little.
func (p *pool) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeWait)
	defer cancel()
	if p.slots.Acquire(ctx, int64(p.size)) == nil {
		defer p.slots.Release(int64(p.size))
	}
	return p.db.Close()
}

// Tx begins a transaction.
func (p *pool) Tx(ctx context.Context) (dialect.Tx, error) { return p.BeginTx(ctx, nil) }

// BeginTx begins a transaction with options. One that is read only on SQLite does not wait for writes.
func (p *pool) BeginTx(ctx context.Context, o *entsql.TxOptions) (dialect.Tx, error) {
	leave, err := p.enter(ctx, o == nil || !o.ReadOnly)
	if err != nil {
		return nil, err
	}
	tx, err := p.db.BeginTx(ctx, o)
	if err != nil {
		leave()
		return nil, because(ctx, err)
	}
	if began, ok := ctx.Value(beganKey{}).(**sql.Tx); ok {
		*began = tx
	}
	written := &ledger{}
	return &poolTx{statements: newStatements(tx, p.metrics, written), tx: tx, written: written, leave: sync.OnceFunc(leave)}, nil
}

// enter waits for a turn, for as long as ctx lasts, and returns what gives it up.
func (p *pool) enter(ctx context.Context, writes bool) (leave func(), err error) {
	if p.writing == nil || !writes {
		if err := p.takeSlot(ctx); err != nil {
			return nil, err
		}
		return func() { p.slots.Release(1) }, nil
	}
	if err := p.enterWriting(ctx); err != nil {
		return nil, fmt.Errorf("wait to write: %w", err)
	}
	if err := p.takeSlot(ctx); err != nil {
		p.writing.Release(1)
		return nil, err
	}
	return func() {
		p.slots.Release(1)
		p.writing.Release(1)
	}, nil
}

func (p *pool) takeSlot(ctx context.Context) error {
	defer p.metrics.WaitedToConnect(time.Now())
	if err := p.slots.Acquire(ctx, 1); err != nil {
		return fmt.Errorf("wait for a connection: %w", err)
	}
	return nil
}

func (p *pool) enterWriting(ctx context.Context) error {
	defer p.metrics.WaitedToWrite(time.Now())
	bounded, cancel := context.WithTimeoutCause(ctx, writeWait, ErrBusy)
	defer cancel()
	if p.writing.Acquire(bounded, 1) != nil {
		return context.Cause(bounded)
	}
	return nil
}

// queued runs single statements on the pool in their turn.
type queued struct{ *pool }

// ExecContext runs a statement that answers no rows.
func (q queued) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	leave, err := q.enter(ctx, true)
	if err != nil {
		return nil, err
	}
	defer leave()
	return q.db.ExecContext(ctx, query, args...)
}

// QueryContext runs a statement that answers rows. Ent asks for a *sql.Rows, which tells nobody when it is closed;
// but closing a connection waits for the rows that are open on it, so the turn is given up after that.
func (q queued) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	leave, err := q.enter(ctx, false)
	if err != nil {
		return nil, err
	}
	conn, rows, err := q.query(ctx, query, args)
	if err != nil {
		leave()
		return nil, err
	}
	go func() {
		_ = conn.Close() // waits until rows are closed
		leave()
	}()
	return rows, nil
}

// query runs the statement on a connection that it pins, on another one where a connection proves dead: after a
// restart of the server all that were idle are.
func (q queued) query(ctx context.Context, query string, args []any) (conn *sql.Conn, rows *sql.Rows, err error) {
	for range q.size + 1 {
		conn, err = q.db.Conn(ctx)
		if err != nil {
			return nil, nil, err
		}
		rows, err = conn.QueryContext(ctx, query, args...)
		if err == nil {
			return conn, rows, nil
		}
		_ = conn.Close()
		if !errors.Is(err, driver.ErrBadConn) {
			return nil, nil, err
		}
	}
	return nil, nil, err
}

// poolTx is a transaction that holds a turn until its end.
type poolTx struct {
	statements
	tx      *sql.Tx
	written *ledger
	leave   func()
}

// Commit ends the transaction and gives up its turn. One that would change a guarded table without a record in the audit
// is rolled back instead: ErrUnaudited.
func (tx *poolTx) Commit() error {
	defer tx.leave()
	if err := tx.written.settled(); err != nil {
		return errors.Join(err, tx.tx.Rollback())
	}
	return tx.tx.Commit()
}

// Rollback ends the transaction and gives up its turn.
func (tx *poolTx) Rollback() error {
	defer tx.leave()
	return tx.tx.Rollback()
}
