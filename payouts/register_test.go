package payouts_test

import (
	"testing"

	"channelbook/ent/ledgerentry"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/leads"
	"channelbook/payouts"
)

func kopecks(n int64) *int64 { return &n }

func TestASaleIsOwedOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		of := b.distributor("Ромашка")
		done(d.Distributor.UpdateOneID(of).SetHoldingDays(14).Exec(b.system))
		t.Run("a sale is an accrual, held for the days agreed on", func(t *testing.T) {
			id := b.lead(of)
			must(b.RegisterSale(b.admin, leads.Sale{LeadID: id, Payout: kopecks(1500_00), SaleAmount: kopecks(99_000_00), SoldOn: day("2026-03-31")}))
			lines := b.ledger(id)
			wantLines(t, lines, "ACCRUAL 1 2026-03-31 150000 2026-04-14")
			if e := lines[0]; e.DistributorID != of || e.SaleAmount == nil || *e.SaleAmount != 99_000_00 || e.ActorID == nil {
				t.Errorf("got %v, want it for its distributor, with the sale's amount and who registered it", e)
			}
		})
		t.Run("sold, reversed and sold again is a second sale", func(t *testing.T) {
			id := b.sold(of, "2026-04-01", 100_00)
			b.at("2026-04-11T09:00:00Z")
			must(b.ReverseSale(b.admin, id, "клиент передумал"))
			b.at("2026-04-12T09:00:00Z")
			must(b.RegisterSale(b.admin, leads.Sale{LeadID: id, Payout: kopecks(120_00)}))
			lines := b.ledger(id)
			wantLines(t, lines, "ACCRUAL 1 2026-04-01 10000 2026-04-15", "REVERSAL 1 2026-04-11 -10000 2026-04-15", "ACCRUAL 2 2026-04-12 12000 2026-04-26")
			if e := lines[1]; e.ReversesID == nil || *e.ReversesID != lines[0].ID || e.Reason != "клиент передумал" {
				t.Errorf("got %v, want it to name the sale and the reason", e)
			}
			b.at(clock)
		})
		t.Run("the day of a reversal begins at midnight in Moscow", func(t *testing.T) {
			id := b.sold(of, "2026-04-01", 1)
			b.at("2026-04-30T21:30:00Z")
			must(b.ReverseSale(b.admin, id, "нет"))
			wantLines(t, b.ledger(id), "ACCRUAL 1 2026-04-01 1 2026-04-15", "REVERSAL 1 2026-05-01 -1 2026-05-01")
			b.at(clock)
		})
		t.Run("a test lead is sold and taken back, and owes nothing", func(t *testing.T) {
			id := b.lead(of, func(in *leads.Submission) { in.Test = true })
			must(b.RegisterSale(b.admin, leads.Sale{LeadID: id, Payout: kopecks(1)}))
			must(b.ReverseSale(b.admin, id, "нет"))
			wantLines(t, b.ledger(id))
		})
	})
}

