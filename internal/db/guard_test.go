package db_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
)

// TestGuardedTablesChangeWithARecordOnly: closed by default, in and outside of transactions, by Ent and by hand.
func TestGuardedTablesChangeWithARecordOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := auth.AsSystem(context.Background(), "test")
		now := dbtest.Clock("2026-11-23T09:00:00Z")()
		entry := func(c interface {
			Exec(context.Context) error
		}) error {
			return c.Exec(ctx)
		}
		inTx := func(do func(tx *db.Tx) error) error { return db.WithTx(ctx, d, do) }
		byHand := func(query string) error {
			return inTx(func(tx *db.Tx) error {
				_, err := tx.ExecContext(ctx, query)
				return err
			})
		}
		for name, do := range map[string]func() error{
			"a create outside a transaction": func() error {
				return entry(d.BlacklistEntry.Create().SetKind("PHONE").SetValueSealed([]byte("1")).SetValueIndex([]byte("1")).SetCreatedAt(now))
			},
			"a create in a transaction": func() error {
				return inTx(func(tx *db.Tx) error {
					return entry(tx.BlacklistEntry.Create().SetKind("PHONE").SetValueSealed([]byte("2")).SetValueIndex([]byte("2")).SetCreatedAt(now))
				})
			},
			"a delete outside a transaction": func() error {
				_, err := d.BlacklistEntry.Delete().Exec(ctx)
				return err
			},
			"an update that Ent makes a transaction for": func() error { return d.Company.UpdateOneID(1).SetCity("Тверь").Exec(ctx) },
			"a delete by hand":                           func() error { return byHand("DELETE FROM blacklist_entries") },
			"an update in capitals and spaces":           func() error { return byHand("update   Companies\nSET city = 'x'") },
			"an update with a schema or an alias":        func() error { return byHand(`UPDATE "companies" AS c SET city = 'x'`) },
			"an update behind WITH":                      func() error { return byHand("WITH x AS (SELECT 1) UPDATE companies SET city = 'x'") },
			"an update behind another statement":         func() error { return byHand("UPDATE hand_outs SET turn = 5; UPDATE companies SET city = 'x'") },
		} {
			t.Run(name, func(t *testing.T) {
				if err := do(); !errors.Is(err, db.ErrUnaudited) {
					t.Errorf("got %v, want ErrUnaudited", err)
				}
			})
		}
		if n, err := d.BlacklistEntry.Query().Count(ctx); n != 0 || err != nil {
			t.Errorf("got %d entries, %v, want none", n, err)
		}
		if c, err := d.Company.Get(ctx, 1); err != nil || c.City != "" {
			t.Errorf("got %v, %v, want our company as it was", c, err)
		}
		t.Run("with a record it changes", func(t *testing.T) {
			err := inTx(func(tx *db.Tx) error {
				record := tx.AuditRecord.Create().SetID(gid.New()).SetAt(now).SetActorKind("SYSTEM").SetAction("X").SetOutcome("DONE")
				return errors.Join(tx.Company.UpdateOneID(1).SetCity("Тверь").Exec(ctx), record.Exec(ctx))
			})
			if err != nil {
				t.Errorf("got %v, want none", err)
			}
		})
		t.Run("by name it may go unaudited", func(t *testing.T) {
			if err := d.Company.UpdateOneID(1).SetCity("Клин").Exec(db.Unaudited(ctx, "a test")); err != nil {
				t.Errorf("got %v, want none", err)
			}
		})
		t.Run("other tables change freely", func(t *testing.T) {
			if err := d.ContactLock.Create().SetID("x").Exec(ctx); err != nil {
				t.Errorf("got %v, want none", err)
			}
		})
		t.Run("the error names the table", func(t *testing.T) {
			if err := d.Company.UpdateOneID(1).SetCity("x").Exec(ctx); err == nil || !strings.Contains(err.Error(), "companies") {
				t.Errorf("got %v, want one that names companies", err)
			}
		})
	})
}
