package audit_test

import (
	"testing"

	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/personaldata/audit"
)

// exchange lets two links change their places.
func exchange(k *desk, a, b int) error {
	const spare = 99 // a place that nobody has
	for _, s := range [][2]int{{a, spare}, {b, a}, {spare, b}} {
		if err := k.sql("UPDATE audit_links SET place = $2 WHERE place = $1", s[0], s[1]); err != nil {
			return err
		}
	}
	return nil
}

func TestVerifyFindsDamage(t *testing.T) {
	for name, c := range map[string]struct {
		damage func(k *desk) error
		place  int64
		kind   audit.Kind
	}{
		"a record that was changed": {func(k *desk) error {
			return k.sql("UPDATE audit_records SET outcome = 'FAILED' WHERE id = $1", k.records()[2].ID)
		}, 3, audit.RecordChanged},
		"a text that moved from one column to the next": {func(k *desk) error {
			return k.sql("UPDATE audit_records SET request_id = NULL, user_agent = 'test/1request-1' WHERE id = $1", k.records()[2].ID)
		}, 3, audit.RecordChanged},
		"a record that is missing": {func(k *desk) error {
			return k.sql("DELETE FROM audit_records WHERE id = $1", k.records()[1].ID)
		}, 2, audit.RecordMissing},
		"a record that is missing with its link": {func(k *desk) error {
			id := k.records()[1].ID
			if err := k.sql("DELETE FROM audit_links WHERE record_id = $1", id); err != nil {
				return err
			}
			return k.sql("DELETE FROM audit_records WHERE id = $1", id)
		}, 2, audit.LinkMissing},
		"a link that is missing": {func(k *desk) error {
			return k.sql("DELETE FROM audit_links WHERE place = 4")
		}, 4, audit.LinkMissing},
		"two links that changed places": {func(k *desk) error { return exchange(k, 2, 4) }, 2, audit.RecordsReordered},
		"two records whose contents changed places": {func(k *desk) error {
			rows := k.records()
			a, b := rows[1], rows[3]
			if err := k.sql("UPDATE audit_records SET details = $2, object_id = $3 WHERE id = $1", a.ID, *b.Details, *b.ObjectID); err != nil {
				return err
			}
			return k.sql("UPDATE audit_records SET details = $2, object_id = $3 WHERE id = $1", b.ID, *a.Details, *a.ObjectID)
		}, 2, audit.RecordChanged},
		"links that changed their records": {func(k *desk) error {
			rows := k.records()
			for _, step := range []struct {
				place int
				id    any
			}{{2, "00000000-0000-0000-0000-000000000000"}, {4, rows[1].ID}, {2, rows[3].ID}} {
				if err := k.sql("UPDATE audit_links SET record_id = $2 WHERE place = $1", step.place, step.id); err != nil {
					return err
				}
			}
			return nil
		}, 2, audit.RecordsReordered},
		"a link with another hash": {func(k *desk) error {
			return k.sql("UPDATE audit_links SET hash = record_hash WHERE place = 3")
		}, 3, audit.LinkBroken},
		"a link with another record's hash": {func(k *desk) error {
			return k.sql("UPDATE audit_links SET record_hash = hash WHERE place = 3")
		}, 3, audit.LinkBroken},
		"a tail that was cut off": {func(k *desk) error {
			if err := k.sql("DELETE FROM audit_links WHERE place > 3"); err != nil {
				return err
			}
			return k.sql("DELETE FROM audit_records WHERE id > $1", k.records()[2].ID)
		}, 4, audit.TailCut},
		"a tail that was cut off with a head to fit": {func(k *desk) error {
			if err := k.sql("DELETE FROM audit_links WHERE place > 3"); err != nil {
				return err
			}
			return k.sql("UPDATE audit_heads SET count = 3, hash = (SELECT hash FROM audit_links WHERE place = 3)")
		}, 3, audit.HeadForged},
		"a head without its keyed hash": {func(k *desk) error {
			return k.sql("UPDATE audit_heads SET mac = hash")
		}, 5, audit.HeadForged},
		"a history begun anew, for the sealer to seal": {func(k *desk) error {
			if err := k.sql("DELETE FROM audit_links"); err != nil {
				return err
			}
			return k.sql("UPDATE audit_heads SET count = 0, hash = '', mac = ''")
		}, 0, audit.HeadForged},
		"a head that is gone": {func(k *desk) error { return k.sql("DELETE FROM audit_heads") }, 0, audit.HeadForged},
		"a checkpoint of somebody else's": {func(k *desk) error {
			return k.sql("INSERT INTO audit_checkpoints (place, hash, dropped, at, mac) SELECT place, hash, 4, '2026-11-23 09:00:00+00:00', hash FROM audit_links WHERE place = 4")
		}, 4, audit.CheckpointForged},
	} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				k := newDesk(t, d)
				k.sealed(5)
				if v := k.verify(); !v.OK() || v.Checked != 5 || v.Head.Count != 5 || v.Unsealed != 0 {
					t.Fatalf("before: got %+v, want 5 that hold", v)
				}
				k.open()
				k.fine(c.damage(k))
				wantBreak(t, k.verify(), c.place, c.kind)
			})
		})
	}
}

func TestVerifyNamesWhatHasNoPlaceYet(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		if v := k.verify(); !v.OK() || v.Unsealed != 0 || v.UnsealedSince != nil {
			t.Errorf("a new base: got %+v, want that it holds", v)
		}
		k.sealed(2)
		k.record(audit.Act{Action: audit.LeadTaken}, audit.Act{Action: audit.LeadNoted})
		v := k.verify()
		if !v.OK() || v.Checked != 2 || v.Unsealed != 2 || v.UnsealedSince == nil || !v.UnsealedSince.Equal(k.clock) {
			t.Errorf("got %+v, want 2 that hold and 2 without a place since %s", v, k.clock)
		}
	})
}

func TestVerifyHoldsTheChainAgainstTheHeadOfTheLog(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.sealed(3)
		then, err := audit.ParseHead(k.verify().Head.String())
		k.fine(err)
		k.sealed(2)
		if v, err := k.Verify(k.system, &then); err != nil || !v.OK() {
			t.Errorf("a head of before: got %+v, %v, want that it holds", v.Break, err)
		}
		longer := audit.Head{Count: 9, Hash: then.Hash}
		v, err := k.Verify(k.system, &longer)
		k.fine(err)
		wantBreak(t, v, 6, audit.TailCut)
		other := audit.Head{Count: 3, Hash: k.verify().Head.Hash}
		v, err = k.Verify(k.system, &other)
		k.fine(err)
		wantBreak(t, v, 3, audit.Rewritten)
	})
}

func TestParseHead(t *testing.T) {
	for _, s := range []string{"", "3", "3:", "x:00", "-1:00", "3:zz", "3:00"} {
		if head, err := audit.ParseHead(s); err == nil {
			t.Errorf("%q: got %v, want an error", s, head)
		}
	}
}
