package audit_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

func TestReadsAtTheSameTimeShareCommits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		const readers, each = 50, 10
		var all sync.WaitGroup
		for range readers {
			all.Go(func() {
				for range each {
					lead := gid.New()
					if err := k.Saw(k.asPerson(), audit.Act{Action: audit.LeadRead, Object: audit.On(gid.Lead, lead)}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		if n := len(k.records()); n != readers*each {
			t.Errorf("got %d records, want %d", n, readers*each)
		}
		if n := k.Commits(); n > readers*each/4 {
			t.Errorf("got %d commits for %d reads, want them shared", n, readers*each)
		}
	})
}

func TestAReadIsOnTheDiskBeforeItReturns(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.fine(k.Saw(k.asPerson(), audit.Act{Action: audit.LeadRead}, audit.Act{Action: audit.AccessRefused, Outcome: audit.Refused}))
		second := dbtest.Second(t, d)
		if n, err := second.AuditRecord.Query().Count(k.system); n != 2 || err != nil {
			t.Errorf("got %d records, %v, want 2", n, err)
		}
		k.fine(k.Saw(k.asPerson()))
		if n := k.Commits(); n != 1 {
			t.Errorf("got %d commits, want 1: nothing to record is no commit", n)
		}
	})
}

func TestWhereTheRecordCannotBeWrittenEveryReadFails(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.open()
		k.fine(k.sql("ALTER TABLE audit_records RENAME TO gone"))
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				if err := k.Saw(k.asPerson(), audit.Act{Action: audit.LeadRead}); err == nil {
					t.Error("got no error, want one")
				}
			})
		}
		all.Wait()
		k.fine(k.sql("ALTER TABLE gone RENAME TO audit_records"))
		if err := k.Saw(k.asPerson(), audit.Act{Action: audit.LeadRead}); err != nil {
			t.Errorf("afterwards: got %v, want none", err)
		}
	})
}

func TestWhoLeavesTakesNobodyAlong(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		gone, leave := context.WithCancel(k.asPerson())
		leave()
		if err := k.Saw(gone, audit.Act{Action: audit.LeadRead}); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want none or that the caller has left", err)
		}
		k.fine(k.Saw(k.asPerson(), audit.Act{Action: audit.LeadNoted}))
		for deadline := time.Now().Add(time.Second); len(k.records()) < 2 && time.Now().Before(deadline); {
			time.Sleep(time.Millisecond)
		}
		if n := len(k.records()); n != 2 {
			t.Errorf("got %d records, want 2", n)
		}
	})
}
