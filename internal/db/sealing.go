package db

import (
	"context"
	"crypto/hmac"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

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
	keys seal.Keys
	log  *slog.Logger
	rows int // that have been sealed
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
			if s.rows%reportEvery == 0 {
				s.log.InfoContext(ctx, "sealing what stands in clear", "values", s.rows)
			}
		}
	}
	return nil
}

// reportEvery is after how many values the log says how far the sealing has come.
const reportEvery = 20 * sealedAtOnce

// begin is done before the first value is sealed: the key is made known to the base, so that it is served with no other
// one, and the files are marked to be written anew, which outlives whatever happens before that is done.
func (s *sealing) begin(ctx context.Context, tx *sql.Tx) error {
	if s.keys.None() {
		return errNoKeys
	}
	if err := s.register(ctx, tx); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS "+toRewrite+" (id integer)")
	return err
}

// toRewrite is a table that is there for as long as the base's files may hold what stood there in clear.
const toRewrite = "contacts_in_clear_to_be_rewritten"

func (s *sealing) register(ctx context.Context, tx *sql.Tx) error {
	current, prints := s.keys.IDs()[0], s.keys.Fingerprints()
	rows, err := tx.QueryContext(ctx, "SELECT id, fingerprint FROM sealing_keys WHERE retired_at IS NULL")
	if err != nil {
		return err
	}
	defer rows.Close()
	known := false
	for rows.Next() {
		var id string
		var print []byte
		if err := rows.Scan(&id, &print); err != nil {
			return err
		}
		if !hmac.Equal(prints[id], print) {
			return fmt.Errorf("the sealing was begun under the key %q, which PERSONAL_DATA_KEYS does not name or names another one by that id", id)
		}
		known = known || id == current
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil || known {
		return err
	}
	now := time.Now().UTC().Truncate(time.Microsecond)
	_, err = tx.ExecContext(ctx, "INSERT INTO sealing_keys (id, fingerprint, first_used_at, last_used_at) VALUES ($1, $2, $3, $3)", current, prints[current], now)
	return err
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
	if err := s.begin(ctx, tx); err != nil {
		return 0, err
	}
	sets := []string{to.Name + " = $2"}
	for i, index := range to.Indexes {
		sets = append(sets, fmt.Sprintf("%s = $%d", index.Name, i+3))
	}
	if to.Table != sealed.BlacklistValue.Table {
		sets = append(sets, column+" = NULL")
	}
	update, err := tx.PrepareContext(ctx, "UPDATE "+to.Table+" SET "+strings.Join(sets, ", ")+" WHERE id = $1") // #nosec G202 -- names of ent/sealed alone
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

// rewrite writes the files of a base anew where they may still hold what stood there in clear: rows as they were before
// an update, columns that were dropped. It is the last step of the migrations, and is made up for where it was broken off.
func rewrite(ctx context.Context, engine string, base *sql.DB) error {
	statements := []string{"VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"}
	if engine == dialect.Postgres {
		statements = nil
		done := map[string]bool{}
		for _, c := range inClear {
			if !done[c.to.Table] {
				done[c.to.Table] = true
				statements = append(statements, "VACUUM (FULL, ANALYZE) "+c.to.Table)
			}
		}
	}
	for _, statement := range append(statements, "DROP TABLE IF EXISTS "+toRewrite) {
		if _, err := base.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("write the files anew, without what they held in clear: %s: %w", statement, err)
		}
	}
	return nil
}
