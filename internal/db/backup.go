package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"modernc.org/sqlite"
)

// Backup copies the SQLite base at path into a new file, for the owner alone, while any other process reads and writes
// it: the copy holds what was committed when it began, and nothing of what came after. The file at to appears whole,
// checked and on the disk, or not at all; one that is there stays as it is, and the error says so.
func Backup(ctx context.Context, path, to string) (err error) {
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("there is no base to copy: %w", err)
	}
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is there already: name a file that is not", to)
	}
	copied, err := os.CreateTemp(filepath.Dir(to), filepath.Base(to)+".new-*") // with mode 0600
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, copied.Close(), os.Remove(copied.Name())) }()
	if err := vacuumInto(ctx, path, copied.Name()); err != nil {
		return fmt.Errorf("copy the base: %w", err)
	}
	if err := check(ctx, copied.Name()); err != nil {
		return fmt.Errorf("check the copy: %w", err)
	}
	if err := copied.Sync(); err != nil {
		return err
	}
	if err := os.Link(copied.Name(), to); err != nil { // unlike a renaming it puts nothing in the place of a file that has just come
		return err
	}
	return syncFolder(filepath.Dir(to))
}

// vacuumInto lets SQLite copy the base into an empty file. It reads in one transaction, which no writer waits for.
func vacuumInto(ctx context.Context, path, to string) error {
	return withSQLite(sqliteDSN(path, true), func(db *sql.DB) error {
		_, err := db.ExecContext(ctx, "VACUUM INTO ?", to)
		return because(ctx, err)
	})
}

// check reads all of a base and says what is wrong with it.
func check(ctx context.Context, path string) error {
	return withSQLite("file:"+escapePath(path), func(db *sql.DB) error {
		rows, err := db.QueryContext(ctx, "PRAGMA quick_check(1)")
		if err != nil {
			return because(ctx, err)
		}
		defer rows.Close()
		for rows.Next() {
			var said string
			if err := rows.Scan(&said); err != nil {
				return err
			}
			if said != "ok" {
				return errors.New(said)
			}
		}
		return rows.Err()
	})
}

func withSQLite(dsn string, do func(*sql.DB) error) error {
	connector, err := sqlite.NewConnector(dsn)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	return errors.Join(do(db), db.Close())
}

func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil // a folder cannot be synced there
	}
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
