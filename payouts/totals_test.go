package payouts_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"channelbook/ent"
	"channelbook/ent/ledgerentry"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/payouts"
)

// summed are totals as "label: accrued reversed count".
func (b *book) summed(ctx context.Context, by payouts.Group, f payouts.Filter) []string {
	b.t.Helper()
	got := []string{}
	for _, t := range must(b.Totals(ctx, by, f)) {
		got = append(got, fmt.Sprintf("%s: %d %d %d", t.Label, t.Accrued, t.Reversed, t.EntryCount))
	}
	return got
}

func TestTheLedgerIsAddedUp(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		roma, vasya := b.distributor("Ромашка"), b.distributor("Василёк")
		its := b.as(roma)
		back := b.sold(roma, "2026-01-15", 10_00)
		b.sold(roma, "2026-02-28", 20_00)
		b.sold(roma, "2026-03-31", 40_00)
		b.sold(vasya, "2026-03-01", 500_00)
		must(b.ReverseSale(b.admin, back, "возврат")) // in April
		b.close(february)
		draft := must(b.DrawUp(b.admin, roma, february))
		yes, no := true, false
		stranger := b.lead(vasya)
		for name, c := range map[string]struct {
			ctx  context.Context
			by   payouts.Group
			f    payouts.Filter
			want []string
		}{
			"by month":                    {b.admin, payouts.ByMonth, payouts.Filter{}, []string{"Январь 2026: 1000 0 1", "Февраль 2026: 2000 0 1", "Март 2026: 54000 0 2", "Апрель 2026: 0 -1000 1"}},
			"by quarter":                  {b.admin, payouts.ByQuarter, payouts.Filter{}, []string{"I квартал 2026: 57000 0 4", "II квартал 2026: 0 -1000 1"}},
			"by year, its own":            {its, payouts.ByYear, payouts.Filter{}, []string{"2026 год: 7000 -1000 4"}},
			"by distributor":              {b.admin, payouts.ByDistributor, payouts.Filter{}, []string{"Василёк: 50000 0 1", "Ромашка: 7000 -1000 4"}},
			"by distributor, its own":     {its, payouts.ByDistributor, payouts.Filter{}, []string{"Ромашка: 7000 -1000 4"}},
			"by statement":                {b.admin, payouts.ByStatement, payouts.Filter{}, []string{"Ромашка: ведомость за февраль 2026: 3000 -1000 3", "Без ведомости: 54000 0 2"}},
			"to its own user no draft is": {its, payouts.ByStatement, payouts.Filter{}, []string{"Без ведомости: 7000 -1000 4"}},
			"half-open dates":             {b.admin, payouts.ByMonth, payouts.Filter{From: day("2026-02-28"), To: day("2026-03-31")}, []string{"Февраль 2026: 2000 0 1", "Март 2026: 50000 0 1"}},
			"reversals":                   {b.admin, payouts.ByYear, payouts.Filter{Kinds: []ledgerentry.Kind{ledgerentry.KindREVERSAL}}, []string{"2026 год: 0 -1000 1"}},
			"no corrections yet":          {b.admin, payouts.ByYear, payouts.Filter{Corrections: &yes}, []string{}},
			"on a statement":              {b.admin, payouts.ByYear, payouts.Filter{StatementID: &draft.ID}, []string{"2026 год: 3000 -1000 3"}},
			"on a draft that is hidden":   {its, payouts.ByYear, payouts.Filter{StatementID: &draft.ID}, []string{}},
			"unsettled":                   {b.admin, payouts.ByYear, payouts.Filter{Unsettled: &yes, DistributorIDs: []gid.ID{roma}}, []string{"2026 год: 4000 0 1"}},
			"settled":                     {b.admin, payouts.ByYear, payouts.Filter{Unsettled: &no}, []string{"2026 год: 3000 -1000 3"}},
			"settled, as its user sees":   {its, payouts.ByYear, payouts.Filter{Unsettled: &no}, []string{}},
			"of a lead":                   {its, payouts.ByMonth, payouts.Filter{LeadID: &back}, []string{"Январь 2026: 1000 0 1", "Апрель 2026: 0 -1000 1"}},
			"of a lead of another":        {its, payouts.ByMonth, payouts.Filter{LeadID: &stranger}, []string{}},
			"of another distributor":      {its, payouts.ByMonth, payouts.Filter{DistributorIDs: []gid.ID{vasya}}, []string{}},
		} {
			t.Run(name, func(t *testing.T) {
				if got := b.summed(c.ctx, c.by, c.f); !slices.Equal(got, c.want) {
					t.Errorf("got %q, want %q", got, c.want)
				}
			})
		}
		t.Run("a correction is found by being one", func(t *testing.T) {
			b.close(march)
			lead := must(d.LedgerEntry.Query().Where(ledgerentry.DistributorID(vasya)).Only(b.system)).LeadID
			must(b.ReverseSale(b.admin, lead, "возврат"))
			if got, want := b.summed(b.admin, payouts.ByDistributor, payouts.Filter{Corrections: &yes}), []string{"Василёк: 0 -50000 1"}; !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
		t.Run("nobody else reads it", func(t *testing.T) {
			_, err := b.Totals(b.source, payouts.ByYear, payouts.Filter{})
			wantFaults(t, err, "FORBIDDEN")
			_, err = b.Balances(context.Background(), []gid.ID{roma})
			wantFaults(t, err, "UNAUTHENTICATED")
		})
	})
}

