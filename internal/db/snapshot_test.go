package db_test

import (
	"testing"

	"channelbook/internal/db"
	"channelbook/internal/dbtest"
)

// TestASnapshotSeesOneMoment: what is committed meanwhile waits for nobody and is not seen.
func TestASnapshotSeesOneMoment(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		add := func(id string) error { return d.ContactLock.Create().SetID(id).Exec(system()) }
		if err := add("before"); err != nil {
			t.Fatal(err)
		}
		err := db.Snapshot(system(), d, func(tx *db.Tx) error {
			for _, id := range []string{"one", "two"} {
				n, err := tx.ContactLock.Query().Count(system())
				if err != nil {
					return err
				}
				if n != 1 {
					t.Errorf("got %d rows, want the one of before", n)
				}
				if err := add(id); err != nil {
					return err
				}
			}
			return nil
		})
		if n, countErr := d.ContactLock.Query().Count(system()); err != nil || countErr != nil || n != 3 {
			t.Errorf("got %d rows, %v, %v, want 3 afterwards", n, err, countErr)
		}
	})
}
