package audit_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"channelbook/ent/auditrecord"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

func TestRecordTellsWhoDidWhat(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		lead := gid.New()
		ctx := auth.AsSystem(k.asPerson(), "act on a lead")
		k.fine(db.WithTx(k.system, d, func(tx *db.Tx) error {
			return audit.Record(ctx, tx, k.clock, audit.Act{
				Action: audit.LeadTaken, Object: audit.On(gid.Lead, lead), Reason: "BASIS", Details: map[string]string{"b": "2", "a": "1"},
			})
		}))
		r := k.records()[0]
		for what, got := range map[string][2]string{
			"kind": {r.ActorKind.String(), "USER"}, "actor": {r.ActorID.String(), k.person.UserID.String()}, "role": {*r.ActorRole, "ADMIN"},
			"action": {r.Action, "LEAD_TAKEN"}, "outcome": {r.Outcome.String(), "DONE"}, "type": {*r.ObjectType, "lead"},
			"object": {r.ObjectID.String(), lead.String()}, "reason": {*r.Reason, "BASIS"}, "details": {*r.Details, `{"a":"1","b":"2"}`},
			"address": {*r.RemoteAddr, "192.0.2.1"}, "agent": {*r.UserAgent, "test/1"}, "request": {*r.RequestID, "request-1"},
		} {
			if got[0] != got[1] {
				t.Errorf("%s: got %q, want %q", what, got[0], got[1])
			}
		}
		if !r.At.Equal(k.clock) || r.Task != nil {
			t.Errorf("got %s by the task %v, want %s by none", r.At, r.Task, k.clock)
		}
	})
}

func TestManyActsAreOneStatement(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		acts := make([]audit.Act, 500)
		for i := range acts {
			acts[i] = audit.Act{Action: audit.LeadReceived, Object: audit.On(gid.Lead, gid.New())}
		}
		ctx, counter := db.CountStatements(k.system)
		k.fine(db.WithTx(ctx, d, func(tx *db.Tx) error { return audit.Record(ctx, tx, k.clock, acts...) }))
		if counter.N() != 1 || len(k.records()) != 500 {
			t.Errorf("got %d records in %d statements, want 500 in 1", len(k.records()), counter.N())
		}
	})
}

func TestAChangeAndItsRecordGoTogether(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		person := k.asPerson()
		change := func(tx *db.Tx) error {
			return tx.BlacklistEntry.Create().SetKind("PHONE").SetValueSealed([]byte(gid.New().String())).SetValueIndex([]byte(gid.New().String())).SetCreatedAt(k.clock).Exec(person)
		}
		there := func() int {
			n, err := d.BlacklistEntry.Query().Count(k.system)
			k.fine(err)
			return n
		}
		boom := errors.New("boom")
		err := db.WithTx(person, d, func(tx *db.Tx) error {
			return errors.Join(change(tx), audit.Record(person, tx, k.clock, audit.Act{Action: audit.Blacklisted}), boom)
		})
		if !errors.Is(err, boom) || there() != 0 || len(k.records()) != 0 {
			t.Errorf("rolled back: got %v, %d entries, %d records, want none", err, there(), len(k.records()))
		}
		err = db.WithTx(person, d, func(tx *db.Tx) error {
			return errors.Join(change(tx), audit.Record(person, tx, k.clock, audit.Act{}))
		})
		if err == nil || there() != 0 {
			t.Errorf("a record that fails: got %v and %d entries, want an error and none", err, there())
		}
		err = db.WithTx(person, d, change)
		if !errors.Is(err, db.ErrUnaudited) || !strings.Contains(err.Error(), "blacklist_entries") || there() != 0 {
			t.Errorf("without a record: got %v and %d entries, want ErrUnaudited and none", err, there())
		}
		k.fine(db.WithTx(person, d, func(tx *db.Tx) error {
			return errors.Join(change(tx), audit.Record(person, tx, k.clock, audit.Act{Action: audit.Blacklisted}))
		}))
		if there() != 1 || len(k.records()) != 1 {
			t.Errorf("got %d entries and %d records, want one of each", there(), len(k.records()))
		}
	})
}

func TestEveryColumnIsWritten(t *testing.T) {
	want := slices.Sorted(slices.Values(auditrecord.Columns))
	if got := slices.Sorted(slices.Values(audit.Columns)); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q; and recordHash is to cover each of them", got, want)
	}
}

// TestEveryColumnIsHashed changes one column after another.
func TestEveryColumnIsHashed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.sealed(1)
		k.open()
		id := k.records()[0].ID
		for _, column := range audit.Columns {
			value := any("x")
			switch column {
			case auditrecord.FieldID:
				continue // it would be another record
			case auditrecord.FieldAt:
				value = k.clock.Add(1000)
			case auditrecord.FieldActorID, auditrecord.FieldObjectID:
				value = gid.New()
			case auditrecord.FieldActorKind:
				value = "SOURCE"
			case auditrecord.FieldOutcome:
				value = "FAILED"
			}
			var old any
			rows, err := d.QueryContext(k.system, "SELECT "+column+" FROM audit_records")
			k.fine(err)
			for rows.Next() {
				k.fine(rows.Scan(&old))
			}
			k.fine(rows.Close())
			if b, ok := old.([]byte); ok {
				old = string(b)
			}
			k.fine(k.sql("UPDATE audit_records SET "+column+" = $2 WHERE id = $1", id, value))
			wantBreak(t, k.verify(), 1, audit.RecordChanged)
			k.fine(k.sql("UPDATE audit_records SET "+column+" = $2 WHERE id = $1", id, old))
			if v := k.verify(); !v.OK() {
				t.Fatalf("%s: got %+v with the old value, want that it holds", column, v.Break)
			}
		}
	})
}
