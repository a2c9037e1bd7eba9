package db

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"

	"entgo.io/ent/dialect"
	"github.com/pressly/goose/v3"

	"channelbook/ent/migrate/migrations"
	jobtables "channelbook/internal/jobs/tables"
)

// migrator is a base opened for its migrations.
type migrator struct {
	db      *sql.DB
	options []goose.ProviderOption
	after   func(ctx context.Context, db *sql.DB) error
	// alone runs fn while no other process does so: goose's own lock ends with its migrations.
	alone func(ctx context.Context, db *sql.DB, fn func() error) error
	close func() error
}

// Migrate brings the base up to date. Of several processes that do it at once one does it and the others wait. It
// costs five small statements where there is nothing to do. A base of a release that kept contacts in clear needs Options.Keys.
func (d *DB) Migrate(ctx context.Context) (err error) {
	missing, ahead, err := d.behind(ctx)
	switch {
	case err != nil:
		return err
	case ahead > 0:
		return fmt.Errorf("the base is of a newer release: it has the migration %d, which this one does not know", ahead)
	}
	if len(missing) == 0 {
		if marked, err := d.has(ctx, toRewrite); err != nil || !marked {
			return err
		}
	}
	m, err := d.origin.migrations(ctx)
	if err != nil {
		return fmt.Errorf("open the base to migrate it: %w", err)
	}
	defer func() { err = errors.Join(err, m.close()) }()
	if err := d.apply(ctx, m); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

func (d *DB) apply(ctx context.Context, m *migrator) error {
	files, err := migrations.Of(d.Dialect())
	if err != nil {
		return err
	}
	engine := goose.DialectPostgres
	if d.Dialect() == dialect.SQLite {
		engine = goose.DialectSQLite3
	}
	sealing := &sealing{keys: d.keys, log: d.log}
	provider, err := goose.NewProvider(engine, m.db, files, append(m.options, goose.WithGoMigrations(sealing.migration()))...)
	if err != nil {
		return err
	}
	applied, err := provider.Up(ctx)
	for _, one := range applied {
		d.log.Info("migration applied", "file", cmp.Or(one.Source.Path, "sealed contacts"), "took", one.Duration)
	}
	if err != nil {
		return err
	}
	if err := m.after(ctx, m.db); err != nil {
		return err
	}
	if err := m.alone(ctx, m.db, func() error { return jobtables.Make(ctx, d.Dialect(), m.db, d.log) }); err != nil {
		return err
	}
	marked, err := d.has(ctx, toRewrite)
	if err != nil || !marked {
		return err
	}
	d.log.InfoContext(ctx, "writing the tables anew, without what they held in clear")
	return rewrite(ctx, d.Dialect(), m.db)
}

// Ready tells whether the base answers and has all migrations; the error says what is amiss.
func (d *DB) Ready(ctx context.Context) error {
	missing, _, err := d.behind(ctx) // a newer release may go on beside this one until it is replaced
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		return fmt.Errorf("%d migrations have not been applied, the first of them %d", len(missing), missing[0])
	}
	return nil
}

// behind are the versions of the migrations that the base does not have, and one that it has and this release does not
// know.
func (d *DB) behind(ctx context.Context) (missing []int64, ahead int64, err error) {
	files, err := migrations.Of(d.Dialect())
	if err != nil {
		return nil, 0, err
	}
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, 0, err
	}
	applied, err := d.applied(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("ask for the migrations of the base: %w", err)
	}
	newest := int64(0)
	for _, name := range names {
		version, err := goose.NumericComponent(name)
		if err != nil {
			return nil, 0, err
		}
		newest = max(newest, version)
		if !applied[version] {
			missing = append(missing, version)
		}
	}
	for version := range applied {
		if version > newest {
			ahead = version
		}
	}
	if len(missing) > 0 {
		return missing, ahead, nil
	}
	jobs, err := d.withoutJobs(ctx)
	return jobs, ahead, err
}

// withoutJobs is the version of the job queue's tables that the base does not have; none where it has the newest.
func (d *DB) withoutJobs(ctx context.Context) (missing []int64, err error) {
	newest, err := jobtables.Newest(d.Dialect())
	if err != nil {
		return nil, err
	}
	if exists, err := d.has(ctx, jobtables.Marker); err != nil || !exists {
		return []int64{newest}, err
	}
	var version int64
	err = d.scan(ctx, "SELECT max(version) FROM "+jobtables.Marker, func(rows *sql.Rows) error { return rows.Scan(&version) })
	if err != nil || version >= newest {
		return nil, err
	}
	return []int64{newest}, nil
}

// applied are the versions in goose's table, none where there is no table.
func (d *DB) applied(ctx context.Context) (map[int64]bool, error) {
	if exists, err := d.has(ctx, "goose_db_version"); err != nil || !exists {
		return nil, err
	}
	versions := map[int64]bool{}
	err := d.scan(ctx, "SELECT version_id FROM goose_db_version WHERE is_applied", func(rows *sql.Rows) error {
		var version int64
		err := rows.Scan(&version)
		versions[version] = true
		return err
	})
	return versions, err
}

// has tells whether the base has a table.
func (d *DB) has(ctx context.Context, table string) (exists bool, err error) {
	there := "SELECT to_regclass('" + table + "') IS NOT NULL"
	if d.Dialect() == dialect.SQLite {
		there = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = '" + table + "')"
	}
	err = d.scan(ctx, there, func(rows *sql.Rows) error { return rows.Scan(&exists) })
	return exists, err
}

func (d *DB) scan(ctx context.Context, query string, row func(*sql.Rows) error) error {
	rows, err := d.pool.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
