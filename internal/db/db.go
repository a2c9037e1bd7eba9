// Package db opens the base, SQLite or PostgreSQL behind one Ent client, and holds what both need around it:
// transactions that are tried again (WithTx), migrations, a pool that serves first come, first served, and wake-ups
// between instances (Listen, Tx.Notify). Read Open first.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"entgo.io/ent/dialect"

	"channelbook/ent"
	_ "channelbook/ent/runtime" // the policies of the schema: without it every type is open
	"channelbook/internal/metrics"
	"channelbook/internal/seal"
)

// Options say which base to open.
type Options struct {
	// URL is "sqlite:path/of/the/file.db" or "postgres://…".
	URL string
	// MaxOpenConns is how many connections the pool holds at most: 20 on PostgreSQL and 8 on SQLite where it is 0.
	// The listener of notifications has one of its own besides.
	MaxOpenConns int
	// Unsafe writes faster to an SQLite base, over one connection, and a crash of the process may then break the base: for
	// one that is being made, and is made anew after a crash.
	Unsafe bool
	// Keys seal what a base of an earlier release holds in clear; the zero Keys where there is nothing of the kind.
	Keys seal.Keys
	// Log is told about migrations and a lost listener; slog.Default() where it is nil.
	Log *slog.Logger
	// Metrics observe statements, transactions and the pool; nil: nobody does.
	Metrics *metrics.DB
}

// DB is an open base. It embeds the Ent client: d.Lead.Query().
type DB struct {
	*ent.Client

	pool   *pool
	origin origin
	bells  *bells
	keys   seal.Keys
	log    *slog.Logger
}

// origin is what an engine knows about the base beyond running statements.
type origin interface {
	// migrations opens the base once more, in the way that migrations need.
	migrations(ctx context.Context) (*migrator, error)
	// listen sees to it that notifications from outside ring the bells, of a channel that has just been added too.
	listen()
	// apart opens the base once more, beside the pool.
	apart() (*sql.DB, error)
	// close ends what the opening and listen have begun.
	close()
}

// Open opens the base without changing it: a new SQLite file stays empty, and tables are Migrate's. The base must
// answer, else the error says so.
func Open(ctx context.Context, o Options) (*DB, error) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	d, err := open(o)
	if err != nil {
		return nil, fmt.Errorf("open the base: %w", err)
	}
	if err := d.pool.db.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("the base of DATABASE_URL does not answer: %w", err), d.Close())
	}
	return d, nil
}

func open(o Options) (*DB, error) {
	if path, ok := SQLitePath(o.URL); ok {
		return openSQLite(path, o)
	}
	if strings.HasPrefix(o.URL, "postgres://") || strings.HasPrefix(o.URL, "postgresql://") {
		return openPostgres(o)
	}
	return nil, errors.New(`DATABASE_URL is neither "sqlite:path" nor "postgres://…"`)
}

// Close ends the listener and closes the connections: those that are idle at once, each other one when its statement or
// transaction is done. It waits for these, but not for long.
func (d *DB) Close() error {
	d.origin.close()
	return d.pool.Close()
}

// Apart opens connections to the base beside the pool, for a library that sends statements of its own: it takes none of the pool's
// connections, and waits for none. Writes to SQLite take turns with ours all the same. Whoever opens them closes them.
func (d *DB) Apart() (*sql.DB, error) { return d.origin.apart() }

// Dialect is the engine by Ent's name for it: dialect.Postgres or dialect.SQLite.
func (d *DB) Dialect() string { return d.pool.Dialect() }

// newClient is the Ent client over a pool.
func newClient(p dialect.Driver) *ent.Client { return ent.NewClient(ent.Driver(p)) }
