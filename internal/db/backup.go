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
	defer func() {
		err = errors.Join(err, copied.Close())
		_ = os.Remove(copied.Name()) // it is there no more where it was renamed
	}()
	if err := vacuumInto(ctx, path, copied.Name()); err != nil {
		return fmt.Errorf("copy the base: %w", err)
	}
	if err := check(ctx, copied.Name()); err != nil {
		return fmt.Errorf("check the copy: %w", err)
	}
	if err := copied.Sync(); err != nil {
		return err
	}
	if err := place(copied.Name(), to); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(to))
}

// place gives a file a second name that no other file has. Where the file system has no links, the name is taken first.
func place(file, to string) error {
	err := os.Link(file, to)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	taken, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(taken.Close(), os.Rename(file, to))
}

// Settle gives a closed base another name once all of it is on the disk, also what was written without waiting for that.
func Settle(from, to string) error {
	file, err := os.OpenFile(from, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(file.Sync(), file.Close(), os.Rename(from, to)); err != nil {
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
