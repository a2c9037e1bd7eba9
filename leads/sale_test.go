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

func TestASaleIsPaidByTheDistributorsRule(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		owner := b.distributor("Ромашка")
		source := b.source()
		n := 0
		next := func() gid.ID { n++; return b.lead(source, n).ID }
		ruled := func(set func(*ent.DistributorUpdateOne)) {
			update := d.Distributor.UpdateOneID(owner)
			set(update)
			if err := update.Exec(b.system); err != nil {
				t.Fatal(err)
			}
		}
		fixed := func(u *ent.DistributorUpdateOne) {
			u.SetPayoutRule(distributor.PayoutRuleFIXED).SetPayoutFixed(150_050)
		}
		percent := func(u *ent.DistributorUpdateOne) {
			u.SetPayoutRule(distributor.PayoutRulePERCENT).SetPayoutPercent(12_50)
		}
		for name, c := range map[string]struct {
			rule func(*ent.DistributorUpdateOne)
			sale leads.Sale
			want int64
		}{
			"the same for each":               {fixed, leads.Sale{}, 150_050},
			"a part of the sale":              {percent, leads.Sale{SaleAmount: kopecks(100_000)}, 12_500},
			"what is given comes before both": {percent, leads.Sale{SaleAmount: kopecks(100_000), Payout: kopecks(7)}, 7},
		} {
			ruled(c.rule)
			c.sale.LeadID = next()
			sold, err := registerSale(b.admin, b.Service, c.sale)
			if err != nil || sold.Payout != c.want || sold.Status != lead.StatusSALE {
				t.Errorf("%s: got %v, %v, want a payout of %d", name, sold, err, c.want)
			}
		}
		ruled(percent)
		id := next()
		_, err := registerSale(b.admin, b.Service, leads.Sale{LeadID: id})
		wantFaults(t, err, "PAYOUT_REQUIRED payout")
		wantStatus(t, b.read(id), lead.StatusNEW)
		_, err = registerSale(b.admin, b.Service, leads.Sale{LeadID: gid.New(), Payout: kopecks(-1)})
		wantFaults(t, err, "NOT_FOUND leadId", "NEGATIVE payout")
	})
}
