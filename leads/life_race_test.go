package leads_test

import (
	"fmt"
	"slices"
	"testing"

	"channelbook/ent"
	"channelbook/ent/lead"
	"channelbook/ent/leadevent"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/leads"
)

// did names what an act came to.
func did(what string, _ *ent.Lead, err error) string {
	if err != nil {
		return outcome(leads.Accepted{}, err)
	}
	return what
}

func TestOfTwoActsAtOnceOneWins(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const rounds = 10
		b := newBook(t, d)
		owner := b.distributor("Ромашка")
		its := b.as(owner)
		source := b.source()
		two := b.on(dbtest.Second(t, d))
		person := 0
		for name, c := range map[string]struct {
			from lead.Status
			acts []func(s *leads.Service, id gid.ID) (*ent.Lead, error)
		}{
			"taken twice": {lead.StatusNEW, []func(s *leads.Service, id gid.ID) (*ent.Lead, error){
				func(s *leads.Service, id gid.ID) (*ent.Lead, error) { return s.Take(its, id) },
			}},
			"sold and rejected": {lead.StatusIN_PROGRESS, []func(s *leads.Service, id gid.ID) (*ent.Lead, error){
				func(s *leads.Service, id gid.ID) (*ent.Lead, error) { return registerSale(b.admin, s, b.sale(id)) },
				func(s *leads.Service, id gid.ID) (*ent.Lead, error) {
					return s.Reject(its, leads.Rejection{LeadID: id, Reason: "нет"})
				},
			}},
			"reversed twice": {lead.StatusSALE, []func(s *leads.Service, id gid.ID) (*ent.Lead, error){
				func(s *leads.Service, id gid.ID) (*ent.Lead, error) { return reverseSale(b.admin, s, id, "нет") },
			}},
			"released twice": {lead.StatusQUARANTINED, []func(s *leads.Service, id gid.ID) (*ent.Lead, error){
				func(s *leads.Service, id gid.ID) (*ent.Lead, error) {
					return s.Release(b.admin, id, "да", byContract())
				},
			}},
		} {
			t.Run(name, func(t *testing.T) {
				var got tally
				for range rounds {
					person++
					id := b.lead(source, person).ID
					b.put(id, c.from)
					atOnce(6, 6, func(i int) {
						l, err := c.acts[i%len(c.acts)]([]*leads.Service{b.Service, two}[i/2%2], id)
						got.add(did("done", l, err))
					})
					if n := must(d.LeadEvent.Query().Where(leadevent.LeadID(id), leadevent.ActorIDNotNil(),
						leadevent.KindNotIn(leadevent.KindASSIGNED, leadevent.KindUNASSIGNED)).Count(b.system)); n != 1 {
						t.Errorf("the timeline has %d acts, want 1", n)
					}
				}
				got.want(t, map[string]int{"done": rounds, "LEAD_STATUS": 5 * rounds})
			})
		}
	})
}

func TestAReleaseAndEqualLeadsAtOnceBringOneIn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const rounds = 10
		b := newBook(t, d)
		b.distributors(2)
		strict := b.source(func(s *ent.LeadSourceCreate) { s.SetRequireConsent(true) })
		source := b.source()
		for round := range rounds {
			held := b.lead(strict, round)
			var got tally
			atOnce(6, 6, func(i int) {
				if i == 0 {
					l, err := b.Release(b.admin, held.ID, "согласие прислано", byContract())
					got.add(did("RELEASED", l, err))
					return
				}
				got.add(outcome(b.Accept(source, anna(round))))
			})
			if in := got.count["RELEASED"] + got.count["ACCEPTED"]; in != 1 || got.count["DUPLICATE"]+got.count["DUPLICATE_LEAD"] != 5 {
				t.Errorf("got %v, want one lead in and the others turned away", got.count)
			}
		}
	})
}

func TestDeclinesAndIntakeAtOnceKeepEverybodysTurn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const n = 40
		b := newBook(t, d)
		ids := b.distributors(4)
		source := b.source(func(s *ent.LeadSourceCreate) { s.SetDailyCap(1000) })
		var given []*ent.Lead
		for i := range n {
			given = append(given, b.lead(source, i))
		}
		its := map[gid.ID]func(id gid.ID) error{}
		for _, id := range ids {
			ctx := b.as(id)
			its[id] = func(l gid.ID) error {
				_, err := b.Decline(ctx, leads.Decline{LeadID: l, Reason: "нет"})
				return err
			}
		}
		var got tally
		atOnce(2*n, 20, func(i int) {
			if i%2 == 0 {
				l := given[i/2]
				got.add(fmt.Sprint("declined ", its[*l.DistributorID](l.ID)))
				return
			}
			got.add(outcome(b.Accept(source, anna(n+i))))
		})
		got.want(t, map[string]int{"declined <nil>": n, "ACCEPTED": n})
		shares := b.shares(ids)
		if total := shares[0] + shares[1] + shares[2] + shares[3]; total != 2*n {
			t.Errorf("the distributors have %v leads, want %d in all", shares, 2*n)
		}
		if slices.Max(shares)-slices.Min(shares) > n/4 {
			t.Errorf("the distributors have %v leads, want no one left out", shares)
		}
		for _, l := range given {
			if now := b.read(l.ID); now.DistributorID == nil || *now.DistributorID == *l.DistributorID {
				t.Errorf("a lead that %v declined is %v's, want another's", l.DistributorID, now.DistributorID)
			}
		}
	})
}
