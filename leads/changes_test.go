package leads_test

import (
	"testing"

	entconsent "channelbook/ent/consent"
	"channelbook/ent/leadchange"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/leads"
	agreements "channelbook/personaldata/consent"
)

// TestEachActIsOneChange: whoever watches leads learns of every act on one, with whose lead it is since.
func TestEachActIsOneChange(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		ids := b.distributors(2)
		first, second := b.as(ids[0]), b.as(ids[1])
		source := b.source(strict)
		var last gid.ID
		// one checks that there is one change more, of this lead.
		one := func(act string, id gid.ID, whose *gid.ID) {
			t.Helper()
			rows := must(d.LeadChange.Query().Where(leadchange.IDGT(last)).Order(leadchange.ByID()).All(b.system))
			if len(rows) != 1 {
				t.Fatalf("%s: %d changes, want one", act, len(rows))
			}
			last = rows[0].ID
			got := rows[0].DistributorID
			if rows[0].LeadID != id || !rows[0].At.Equal(b.Now()) || (got == nil) != (whose == nil) || got != nil && *got != *whose {
				t.Errorf("%s: the change is %v, want of %v, now %v's", act, rows[0], id, whose)
			}
		}
		id := b.accept(source, agreeing(1)).LeadID
		one("accepted", id, &ids[0])
		one("a duplicate", b.accept(source, agreeing(1)).LeadID, nil)
		held := b.lead(source, 2).ID
		one("quarantined", held, nil)
		must(b.Release(b.admin, held, "согласие есть", byContract()))
		one("released", held, &ids[1])
		must(b.Take(first, id))
		one("taken", id, &ids[0])
		must(b.AddNote(first, id, "перезвонить"))
		one("noted", id, &ids[0])
		must(b.Decline(first, leads.Decline{LeadID: id, Reason: "нет"}))
		one("declined", id, &ids[1])
		must(b.Decline(second, leads.Decline{LeadID: id, Reason: "нет"}))
		one("declined by the last", id, nil)
		must(b.Reassign(b.admin, held, &ids[0], ""))
		one("reassigned", held, &ids[0])
		must(registerSale(b.admin, b.Service, b.sale(held)))
		one("sold", held, &ids[0])
		must(reverseSale(b.admin, b.Service, held, "возврат"))
		one("its sale taken back", held, &ids[0])
		must(b.Reject(b.admin, leads.Rejection{LeadID: held, Reason: "нет"}))
		one("rejected", held, &ids[0])
		must(b.Reopen(b.admin, held, ""))
		one("reopened", held, &ids[0])

		in := agreeing(3)
		in.Advertising = consent()
		agreed := b.accept(source, in).LeadID
		whose := b.read(agreed).DistributorID
		one("accepted with two consents", agreed, whose)
		records := b.consentsOf(agreed)
		must(b.withdraw(records[1].ID))
		one("advertising withdrawn", agreed, whose)
		must(b.withdraw(records[0].ID))
		one("restricted", agreed, whose)
		b.at("2026-03-02T09:00:00Z")
		must(b.consents().Record(b.admin, agreed, agreements.Given{TextVersion: "2026-09", GivenAt: b.Now(), How: entconsent.HowPAPER}))
		one("let be processed again", agreed, whose)
	})
}
