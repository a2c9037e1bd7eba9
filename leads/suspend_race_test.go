package leads_test

import (
	"context"
	"testing"

	"channelbook/ent"
	"channelbook/ent/distributor"
	"channelbook/ent/lead"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
)

func TestOneThatIsBeingSuspendedIsPassedOver(t *testing.T) {
	own := func(id gid.ID) func(*ent.LeadSourceCreate) {
		return func(s *ent.LeadSourceCreate) { s.SetDistributorID(id) }
	}
	for name, prepare := range map[string]func(b *book, ids []gid.ID) (act func() string, want string){
		"by round robin": func(b *book, _ []gid.ID) (func() string, string) {
			source := b.source()
			return func() string { return outcome(b.Accept(source, anna(1))) }, "ACCEPTED"
		},
		"the source's own": func(b *book, ids []gid.ID) (func() string, string) {
			source := b.source(own(ids[0]))
			return func() string { return outcome(b.Accept(source, anna(1))) }, "ACCEPTED"
		},
		"the one asked for": func(b *book, ids []gid.ID) (func() string, string) {
			source, in := b.source(), anna(1)
			in.DistributorID = gid.Distributor.Format(ids[0])
			return func() string { return outcome(b.Accept(source, in)) }, "ACCEPTED"
		},
		"the source's own at a release": func(b *book, ids []gid.ID) (func() string, string) {
			held := b.lead(b.source(own(ids[0]), func(s *ent.LeadSourceCreate) { s.SetRequireConsent(true) }), 1)
			return func() string {
				l, err := b.Release(b.admin, held.ID, "согласие прислано", byContract())
				return did("RELEASED", l, err)
			}, "RELEASED"
		},
		"the one that an administrator names": func(b *book, ids []gid.ID) (func() string, string) {
			l := b.lead(b.source(own(ids[1])), 1)
			return func() string {
				l, err := b.Reassign(b.admin, l.ID, &ids[0], "")
				return did("REASSIGNED", l, err)
			}, "DISTRIBUTOR_SUSPENDED"
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBook(t, dbtest.Postgres(t))
			ids := b.distributors(2)
			act, want := prepare(b, ids)
			var came <-chan string
			b.whileHeld(t, "UPDATE distributors SET status = 'SUSPENDED' WHERE company_name = 'D1'", func() error {
				came = begin(act)
				return b.wait(1)
			})
			if got := <-came; got != want {
				t.Errorf("it came to %s, want %s", got, want)
			}
			wantOwner(t, must(b.DB.Lead.Query().Where(lead.PhoneSealedNotNil()).Only(b.system)), ids[1])
		})
	}
}

// Once a suspension has been answered, nobody hands out another lead.
func TestASuspensionWaitsForTheLeadThatIsBeingHandedOut(t *testing.T) {
	b := newBook(t, dbtest.Postgres(t))
	ids := b.distributors(2)
	source := b.source(func(s *ent.LeadSourceCreate) { s.SetDistributorID(ids[0]) })
	var accepted, suspended <-chan string
	b.whileHeld(t, "LOCK TABLE leads IN SHARE MODE", func() error { // which the hand-out passes, and the storing does not
		accepted = begin(func() string { return outcome(b.Accept(source, anna(1))) })
		if err := b.wait(1); err != nil {
			return err
		}
		suspended = begin(func() string {
			err := b.DB.Distributor.UpdateOneID(ids[0]).SetStatus(distributor.StatusSUSPENDED).Exec(b.system)
			return did("SUSPENDED", nil, err)
		})
		return b.wait(2)
	})
	if a, s := <-accepted, <-suspended; a != "ACCEPTED" || s != "SUSPENDED" {
		t.Errorf("the lead came to %s and the suspension to %s, want ACCEPTED and SUSPENDED", a, s)
	}
	wantOwner(t, b.lead(source, 2), ids[1])
}

func TestHandOutsToOneDistributorGoOnBesideEachOther(t *testing.T) {
	b := newBook(t, dbtest.Postgres(t))
	ids := b.distributors(1)
	named := b.source(func(s *ent.LeadSourceCreate) { s.SetDistributorID(ids[0]) })
	b.whileHeld(t, "SELECT FROM distributors FOR SHARE", func() error {
		soon, cancel := context.WithTimeout(named, lockTimeout)
		defer cancel()
		if got := outcome(b.Accept(soon, anna(1))); got != "ACCEPTED" {
			t.Errorf("while another lead was being handed to it, a lead came to %s, want ACCEPTED", got)
		}
		return nil
	})
}
