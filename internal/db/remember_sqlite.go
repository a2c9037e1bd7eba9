package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// rememberedSQLite is how many statements a connection to an SQLite file keeps compiled. Compiling one takes as long as
// running it.
const rememberedSQLite = 100

// rememberingSQLite makes connections that keep their statements compiled.
type rememberingSQLite struct{ driver.Connector }

// sqliteSession is what connections of the SQLite driver can do.
type sqliteSession interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ConnBeginTx
	driver.QueryerContext
	driver.ExecerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// Connect opens a connection.
func (r rememberingSQLite) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := r.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	inner, ok := conn.(sqliteSession)
	if !ok {
		return nil, fmt.Errorf("a connection of type %T cannot keep statements compiled", conn)
	}
	statements, err := simplelru.NewLRU(rememberedSQLite, func(_ string, s *compiled) { s.letGo() })
	return &sqliteConn{sqliteSession: inner, statements: statements}, err
}

// sqliteConn is a connection that keeps its statements compiled. All else is the inner connection's.
type sqliteConn struct {
	sqliteSession
	statements *simplelru.LRU[string, *compiled]
}

// compiled is a statement that is kept. While somebody reads its rows it cannot run for anybody else: SQLite would begin
// anew under the reader's eyes.
type compiled struct {
	prepared
	reading bool
	gone    bool // off the list, and closed once nobody reads
}

func (s *compiled) letGo() {
	if s.gone = true; !s.reading {
		_ = s.Close() // nothing is open that could fail
	}
}

// QueryContext runs a statement that answers rows.
func (c *sqliteConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.compile(ctx, query, args)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.sqliteSession.QueryContext(ctx, query, args)
	}
	rows, err := s.QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	inner, ok := rows.(sqliteRows)
	if !ok {
		return nil, errors.Join(fmt.Errorf("rows of type %T cannot be watched", rows), rows.Close())
	}
	s.reading = true
	return &watchedRows{sqliteRows: inner, of: s}, nil
}

// ExecContext runs a statement that answers no rows.
func (c *sqliteConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.compile(ctx, query, args)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.sqliteSession.ExecContext(ctx, query, args)
	}
	return s.ExecContext(ctx, args)
}

// compile is the kept statement; nil where this one is not worth it, or its rows are being read.
func (c *sqliteConn) compile(ctx context.Context, query string, args []driver.NamedValue) (*compiled, error) {
	if !worth(query, args) {
		return nil, nil
	}
	if s, ok := c.statements.Get(query); ok {
		if s.reading {
			return nil, nil
		}
		return s, nil
	}
	made, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	inner, ok := made.(prepared)
	if !ok {
		return nil, errors.Join(fmt.Errorf("a statement of type %T cannot be kept compiled", made), made.Close())
	}
	s := &compiled{prepared: inner}
	c.statements.Add(query, s)
	return s, nil
}

// Close closes the connection. SQLite wants its statements closed before.
func (c *sqliteConn) Close() error {
	c.statements.Purge()
	return c.sqliteSession.Close()
}

// sqliteRows is what rows of the SQLite driver can do.
type sqliteRows interface {
	driver.Rows
	driver.RowsColumnTypeDatabaseTypeName
	driver.RowsColumnTypeLength
	driver.RowsColumnTypeNullable
	driver.RowsColumnTypePrecisionScale
	driver.RowsColumnTypeScanType
}

// watchedRows give their statement back when they are closed.
type watchedRows struct {
	sqliteRows
	of *compiled
}

// Close closes the rows.
func (r *watchedRows) Close() error {
	err := r.sqliteRows.Close()
	if r.of == nil {
		return err
	}
	s := r.of
	r.of = nil
	if s.reading = false; s.gone {
		err = errors.Join(err, s.Close())
	}
	return err
}
