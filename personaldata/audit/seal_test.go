package audit_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"channelbook/ent"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

func TestTwoSealersMakeOneChain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		other := *k
		other.Log = &audit.Log{DB: dbtest.Second(t, d), Keys: k.Keys, Now: k.Now, Log: k.Log.Log}
		const n = 300
		var writers, sealers sync.WaitGroup
		ctx, stop := context.WithCancel(context.Background())
		for _, one := range []*desk{k, &other} {
			sealers.Go(func() {
				for ctx.Err() == nil {
					if _, err := one.Seal(k.system); err != nil {
						t.Errorf("seal: %v", err)
					}
				}
			})
			writers.Go(func() {
				for range n / 2 {
					if err := one.Saw(k.asPerson(), audit.Act{Action: audit.LeadRead, Object: audit.On(gid.Lead, gid.New())}); err != nil {
						t.Errorf("saw: %v", err)
					}
				}
			})
		}
		writers.Wait()
		stop()
		sealers.Wait()
		k.sealed0()
		if v := k.verify(); !v.OK() || v.Checked != n || v.Unsealed != 0 {
			t.Errorf("got %+v, want %d that hold", v, n)
		}
	})
}

func TestWhoCommitsLateIsSealed(t *testing.T) {
	d := dbtest.Postgres(t) // on SQLite transactions take turns
	k := newDesk(t, d)
	k.Pass(k.system, time.Now())
	written, commit := make(chan struct{}), make(chan struct{})
	late := make(chan error)
	go func() {
		late <- db.WithTx(k.system, d, func(tx *db.Tx) error {
			err := audit.Record(k.asPerson(), tx, k.clock, audit.Act{Action: audit.LeadTaken})
			close(written)
			<-commit
			return err
		})
	}()
	<-written
	k.record(audit.Act{Action: audit.LeadNoted})
	k.Pass(k.system, time.Now())
	if v := k.verify(); v.Checked != 1 || v.Unsealed != 0 {
		t.Errorf("before: got %+v, want 1 that holds", v)
	}
	close(commit)
	k.fine(<-late)
	k.Pass(k.system, time.Now().Add(time.Minute)) // looks back a little: not so far
	if v := k.verify(); v.Checked != 1 || v.Unsealed != 1 {
		t.Errorf("at once: got %+v, want 1 without a place", v)
	}
	k.Pass(k.system, time.Now().Add(11*time.Minute)) // looks back far
	if v := k.verify(); !v.OK() || v.Checked != 2 || v.Unsealed != 0 {
		t.Errorf("got %+v, want 2 that hold", v)
	}
}

func TestRunSealsAndTellsWhereTheChainStands(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.record(audit.Act{Action: audit.LeadTaken})
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() {
			defer close(done)
			k.Run(ctx)
		}()
		for deadline := time.Now().Add(10 * time.Second); k.verify().Unsealed > 0 && time.Now().Before(deadline); {
			time.Sleep(10 * time.Millisecond)
		}
		k.record(audit.Act{Action: audit.LeadNoted})
		stop()
		<-done
		v := k.verify()
		if !v.OK() || v.Checked != 2 || v.Unsealed != 0 {
			t.Errorf("got %+v, want 2 that hold, the last one sealed at the end", v)
		}
		if said := k.said.String(); !strings.Contains(said, "audit chain stands at") {
			t.Errorf("the log says %q, want where the chain stands", said)
		}
	})
}

// TestAKeyMayGoOnceTheHeadIsUnderTheNext: the three steps of a rotation.
func TestAKeyMayGoOnceTheHeadIsUnderTheNext(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.sealed(3)
		_, err := k.DropPast(k.system, k.clock.Add(time.Second))
		k.fine(err)
		k.sealed0()
		if wantBreak(t, k.with(keys(t, newKey)).verify(), 3, audit.CheckpointForged); t.Failed() {
			return
		}
		both := k.with(keys(t, newKey+","+oldKey))
		if v := both.verify(); !v.OK() {
			t.Errorf("with both keys: got %+v, want that it holds", v.Break)
		}
		both.Pass(k.system, time.Now())
		next := k.with(keys(t, newKey))
		if v := next.verify(); !v.OK() || v.Checked != 1 {
			t.Errorf("with the next key alone: got %+v, want that it holds", v)
		}
		next.sealed(1)
	})
}

func TestNothingIsAddedToABrokenChain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.sealed(3)
		k.open()
		k.fine(k.sql("DELETE FROM audit_links WHERE place = 3"))
		k.fine(k.sql("UPDATE audit_heads SET count = 2, hash = (SELECT hash FROM audit_links WHERE place = 2)"))
		k.record(audit.Act{Action: audit.LeadTaken})
		if n, err := k.Seal(k.system); n != 0 || !errors.Is(err, audit.ErrBroken) {
			t.Errorf("got %d, %v, want ErrBroken", n, err)
		}
		wantBreak(t, k.verify(), 2, audit.HeadForged)
		k.Pass(k.system, time.Now())
		k.Pass(k.system, time.Now())
		if said := k.said.String(); strings.Count(said, "cannot be sealed") != 1 {
			t.Errorf("the log says %q, want once that it cannot be sealed", said)
		}
	})
}

func TestTheSealerWritesNothingWhereThereIsNothingToSeal(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.sealed(1)
		ctx, counter := db.CountStatements(k.system)
		if n, err := k.Seal(ctx); n != 0 || err != nil {
			t.Errorf("got %d, %v, want none", n, err)
		}
		if counter.N() != 1 {
			t.Errorf("got %q, want one look", counter.List())
		}
		if n, err := d.AuditLink.Query().Order(ent.Desc("place")).Count(k.system); n != 1 || err != nil {
			t.Errorf("got %d links, %v, want 1", n, err)
		}
	})
}
