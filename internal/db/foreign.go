package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
)

// ErrNotQuiet says that a SQLite file has a journal beside it, which holds what the file itself does not: somebody writes to it,
// or ended before it was done.
var ErrNotQuiet = errors.New("the file has a journal beside it, so that it is not whole by itself")

// sqliteMagic is how a SQLite file begins.
const sqliteMagic = "SQLite format 3\x00"

// ReadForeign opens the SQLite base of another program to read it: nothing is written, neither into the file nor beside it. A
// file that is no SQLite base, is damaged, or is still being written to is refused.
func ReadForeign(ctx context.Context, path string) (*sql.DB, error) {
	path, err := filepath.EvalSymlinks(path) // the journal stands beside the file itself
	if err != nil {
		return nil, err
	}
	if err := isSQLite(path); err != nil {
		return nil, err
	}
	for _, journal := range []string{path + "-wal", path + "-journal"} {
		beside, err := os.Stat(journal) // #nosec G703 -- the operator names the file
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, err
		case beside.Size() > 0:
			return nil, fmt.Errorf("%s is there: %w", journal, ErrNotQuiet)
		}
	}
	connector, err := sqlite.NewConnector("file:" + escapePath(path) + "?mode=ro&immutable=1&_pragma=query_only(1)")
	if err != nil {
		return nil, err
	}
	d := sql.OpenDB(connector)
	if err := whole(ctx, d); err != nil {
		return nil, errors.Join(fmt.Errorf("%s is damaged: %w", path, err), d.Close())
	}
	return d, nil
}

func isSQLite(path string) error {
	file, err := os.Open(path) // #nosec G304 -- the operator names the file
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	begins := make([]byte, len(sqliteMagic))
	if _, err := io.ReadFull(file, begins); err != nil || string(begins) != sqliteMagic {
		return fmt.Errorf("%s is no SQLite base", path)
	}
	return nil
}

// whole reads all of a base and says what is wrong with it.
func whole(ctx context.Context, d *sql.DB) error {
	var said string
	if err := d.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&said); err != nil {
		return because(ctx, err)
	}
	if said != "ok" {
		return errors.New(said)
	}
	return nil
}
