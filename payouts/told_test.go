package payouts_test

import (
	"slices"
	"testing"

	"channelbook/ent/notice"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/leads"
)

// TestASaleIsToldOnceItStandsInTheLedger: one that is refused by what is closed, or that another was before, is not told.
func TestASaleIsToldOnceItStandsInTheLedger(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		of := b.distributor("Ромашка")
		id := b.lead(of)
		want := func(after string, kinds ...string) {
			t.Helper()
			var got []string
			rows := must(d.Notice.Query().Where(notice.Object(gid.Lead.Format(id)), notice.KindIn(notice.KindSALE_REGISTERED, notice.KindSALE_REVERSED)).Order(notice.ByID()).All(b.system))
			for _, n := range rows {
				got = append(got, n.Kind.String())
				if n.DistributorID == nil || *n.DistributorID != of || n.Admins || n.Everyone || n.ExceptID != nil {
					t.Errorf("after %s: %s is for %v, want for the distributor's users alone", after, n.Kind, n)
				}
			}
			if !slices.Equal(got, kinds) {
				t.Errorf("after %s: told %v, want %v", after, got, kinds)
			}
		}
		b.close(month("2026-03-01"))
		_, err := b.RegisterSale(b.admin, leads.Sale{LeadID: id, Payout: kopecks(1), SoldOn: day("2026-03-31")})
		wantFaults(t, err, "PERIOD_CLOSED soldOn")
		want("a sale into a closed period")
		atOnce(8, func(i int) {
			_, err := b.RegisterSale(b.admin, leads.Sale{LeadID: id, Payout: kopecks(150_00)})
			if err != nil {
				wantFaults(t, err, "LEAD_STATUS leadId")
			}
		})
		want("eight at once", "SALE_REGISTERED")
		b.close(month("2026-04-01"))
		_, err = b.ReverseSale(b.admin, id, "возврат")
		wantFaults(t, err, "PERIOD_CLOSED")
		want("a reversal into a closed period", "SALE_REGISTERED")
		b.reopen(month("2026-04-01"))
		must(b.ReverseSale(b.admin, id, "возврат"))
		want("its reversal", "SALE_REGISTERED", "SALE_REVERSED")
	})
}
