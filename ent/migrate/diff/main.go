// Command diff writes a migration for each engine whose migrations do not lead to the Ent schema yet:
//
//	go run ./ent/migrate/diff NAME
//
// PostgreSQL's are planned on a scratch database, of TEST_DATABASE_URL or of the local default; SQLite's on a
// temporary file.
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"entgo.io/ent/dialect"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"channelbook/ent/migrate/plan"
	"channelbook/internal/dbtest/scratch"
)

// root is where the migrations are, seen from the top of the repository.
const root = "ent/migrate/migrations"

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./ent/migrate/diff NAME")
		os.Exit(2)
	}
	ctx := context.Background()
	if err := errors.Join(onPostgres(ctx, os.Args[1]), onSQLite(ctx, os.Args[1])); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func onPostgres(ctx context.Context, name string) (err error) {
	server, err := scratch.Server(ctx)
	if err != nil {
		return err
	}
	address, drop, err := scratch.Create(ctx, server, "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, drop()) }()
	dev, err := sql.Open("postgres", address)
	if err != nil {
		return err
	}
	defer dev.Close()
	return write(ctx, dialect.Postgres, dev, name)
}

func onSQLite(ctx context.Context, name string) error {
	folder, err := os.MkdirTemp("", "diff")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	dev, err := sql.Open("sqlite", "file:"+filepath.Join(folder, "dev.db")+"?_pragma=foreign_keys(1)")
	if err != nil {
		return err
	}
	defer dev.Close()
	return write(ctx, dialect.SQLite, dev, name)
}

func write(ctx context.Context, engine string, dev *sql.DB, name string) error {
	folder := filepath.Join(root, folders[engine])
	next, err := plan.Next(ctx, engine, dev, os.DirFS(folder), name)
	switch {
	case errors.Is(err, plan.ErrInStep):
		fmt.Println(folder, "is in step with the schema")
		return nil
	case err != nil:
		return fmt.Errorf("%s: %w", folder, err)
	}
	path := filepath.Join(folder, next.Name)
	fmt.Println(path)
	return os.WriteFile(path, next.Text, 0o644) // #nosec G306 G703 -- a source file, where the developer runs this
}

var folders = map[string]string{dialect.Postgres: "postgres", dialect.SQLite: "sqlite"}