func TestABalanceTellsHowADistributorStands(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		of, none := b.distributor("Ромашка"), b.distributor("Новые")
		its := b.as(of)
		first := b.sold(of, "2026-01-10", 100_00)
		b.sold(of, "2026-02-10", 20_00)
		b.sold(of, "2026-03-10", 3_00)
		done(d.Distributor.UpdateOneID(of).SetHoldingDays(30).Exec(b.system))
		b.sold(of, "2026-03-30", 7_00)
		january := month("2026-01-01")
		for _, p := range []calendar.Period{january, february, march} {
			b.close(p)
		}
		paid := must(b.DrawUp(b.admin, of, january))
		must(b.Approve(b.other, paid.ID, nil))
		must(b.MarkPaid(b.admin, paid.ID, nil, ""))
		must(b.DrawUp(b.admin, of, february))
		want := payouts.Balance{Owed: 30_00, Held: 7_00, InStatements: 20_00, Available: 3_00, Paid: 100_00}
		if got := must(b.Balances(b.admin, []gid.ID{of, none})); got[of] != want || got[none] != (payouts.Balance{}) {
			t.Errorf("got %+v, want %+v, and nothing for who has sold nothing", got, want)
		}
		t.Run("its own user learns of no draft", func(t *testing.T) {
			want := payouts.Balance{Owed: 30_00, Held: 7_00, Available: 23_00, Paid: 100_00}
			if got := must(b.Balances(its, []gid.ID{of, none})); got[of] != want {
				t.Errorf("got %+v, want %+v", got[of], want)
			}
		})
		t.Run("what was paid and reversed since is owed back", func(t *testing.T) {
			must(b.ReverseSale(b.admin, first, "возврат"))
			want := payouts.Balance{Owed: -70_00, Held: 7_00, InStatements: 20_00, Available: -97_00, Paid: 100_00}
			if got := must(b.Balances(b.admin, []gid.ID{of})); got[of] != want {
				t.Errorf("got %+v, want %+v", got[of], want)
			}
		})
	})
}

func TestTooManyTotalsAreRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		lead := b.lead(b.distributor("Ромашка"))
		var companies []*ent.DistributorCreate
		for range 1001 {
			companies = append(companies, d.Distributor.Create().SetCompanyName("А").SetCompanyNameFold("а").SetCreatedAt(b.Now()).SetUpdatedAt(b.Now()))
		}
		var lines []*ent.LedgerEntryCreate
		for i, c := range must(d.Distributor.CreateBulk(companies...).Save(b.system)) {
			lines = append(lines, d.LedgerEntry.Create().SetDistributorID(c.ID).SetLeadID(lead).SetKind(ledgerentry.KindACCRUAL).SetSaleNumber(i+1).
				SetDay(&march.StartsOn).SetAmount(1).SetAvailableOn(&march.StartsOn).SetCreatedAt(b.Now()))
		}
		must(d.LedgerEntry.CreateBulk(lines...).Save(b.system))
		_, err := b.Totals(b.admin, payouts.ByDistributor, payouts.Filter{})
		wantFaults(t, err, "TOO_MANY_ROWS filter")
		if all := must(b.Totals(b.admin, payouts.ByYear, payouts.Filter{})); len(all) != 1 || all[0].Accrued != 1001 {
			t.Errorf("got %v, want one year of them all", all)
		}
	})
}
