package db_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"channelbook/ent/distributor"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
)

// sqliteFile is a migrated base in a file of the test's own.
func sqliteFile(t *testing.T) (path string, d *db.DB) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "with ? and #", "base.db")
	d = dbtest.Open(t, "sqlite:"+path)
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return path, d
}

func addDistributor(t *testing.T, d *db.DB, name string) {
	t.Helper()
	now := dbtest.Clock("2026-03-01T09:00:00Z")()
	if err := d.Distributor.Create().SetCompanyName(name).SetCompanyNameFold(name).SetCreatedAt(now).SetUpdatedAt(now).Exec(system()); err != nil {
		t.Error(err)
	}
}

// TestABackupIsOneMoment: each writer commits two rows together, so a copy that has one of them was torn.
func TestABackupIsOneMoment(t *testing.T) {
	path, d := sqliteFile(t)
	stop, writing := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	for range 4 {
		writers.Go(func() {
			for stop.Err() == nil {
				err := db.WithTx(system(), d, func(tx *db.Tx) error {
					now := dbtest.Clock("2026-03-01T09:00:00Z")()
					for _, name := range []string{"left", "right"} {
						if err := tx.Distributor.Create().SetCompanyName(name).SetCompanyNameFold(name).SetCreatedAt(now).SetUpdatedAt(now).Exec(system()); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range 5 {
		to := filepath.Join(t.TempDir(), "copy.db")
		if err := db.Backup(t.Context(), path, to); err != nil {
			t.Fatal(err)
		}
		c := dbtest.Open(t, "sqlite:"+to)
		left := c.Distributor.Query().Where(distributor.CompanyName("left")).CountX(system())
		right := c.Distributor.Query().Where(distributor.CompanyName("right")).CountX(system())
		if left != right {
			t.Errorf("copy %d: got %d left and %d right, want as many", i, left, right)
		}
		if err := c.Ready(t.Context()); err != nil {
			t.Errorf("copy %d: got %v, want a base that is ready", i, err)
		}
	}
	writing()
	writers.Wait()
}

func TestWhatABackupLeavesBehind(t *testing.T) {
	path, d := sqliteFile(t)
	addDistributor(t, d, "kept")
	folder := t.TempDir()
	to := filepath.Join(folder, "copy.db")
	alone := func(want int) {
		t.Helper()
		entries, err := os.ReadDir(folder)
		if err != nil || len(entries) != want {
			t.Errorf("got %v, %v, want %d files", entries, err, want)
		}
	}
	if err := db.Backup(t.Context(), path, to); err != nil {
		t.Fatal(err)
	}
	alone(1)
	if info, err := os.Stat(to); err != nil || info.Mode() != 0o600 {
		t.Errorf("got %v, %v, want a file for its owner alone", info.Mode(), err)
	}
	before, _ := os.ReadFile(to)
	addDistributor(t, d, "later")
	if err := db.Backup(t.Context(), path, to); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("over a file: got %v, want a refusal", err)
	}
	if after, _ := os.ReadFile(to); string(after) != string(before) {
		t.Error("a file that was there has changed")
	}
	missing := filepath.Join(t.TempDir(), "missing.db")
	if err := db.Backup(t.Context(), missing, filepath.Join(folder, "other.db")); err == nil || !strings.Contains(err.Error(), "no base to copy") {
		t.Errorf("of nothing: got %v, want a refusal", err)
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("a base was made by the attempt to copy it")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := db.Backup(ended, path, filepath.Join(folder, "broken off.db")); err == nil {
		t.Error("got a copy, want that it was broken off")
	}
	alone(1)
}
