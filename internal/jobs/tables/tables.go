// Package tables makes the tables of the job queue, which are River's own and no part of the Ent schema.
package tables

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"

	"entgo.io/ent/dialect"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
)

// Marker is the table that tells which of River's migrations the base has, by its column version.
const Marker = "river_migration"

// Make brings the tables up to date. It is called under the lock of the migrations.
func Make(ctx context.Context, engine string, db *sql.DB, log *slog.Logger) error {
	m, err := of(engine, db, log)
	if err != nil {
		return err
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("make the tables of the jobs: %w", err)
	}
	return nil
}

// Newest is the last migration that this release knows.
func Newest(engine string) (int64, error) {
	m, err := of(engine, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		return 0, err
	}
	newest := 0
	for _, one := range m.AllVersions() {
		newest = max(newest, one.Version)
	}
	return int64(newest), nil
}

func of(engine string, db *sql.DB, log *slog.Logger) (*rivermigrate.Migrator[*sql.Tx], error) {
	o := &rivermigrate.Config{Logger: log}
	if engine == dialect.SQLite {
		return rivermigrate.New(riversqlite.New(db), o)
	}
	return rivermigrate.New(riverdatabasesql.New(db), o)
}
