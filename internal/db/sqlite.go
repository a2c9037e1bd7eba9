package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"entgo.io/ent/dialect"
	"golang.org/x/sync/semaphore"
	"modernc.org/sqlite"
)

// sqliteConns is how many connections a SQLite base is read over: each has a page cache of its own.
const sqliteConns = 8

func init() {
	sqlite.MustRegisterDeterministicScalarFunction("lower", 1, lower)
	sqlite.MustRegisterDeterministicScalarFunction("business_day", 2, businessDay)
}

// lower takes the place of SQLite's own, which knows ASCII only: a search that is blind to case is one in Cyrillic too.
func lower(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
	switch text := args[0].(type) {
	case nil:
		return nil, nil
	case string:
		return strings.ToLower(text), nil
	case []byte:
		return strings.ToLower(string(text)), nil
	default:
		return fmt.Sprint(text), nil
	}
}

// storedTime is how instants are stored, by _time_format and _timezone.
const storedTime = "2006-01-02 15:04:05.999999999-07:00"

// businessDay is the day of a stored instant in a time zone by its name, as PostgreSQL's AT TIME ZONE says it.
func businessDay(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
	stored, isText := args[0].(string)
	zone, isName := args[1].(string)
	if !isText || !isName {
		return nil, nil
	}
	at, err := time.Parse(storedTime, stored)
	if err != nil {
		return nil, fmt.Errorf("read a stored instant: %w", err)
	}
	in, err := location(zone)
	if err != nil {
		return nil, err
	}
	return at.In(in).Format(time.DateOnly), nil
}

// locations are the time zones that have been asked for, by their names: to load one reads a file.
var locations sync.Map

func location(name string) (*time.Location, error) {
	if known, ok := locations.Load(name); ok {
		return known.(*time.Location), nil //nolint:forcetypeassert // it holds nothing else
	}
	in, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("a day in a time zone: %w", err)
	}
	locations.Store(name, in)
	return in, nil
}

// SQLitePath is the file that a URL such as "sqlite:data/channelbook.db" names; false for another engine's URL.
func SQLitePath(url string) (path string, ok bool) { return strings.CutPrefix(url, "sqlite:") }

func openSQLite(path string, o Options) (*DB, error) {
	path, err := makeFile(path)
	if err != nil {
		return nil, err
	}
	dsn := sqliteDSN(path, true)
	if o.Unsafe {
		dsn = strings.NewReplacer("synchronous(FULL)", "synchronous(OFF)", "journal_mode(WAL)", "journal_mode(MEMORY)").Replace(dsn)
		o.MaxOpenConns = 1 // without a WAL a reader would be in a writer's way
	}
	connector, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	if o.MaxOpenConns == 0 {
		o.MaxOpenConns = sqliteConns
	}
	p := newPool(dialect.SQLite, sql.OpenDB(rememberingSQLite{connector}), o.MaxOpenConns, o.Metrics)
	b := newBells()
	base := join(path, b)
	p.writing = base.writing
	b.ringNear = base.ring
	return &DB{Client: newClient(p), pool: p, origin: sqliteOrigin{path, base, b}, bells: b, keys: o.Keys, log: o.Log}, nil
}

// sqliteDSN names the file and the settings of each connection. An acknowledged commit survives a power cut
// (synchronous), a transaction takes the write lock when it begins and not half way (_txlock), and instants are
// stored in one zone, so that they compare as text.
func sqliteDSN(path string, foreignKeys bool) string {
	on := 0
	if foreignKeys {
		on = 1
	}
	return fmt.Sprintf("file:%s?_pragma=foreign_keys(%d)&_pragma=journal_mode(WAL)&_pragma=busy_timeout(5000)"+
		"&_pragma=synchronous(FULL)&_txlock=immediate&_time_format=sqlite&_timezone=UTC", escapePath(path), on)
}

// escapePath writes a path as the path of a file: URI.
func escapePath(path string) string {
	return strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
}

// makeFile makes the file and its folder where they are not there yet, for the owner alone, and returns the file's
// one path. SQLite gives its journals the rights of the file.
func makeFile(path string) (string, error) {
	if path == "" {
		return "", errors.New(`the URL names no file: write "sqlite:path/of/the/file.db"`)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return "", err
	}
	if err := file.Close(); err != nil {
		return "", err
	}
	path, err = filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(path)
}

// sqliteOrigin is a SQLite file and the part that a DB has in it.
type sqliteOrigin struct {
	path  string
	base  *sqliteBase
	bells *bells
}

func (sqliteOrigin) listen()  {}
func (o sqliteOrigin) close() { o.base.leave(o.path, o.bells) }

// apart opens one connection, as SQLite takes one write at a time anyway. Its writes wait for their turn among the pool's.
func (o sqliteOrigin) apart() (*sql.DB, error) {
	connector, err := sqlite.NewConnector(sqliteDSN(o.path, true))
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(turns{rememberingSQLite{connector}, o.base.writing})
	db.SetMaxOpenConns(1)
	return db, nil
}

// sqliteBase is what all DBs of this process that are open on one file share.
type sqliteBase struct {
	writing *semaphore.Weighted
	members map[*bells]bool
}

var sqliteBases = struct {
	sync.Mutex
	byPath map[string]*sqliteBase
}{byPath: map[string]*sqliteBase{}}

func join(path string, b *bells) *sqliteBase {
	sqliteBases.Lock()
	defer sqliteBases.Unlock()
	base := sqliteBases.byPath[path]
	if base == nil {
		base = &sqliteBase{writing: semaphore.NewWeighted(1), members: map[*bells]bool{}}
		sqliteBases.byPath[path] = base
	}
	base.members[b] = true
	return base
}

func (base *sqliteBase) leave(path string, b *bells) {
	sqliteBases.Lock()
	defer sqliteBases.Unlock()
	delete(base.members, b)
	if len(base.members) == 0 && sqliteBases.byPath[path] == base {
		delete(sqliteBases.byPath, path)
	}
}

// ring wakes the listeners of channels on every member.
func (base *sqliteBase) ring(channels []string) {
	sqliteBases.Lock()
	defer sqliteBases.Unlock()
	for member := range base.members {
		for _, channel := range channels {
			member.ring(channel)
		}
	}
}

// migrations opens the file without foreign keys: a table is rebuilt by dropping the old one, and that must not take
// the rows along that refer to it.
func (o sqliteOrigin) migrations(ctx context.Context) (*migrator, error) {
	unlock, err := lockFile(ctx, o.path+".migrating")
	if err != nil {
		return nil, err
	}
	connector, err := sqlite.NewConnector(sqliteDSN(o.path, false))
	if err != nil {
		return nil, errors.Join(err, unlock())
	}
	db := sql.OpenDB(connector)
	locked := func(_ context.Context, _ *sql.DB, fn func() error) error { return fn() }
	return &migrator{db: db, after: checkForeignKeys, alone: locked, close: func() error { return errors.Join(db.Close(), unlock()) }}, nil
}

func checkForeignKeys(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, "PRAGMA foreign_key_check")
	if err != nil {
		return err
	}
	defer rows.Close()
	if !rows.Next() {
		return rows.Err()
	}
	var table, parent string
	var row, key any
	if err := rows.Scan(&table, &row, &parent, &key); err != nil {
		return err
	}
	return fmt.Errorf("after the migrations row %v of %s refers to a row of %s that is not there", row, table, parent)
}
