package audit_test

import (
	"errors"
	"testing"
	"time"

	"channelbook/ent/auditrecord"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/personaldata/audit"
)

// sealed0 seals what there is, however much.
func (k *desk) sealed0() {
	k.t.Helper()
	_, err := k.Seal(k.system)
	k.fine(err)
}

func TestDropPast(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.sealed(600) // more than one batch
		term := k.clock.Add(time.Hour)
		k.clock = k.clock.Add(2 * time.Hour)
		k.sealed(3)
		n, err := k.DropPast(k.system, term)
		if n != 600 || err != nil {
			t.Fatalf("got %d, %v, want 600 dropped", n, err)
		}
		k.sealed0()
		v := k.verify()
		if !v.OK() || v.Begins != 600 || v.Checked != 4 || v.Head.Count != 604 {
			t.Errorf("got %+v, want 4 that hold behind 600", v)
		}
		if n := len(k.records()); n != 4 {
			t.Errorf("got %d records, want 4", n)
		}
		if n, err := d.AuditRecord.Query().Where(auditrecord.Action(string(audit.AuditDropped))).Count(k.system); n != 1 || err != nil {
			t.Errorf("got %d records of the dropping, %v, want 1", n, err)
		}
		t.Run("a second time there is nothing to drop", func(t *testing.T) {
			if n, err := k.DropPast(k.system, term); n != 0 || err != nil {
				t.Errorf("got %d, %v, want none", n, err)
			}
			if n, err := d.AuditCheckpoint.Query().Count(k.system); n != 1 || err != nil {
				t.Errorf("got %d checkpoints, %v, want 1", n, err)
			}
		})
		t.Run("all may be dropped, and the chain goes on", func(t *testing.T) {
			if n, err := k.DropPast(k.system, k.clock.Add(time.Second)); n != 4 || err != nil {
				t.Fatalf("got %d, %v, want 4", n, err)
			}
			k.sealed0()
			if v := k.verify(); !v.OK() || v.Begins != 604 || v.Checked != 1 {
				t.Errorf("got %+v, want 1 that holds behind 604", v)
			}
		})
	})
}

func TestWhatIsBrokenIsNotDropped(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.sealed(5)
		k.open()
		k.fine(k.sql("UPDATE audit_records SET outcome = 'FAILED' WHERE id = $1", k.records()[2].ID))
		if n, err := k.DropPast(k.system, k.clock.Add(time.Hour)); n != 0 || !errors.Is(err, audit.ErrBroken) {
			t.Errorf("got %d, %v, want ErrBroken", n, err)
		}
		if n := len(k.records()); n != 5 {
			t.Errorf("got %d records, want 5", n)
		}
	})
}
