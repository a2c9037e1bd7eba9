package leads_test

import (
	"testing"

	"channelbook/ent"
	"channelbook/ent/distributor"
	"channelbook/ent/lead"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/leads"
)

// declined is a lead of the source that its distributor has declined and nobody else got, rejected since.
func (b *book) declined(n int, with ...func(*ent.LeadSourceCreate)) gid.ID {
	b.t.Helper()
	l := b.lead(b.source(with...), n)
	must(b.Decline(b.as(*l.DistributorID), leads.Decline{LeadID: l.ID, Reason: "не наш регион"}))
	return must(b.Reject(b.admin, leads.Rejection{LeadID: l.ID, Reason: "некому отдать"})).ID
}

func wantNobodys(t testing.TB, l *ent.Lead) {
	t.Helper()
	if l.DistributorID != nil {
		t.Errorf("distributor is %v, want nobody", *l.DistributorID)
	}
}

func TestWhoDeclinedALeadNeverGetsItAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for name, own := range map[string]bool{"by round robin": false, "as the source's own": true} {
			t.Run(name, func(t *testing.T) {
				b := newBook(t, d)
				defer b.forgetDistributors()
				only := b.distributor("Ромашка")
				id := b.declined(1, func(s *ent.LeadSourceCreate) {
					if own {
						s.SetDistributorID(only)
					}
				})
				wantNobodys(t, must(b.Reopen(b.admin, id, "")))
				_, err := b.Reassign(b.admin, id, &only, "")
				wantFaults(t, err, "DISTRIBUTOR_DECLINED distributorId")
				wantNobodys(t, b.read(id))

				must(b.Reject(b.admin, leads.Rejection{LeadID: id, Reason: "некому отдать"}))
				other := b.distributor("Новая")
				wantOwner(t, must(b.Reopen(b.admin, id, "")), other)
			})
		}
	})
}

// forgetDistributors suspends all, for the next case, and removes the leads.
func (b *book) forgetDistributors() {
	b.empty()
	b.DB.Distributor.Update().SetStatus(distributor.StatusSUSPENDED).ExecX(b.system)
}

func TestAReleasedLeadGoesByItsSourcesRules(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		ids := b.distributors(3)
		b.suspend(ids[1])
		strict := func(s *ent.LeadSourceCreate) { s.SetRequireConsent(true) }
		for i, c := range []struct {
			name string
			with func(*ent.LeadSourceCreate)
			want gid.ID // zero: nobody
		}{
			{"to the source's own, whose turn it is not", func(s *ent.LeadSourceCreate) { s.SetDistributorID(ids[2]) }, ids[2]},
			{"to another instead of a suspended own", func(s *ent.LeadSourceCreate) { s.SetDistributorID(ids[1]) }, ids[0]},
			{"to one that is allowed, whose turn it is not", func(s *ent.LeadSourceCreate) { s.SetAllowedDistributorIds(ids[:1]) }, ids[0]},
			{"to nobody where those allowed are suspended", func(s *ent.LeadSourceCreate) { s.SetAllowedDistributorIds(ids[1:2]) }, gid.ID{}},
		} {
			t.Run(c.name, func(t *testing.T) {
				released := must(b.Release(b.admin, b.lead(b.source(strict, c.with), i).ID, "согласие прислано", byContract()))
				wantStatus(t, released, lead.StatusNEW)
				if c.want.IsZero() {
					wantNobodys(t, released)
					return
				}
				wantOwner(t, released, c.want)
			})
		}
	})
}

