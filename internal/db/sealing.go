package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"entgo.io/ent/dialect"
	"github.com/pressly/goose/v3"

	"channelbook/ent/sealed"
	"channelbook/internal/gid"
	"channelbook/internal/seal"
)

// sealContacts is the version of the migration between the one that makes the columns of sealed values and the one
// that drops those in clear.
const sealContacts = 20261126014040

// errNoKeys says that a base of an earlier release cannot be brought up to date without keys.
var errNoKeys = errors.New("the base holds phones and e-mails in clear, which this release seals: set PERSONAL_DATA_KEYS")

// inClear are the columns in which earlier releases kept personal data, and where it goes.
var inClear = []struct {
	column string
	to     sealed.Column
}{
	{"phone", sealed.LeadPhone},
	{"email", sealed.LeadEmail},
	{"value", sealed.BlacklistValue},
	{"phone", sealed.UserPhone},
	{"email", sealed.UserEmail},
	{"phone", sealed.DistributorPhone},
	{"email", sealed.DistributorEmail},
	{"raw_body", sealed.AttemptRawBody},
}

// sealing is the migration that seals what stands in clear. Broken off, it goes on where it stopped.
type sealing struct {
	keys   seal.Keys
	engine string
	rows   int // that have been sealed
}

func (s *sealing) migration() *goose.Migration {
	return goose.NewGoMigration(sealContacts, &goose.GoFunc{RunDB: s.run}, nil)
}

func (s *sealing) run(ctx context.Context, base *sql.DB) error {
	for _, c := range inClear {
		var last gid.ID
		for {
			n, err := s.some(ctx, base, c.column, c.to, &last)
			if err != nil {
				return fmt.Errorf("seal %s.%s: %w", c.to.Table, c.column, err)
			}
			if n == 0 {
				break
			}
			s.rows += n
		}
	}
	return s.forget(ctx, base)
}

// sealedAtOnce is how many rows are sealed in one transaction.
const sealedAtOnce = 500

type clearRow struct {
	id    gid.ID
	value string
}

// some seals the next rows behind last, and moves it on.
func (s *sealing) some(ctx context.Context, base *sql.DB, column string, to sealed.Column, last *gid.ID) (n int, err error) {
	tx, err := base.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer func() { _ = tx.Rollback() }() // nothing is left of it after a commit
	rows, err := clearRows(ctx, tx, column, to.Table, *last)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	if s.keys.None() {
		return 0, errNoKeys
	}
	sets := []string{to.Name + " = $2"}
	for i, index := range to.Indexes {
		sets = append(sets, fmt.Sprintf("%s = $%d", index.Name, i+3))
	}
	if to.Table != sealed.BlacklistValue.Table {
		sets = append(sets, column+" = NULL")
	}
	update, err := tx.PrepareContext(ctx, "UPDATE "+to.Table+" SET "+strings.Join(sets, ", ")+" WHERE id = $1")
	if err != nil {
		return 0, err
	}
	defer update.Close()
	for _, r := range rows {
		args := []any{r.id, to.Seal(s.keys, r.id, r.value)}
		for _, index := range to.Indexes {
			args = append(args, index.Of(s.keys, r.value))
		}
		if _, err := update.ExecContext(ctx, args...); err != nil {
			return 0, err
		}
	}
	*last = rows[len(rows)-1].id
	return len(rows), tx.Commit()
}

func clearRows(ctx context.Context, tx *sql.Tx, column, table string, after gid.ID) (all []clearRow, err error) {
	rows, err := tx.QueryContext(ctx, fmt.Sprintf("SELECT id, %[1]s FROM %[2]s WHERE %[1]s <> '' AND id > $1 ORDER BY id LIMIT %[3]d", column, table, sealedAtOnce), after)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var r clearRow
		if err := rows.Scan(&r.id, &r.value); err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

// forget takes the rows as they were out of PostgreSQL's files, where they stay behind an update. On SQLite the file is
// written anew after the last migration.
func (s *sealing) forget(ctx context.Context, base *sql.DB) error {
	if s.rows == 0 || s.engine != dialect.Postgres {
		return nil
	}
	done := map[string]bool{}
	for _, c := range inClear {
		if done[c.to.Table] {
			continue
		}
		done[c.to.Table] = true
		if _, err := base.ExecContext(ctx, "VACUUM (FULL, ANALYZE) "+c.to.Table); err != nil {
			return fmt.Errorf("rewrite %s: %w", c.to.Table, err)
		}
	}
	return nil
}

// rewrite writes an SQLite file anew, without what it held before.
func (s *sealing) rewrite(ctx context.Context, base *sql.DB) error {
	if s.rows == 0 || s.engine != dialect.SQLite {
		return nil
	}
	for _, statement := range []string{"VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"} {
		if _, err := base.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}
