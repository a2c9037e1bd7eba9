package rotation

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"channelbook/ent/blacklistentry"
	"channelbook/ent/sealed"
	"channelbook/ent/sealingkey"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

const (
	// atOnce is how many rows are sealed anew in one transaction: few, for on SQLite nobody else writes meanwhile.
	atOnce = 100
	// quiet is how long no server may have said that it seals under a key before that is retired. Servers say so when
	// they start and every hour.
	quiet = 2*time.Hour + 10*time.Minute
)

// Rotate seals anew, with their indexes, all values that are not sealed under the current key, where the base has met an
// earlier one. It may be run at any time, also while leads come in and by several servers at once: each row is changed
// only as it was read. A key that nothing is sealed under any more, and that no server uses, is retired. A value that
// cannot be opened stays as it is, and is named in the log and counted in the error.
func (s *Service) Rotate(ctx context.Context) error {
	ctx = db.Unaudited(auth.AsSystem(ctx, "rotate keys"), "the values stay as they are")
	if err := s.Register(ctx); err != nil {
		return err
	}
	outgoing, err := s.outgoing(ctx)
	if err != nil || len(outgoing) == 0 {
		return err
	}
	var all pass
	for _, c := range sealed.Columns {
		one, err := s.reseal(ctx, c)
		if err != nil {
			return fmt.Errorf("seal %s.%s anew: %w", c.Table, c.Name, err)
		}
		all.changed, all.failed = all.changed+one.changed, all.failed+one.failed
	}
	s.Log.InfoContext(ctx, "personal data sealed anew", "values", all.changed, "failed", all.failed, "key", s.Keys.IDs()[0])
	if all.changed > 0 {
		if err := s.record(ctx, audit.Act{Action: audit.KeysRotated, Details: map[string]string{
			"values": strconv.Itoa(all.changed), "failed": strconv.Itoa(all.failed), "key": s.Keys.IDs()[0],
		}}); err != nil {
			return err
		}
	}
	if all.failed > 0 {
		return fmt.Errorf("%d values could not be opened to be sealed anew", all.failed)
	}
	if all.changed > 0 {
		return nil // the next pass, which finds nothing, retires
	}
	for _, k := range outgoing {
		if err := s.retire(ctx, k.ID); err != nil {
			return err
		}
	}
	return nil
}

// pass is what a walk over a column came to.
type pass struct{ changed, failed int }

func (s *Service) reseal(ctx context.Context, c sealed.Column) (all pass, err error) {
	var last gid.ID
	for {
		rows, err := s.stale(ctx, c, last) // outside the transaction: no writer waits while the table is walked
		if err != nil || len(rows) == 0 {
			return all, err
		}
		var some pass
		err = db.WithTx(ctx, s.DB, func(tx *db.Tx) (err error) {
			some, err = s.rewrite(ctx, tx, c, rows)
			return err
		})
		if err != nil {
			return all, err
		}
		last = rows[len(rows)-1].id
		all.changed, all.failed = all.changed+some.changed, all.failed+some.failed
	}
}

type row struct {
	id    gid.ID
	value []byte
}

// stale are the next rows behind an id whose value is sealed under another key than the current one.
func (s *Service) stale(ctx context.Context, c sealed.Column, after gid.ID) (rows []row, err error) {
	prefix := s.Keys.Prefix()
	found, err := s.DB.QueryContext(ctx, fmt.Sprintf("SELECT id, %[1]s FROM %[2]s WHERE id > $1 AND substr(%[1]s, 1, %[3]d) <> $2 ORDER BY id LIMIT %[4]d",
		c.Name, c.Table, len(prefix), atOnce), after, prefix)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, found.Close()) }()
	for found.Next() {
		var r row
		if err := found.Scan(&r.id, &r.value); err != nil {
			return nil, err
		}
		rows = append(rows, row{r.id, bytes.Clone(r.value)})
	}
	return rows, found.Err()
}

func (s *Service) rewrite(ctx context.Context, tx *db.Tx, c sealed.Column, rows []row) (p pass, err error) {
	sets := []string{c.Name + " = $3"}
	for i, index := range c.Indexes {
		sets = append(sets, fmt.Sprintf("%s = $%d", index.Name, i+4))
	}
	update := fmt.Sprintf("UPDATE %s SET %s WHERE id = $1 AND %s = $2", c.Table, strings.Join(sets, ", "), c.Name)
	for _, r := range rows {
		plain, err := c.Open(s.Keys, r.id, r.value)
		if err != nil {
			p.failed++
			s.Log.ErrorContext(ctx, "a sealed value does not open", "table", c.Table, "column", c.Name, "row", r.id.String(), "error", err)
			continue
		}
		if c.Table == sealed.BlacklistValue.Table {
			if merged, err := s.merge(ctx, tx, r, plain); err != nil || merged {
				if err != nil {
					return p, err
				}
				p.changed++
				continue
			}
		}
		args := []any{r.id, r.value, c.Seal(s.Keys, r.id, plain)}
		for _, index := range c.Indexes {
			args = append(args, index.Of(s.Keys, plain))
		}
		if _, err := tx.ExecContext(ctx, update, args...); err != nil {
			return p, err
		}
		p.changed++ // or somebody else changed it, under a key that the next pass looks at
	}
	return p, nil
}

// merge takes an entry of the blacklist away where another one has the same value under the current key already: two servers
// that had no key in common took it in.
func (s *Service) merge(ctx context.Context, tx *db.Tx, r row, value string) (bool, error) {
	current := sealed.BlacklistIndex.Of(s.Keys, value)
	n, err := tx.BlacklistEntry.Delete().Where(blacklistentry.ID(r.id), func(sel *entsql.Selector) {
		other := entsql.Dialect(sel.Dialect()).Table(blacklistentry.Table).As("other")
		sel.Where(entsql.Exists(entsql.Dialect(sel.Dialect()).Select(other.C(blacklistentry.FieldID)).From(other).
			Where(entsql.And(entsql.EQ(other.C(blacklistentry.FieldValueIndex), current), entsql.NEQ(other.C(blacklistentry.FieldID), r.id)))))
	}).Exec(ctx)
	if err != nil || n == 0 {
		return false, err
	}
	s.Log.InfoContext(ctx, "an entry of the blacklist stood there twice, and one is left", "entry", r.id.String())
	return true, nil
}

// retire notes that a key is not needed any more, unless a server has used it of late.
func (s *Service) retire(ctx context.Context, id string) error {
	now, retired := s.Now(), 0
	err := db.WithTx(ctx, s.DB, func(tx *db.Tx) (err error) {
		retired, err = tx.SealingKey.Update().
			Where(sealingkey.ID(id), sealingkey.RetiredAtIsNil(), sealingkey.LastUsedAtLT(now.Add(-quiet))).SetRetiredAt(now).Save(ctx)
		if err != nil || retired == 0 {
			return err
		}
		return audit.Record(ctx, tx, now, audit.Act{Action: audit.KeyRetired, Details: map[string]string{"key": id}})
	})
	if err != nil {
		return fmt.Errorf("retire a key: %w", err)
	}
	if retired > 0 {
		s.Log.InfoContext(ctx, "nothing is sealed under this key any more: it may be taken out of PERSONAL_DATA_KEYS", "key", id)
	}
	return nil
}

// record writes what a pass came to into the audit.
func (s *Service) record(ctx context.Context, act audit.Act) error {
	return db.WithTx(ctx, s.DB, func(tx *db.Tx) error { return audit.Record(ctx, tx, s.Now(), act) })
}
