package db

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"strings"

	"entgo.io/ent/dialect"
	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// postgresConns is how many connections a PostgreSQL base is used over.
const postgresConns = 20

func openPostgres(o Options) (*DB, error) {
	dsn, err := postgresDSN(o.URL)
	if err != nil {
		return nil, err
	}
	connector, err := pq.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	if o.MaxOpenConns == 0 {
		o.MaxOpenConns = postgresConns
	}
	p := newPool(dialect.Postgres, sql.OpenDB(remembering{connector}), o.MaxOpenConns, o.Metrics)
	b := newBells()
	return &DB{Client: newClient(p), pool: p, origin: &postgresOrigin{dsn: dsn, ear: newEar(dsn, b, o.Log)}, bells: b, keys: o.Keys, log: o.Log}, nil
}

// postgresDSN fills in what the URL leaves open: a name by which an administrator knows our connections, instants
// in UTC, and an end to the wait for a server that does not answer.
func postgresDSN(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil {
		return "", errors.New("the URL of the base cannot be read") // the error would show the password
	}
	q := u.Query()
	for name, value := range map[string]string{"application_name": "channelbook", "timezone": "UTC", "connect_timeout": "5"} {
		if !q.Has(name) {
			q.Set(name, value)
		}
	}
	// Whoever waits for a lock must then see what its holder has written: the locks of the intake are made for this level,
	// whatever the server's or the database's default is.
	q.Set("default_transaction_isolation", "read committed")
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// postgresOrigin is a PostgreSQL base.
type postgresOrigin struct {
	dsn string
	ear *ear
}

func (o *postgresOrigin) listen() { o.ear.open() }
func (o *postgresOrigin) close()  { o.ear.close() }

// migrations opens the base apart from the pool: the lock is held on one connection while another one works.
func (o *postgresOrigin) migrations(context.Context) (*migrator, error) {
	// A waiter asks for the lock once a second, for five minutes.
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("postgres", o.dsn)
	if err != nil {
		return nil, err
	}
	return &migrator{
		db:      db,
		options: []goose.ProviderOption{goose.WithSessionLocker(locker)},
		after:   func(context.Context, *sql.DB) error { return nil },
		alone:   aloneOnPostgres,
		close:   db.Close,
	}, nil
}

// jobTablesLock is the number of the advisory lock under which the job queue's tables are made.
const jobTablesLock = 4_700_317_206

// aloneOnPostgres holds a lock on a connection of its own, which ends with it in any case.
func aloneOnPostgres(ctx context.Context, db *sql.DB, fn func() error) (err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", jobTablesLock); err != nil {
		return err
	}
	defer func() {
		_, failed := conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", jobTablesLock)
		err = errors.Join(err, failed)
	}()
	return fn()
}

// apartConns is how many connections Apart opens at most.
const apartConns = 4

func (o *postgresOrigin) apart() (*sql.DB, error) {
	connector, err := pq.NewConnector(o.dsn)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(remembering{connector})
	db.SetMaxOpenConns(apartConns)
	db.SetMaxIdleConns(apartConns)
	return db, nil
}

// isSerialization tells whether PostgreSQL broke a transaction off because of another one.
func isSerialization(err error) bool {
	var e *pq.Error
	return errors.As(err, &e) && (e.Code == pqerror.TRSerializationFailure || e.Code == pqerror.TRDeadlockDetected)
}

// isStalePlan tells whether a prepared statement has outlived a change of its tables.
func isStalePlan(err error) bool {
	var e *pq.Error
	return errors.As(err, &e) && e.Code == pqerror.FeatureNotSupported && strings.HasPrefix(e.Message, "cached plan must not change")
}