func TestAReleaseLooksAmongTheLeadsOfWhoGetsIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		ids := b.distributors(2)
		b.suspend(b.distributor("D3"))
		owned := func(id gid.ID, n int) {
			b.t.Helper()
			wantOwner(t, b.lead(b.source(func(s *ent.LeadSourceCreate) { s.SetDistributorID(id) }), n), id)
		}
		nobody := func(s *ent.LeadSourceCreate) { s.SetAllowedDistributorIds([]gid.ID{gid.New()}) }
		held := func(n int, with func(*ent.LeadSourceCreate)) gid.ID {
			l := b.lead(b.source(with, func(s *ent.LeadSourceCreate) { s.SetRequireConsent(true).SetDuplicateScope("DISTRIBUTOR") }), n)
			wantStatus(t, l, lead.StatusQUARANTINED)
			return l.ID
		}
		toSecond := func(s *ent.LeadSourceCreate) { s.SetDistributorID(ids[1]) }
		release := func(id gid.ID) error {
			_, err := b.Release(b.admin, id, "согласие прислано", byContract())
			return err
		}

		t.Run("another's equal lead is none", func(t *testing.T) {
			id := held(1, toSecond)
			owned(ids[0], 1)
			if err := release(id); err != nil {
				t.Errorf("got %v, want it let in", err)
			}
			wantOwner(t, b.read(id), ids[1])
		})
		t.Run("its own is one", func(t *testing.T) {
			id := held(2, toSecond)
			owned(ids[1], 2)
			wantFaults(t, release(id), "DUPLICATE_LEAD leadId")
			wantStatus(t, b.read(id), lead.StatusQUARANTINED)
		})
		t.Run("where nobody gets it, a distributor's is none", func(t *testing.T) {
			id := held(3, nobody)
			owned(ids[0], 3)
			if err := release(id); err != nil {
				t.Errorf("got %v, want it let in", err)
			}
			wantNobodys(t, b.read(id))
		})
		t.Run("where nobody gets it, nobody's is one", func(t *testing.T) {
			one, two := held(4, nobody), held(4, nobody)
			if err := release(two); err != nil {
				t.Errorf("got %v, want the first let in", err)
			}
			wantFaults(t, release(one), "DUPLICATE_LEAD leadId")
		})
	})
}

func TestABlockedLeadIsNotReopenedBesideAnEqualOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		owner := b.distributor("Ромашка")
		entry := b.block("PHONE", "+79120000001")
		source := b.source()
		blocked := b.lead(source, 1)
		wantStatus(t, blocked, lead.StatusBLOCKED)
		d.BlacklistEntry.DeleteOneID(entry).ExecX(b.system)
		equal := b.lead(source, 1)
		wantStatus(t, equal, lead.StatusNEW)

		_, err := b.Reopen(b.admin, blocked.ID, "проверено")
		wantFaults(t, err, "DUPLICATE_LEAD leadId")
		wantStatus(t, b.read(blocked.ID), lead.StatusBLOCKED)
		if got := b.timeline(b.admin, blocked.ID); got != "RECEIVED" {
			t.Errorf("refused, the timeline is %s, want RECEIVED alone", got)
		}

		b.put(equal.ID, lead.StatusBLOCKED)
		reopened := must(b.Reopen(b.admin, blocked.ID, "проверено"))
		wantStatus(t, reopened, lead.StatusNEW)
		wantOwner(t, reopened, owner)
	})
}

func TestAReopenedDuplicateIsOneNoLonger(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		b.distributor("Ромашка")
		source := b.source()
		b.lead(source, 1)
		duplicate := b.lead(source, 1)
		wantStatus(t, duplicate, lead.StatusDUPLICATE)
		reopened := must(b.Reopen(b.admin, duplicate.ID, "другой человек"))
		wantStatus(t, reopened, lead.StatusNEW)
		if reopened.DuplicateOfID != nil {
			t.Errorf("it is still linked to %v, want no link", *reopened.DuplicateOfID)
		}
	})
}

func TestNobodysLeadIsNotSold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		id := b.lead(b.source(), 1).ID
		_, err := registerSale(b.admin, b.Service, b.sale(id))
		wantFaults(t, err, "NO_DISTRIBUTOR leadId")
		if l := b.read(id); l.Status != lead.StatusNEW || l.Payout != 0 || !l.SoldOn.IsZero() {
			t.Errorf("refused, the lead is %v, want it untouched", l)
		}
		owner := b.distributor("Ромашка")
		must(b.Reassign(b.admin, id, &owner, ""))
		wantStatus(t, must(registerSale(b.admin, b.Service, b.sale(id))), lead.StatusSALE)
	})
}