func TestClosedPeriodsKeepTheirSales(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		of := b.distributor("Ромашка")
		march, february := b.sold(of, "2026-03-31", 100_00), b.sold(of, "2026-02-10", 50_00)
		b.close(month("2026-03-01"))
		t.Run("a sale into a closed period is refused together with all else that is wrong", func(t *testing.T) {
			id := b.lead(of)
			_, err := b.RegisterSale(b.admin, leads.Sale{LeadID: id, SaleAmount: kopecks(-1), SoldOn: day("2026-03-31")})
			wantFaults(t, err, "PERIOD_CLOSED soldOn", "PAYOUT_REQUIRED payout", "NEGATIVE saleAmount")
			_, err = b.RegisterSale(b.admin, leads.Sale{LeadID: gid.New(), Payout: kopecks(1), SoldOn: day("2026-03-01")})
			wantFaults(t, err, "PERIOD_CLOSED soldOn", "NOT_FOUND leadId")
			wantLines(t, b.ledger(id))
		})
		t.Run("the days around it are open", func(t *testing.T) {
			b.sold(of, "2026-02-28", 1)
			b.sold(of, "2026-04-01", 1)
		})
		t.Run("a reversal of its sale is a correction of today", func(t *testing.T) {
			must(b.ReverseSale(b.admin, march, "возврат"))
			wantLines(t, b.ledger(march), "ACCRUAL 1 2026-03-31 10000 2026-03-31", "REVERSAL 1 2026-04-10 -10000 2026-04-10 correction")
		})
		t.Run("a reversal of another sale is none", func(t *testing.T) {
			must(b.ReverseSale(b.admin, february, "возврат"))
			wantLines(t, b.ledger(february), "ACCRUAL 1 2026-02-10 5000 2026-02-10", "REVERSAL 1 2026-04-10 -5000 2026-04-10")
		})
		t.Run("a closed quarter and a closed year close their days", func(t *testing.T) {
			for _, p := range []calendar.Period{{Kind: calendar.Quarter, StartsOn: *day("2026-04-01")}, {Kind: calendar.Year, StartsOn: *day("2026-01-01")}} {
				b.close(p)
				_, err := b.RegisterSale(b.admin, leads.Sale{LeadID: b.lead(of), Payout: kopecks(1), SoldOn: day("2026-04-05")})
				wantFaults(t, err, "PERIOD_CLOSED soldOn")
				_, err = b.ReverseSale(b.admin, march, "")
				wantFaults(t, err, "PERIOD_CLOSED", "REQUIRED reason")
				b.reopen(p)
			}
		})
	})
}

func TestOnlyAdministratorsWriteTheLedger(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		of := b.distributor("Ромашка")
		id := b.lead(of)
		its := b.as(of)
		_, err := b.RegisterSale(its, leads.Sale{LeadID: id, Payout: kopecks(1)})
		wantFaults(t, err, "FORBIDDEN")
		_, err = b.ReverseSale(its, id, "нет")
		wantFaults(t, err, "FORBIDDEN")
	})
}

// TestOfManySalesAtOnceOneIsOwed: whoever registers and reverses, on whichever instance, one accrual and one reversal come
// of it.
func TestOfManySalesAtOnceOneIsOwed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const rounds, each = 8, 8
		b := newBook(t, d)
		of := b.distributor("Ромашка")
		instances := []*payouts.Service{b.Service, service(t, dbtest.Second(t, d), b.Now)}
		var sales, reversals tally
		for range rounds {
			id := b.lead(of)
			atOnce(each, func(i int) {
				_, err := instances[i%2].RegisterSale(b.admin, leads.Sale{LeadID: id, Payout: kopecks(1)})
				sales.add(err)
			})
			atOnce(each, func(i int) {
				_, err := instances[i%2].ReverseSale(b.admin, id, "нет")
				reversals.add(err)
			})
			wantLines(t, b.ledger(id), "ACCRUAL 1 2026-04-10 1 2026-04-10", "REVERSAL 1 2026-04-10 -1 2026-04-10")
		}
		want := map[string]int{"done": rounds, "LEAD_STATUS": rounds * (each - 1)}
		sales.want(t, want)
		reversals.want(t, want)
		t.Run("both at once keep pairs", func(t *testing.T) {
			id := b.lead(of)
			atOnce(24, func(i int) {
				if i%2 == 0 {
					_, _ = instances[i/2%2].RegisterSale(b.admin, leads.Sale{LeadID: id, Payout: kopecks(1)})
				} else {
					_, _ = instances[i/2%2].ReverseSale(b.admin, id, "нет")
				}
			})
			kinds := map[ledgerentry.Kind]int{}
			for _, e := range b.ledger(id) {
				kinds[e.Kind]++
			}
			status := must(d.Lead.Get(b.system, id)).Status
			open := kinds[ledgerentry.KindACCRUAL] - kinds[ledgerentry.KindREVERSAL]
			if open < 0 || open > 1 || (open == 1) != (status == "SALE") {
				t.Errorf("got %v and a lead that is %s, want an accrual that is not reversed where it is sold", kinds, status)
			}
		})
	})
}
