package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"channelbook/internal/config"
	"channelbook/internal/db"
)

// backup copies the SQLite base into a new file, whether or not a server is at work on it.
func backup(ctx context.Context, cfg config.Config, to string, stdout io.Writer) error {
	path, ok := db.SQLitePath(string(cfg.DatabaseURL))
	if !ok {
		return errors.New("backup copies an SQLite base; one of PostgreSQL is dumped by pg_dump")
	}
	if err := db.Backup(ctx, path, to); err != nil {
		return err
	}
	copied, err := os.Stat(to) // #nosec G703 -- the operator says where to
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%s was copied to %s: %d bytes. Keep the keys and the files with it.\n", path, to, copied.Size())
	return err
}
