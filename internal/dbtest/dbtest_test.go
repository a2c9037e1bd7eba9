package dbtest_test

import (
	"context"
	"testing"

	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
)

func TestEachTestHasAMigratedBaseOfItsOwn(t *testing.T) {
	ctx := auth.AsSystem(context.Background(), "test")
	for _, name := range []string{"first", "second"} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				if err := d.Ready(ctx); err != nil {
					t.Errorf("ready: got %v, want none", err)
				}
				if n, err := d.ContactLock.Query().Count(ctx); n != 0 || err != nil {
					t.Errorf("contact locks: got %d, %v, want 0", n, err)
				}
				if err := d.ContactLock.Create().SetID("x").Exec(ctx); err != nil {
					t.Errorf("create: got %v, want none", err)
				}
				if n, err := dbtest.Second(t, d).ContactLock.Query().Count(ctx); n != 1 || err != nil {
					t.Errorf("contact locks over a second instance: got %d, %v, want 1", n, err)
				}
			})
		})
	}
}
