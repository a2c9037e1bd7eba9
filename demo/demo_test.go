package demo_test

import (
	"math"
	"testing"
	"time"

	"channelbook/accounts"
	"channelbook/demo"
	"channelbook/distributors"
	"channelbook/ent/absence"
	"channelbook/ent/distributor"
	"channelbook/ent/lead"
	"channelbook/ent/ledgerentry"
	"channelbook/ent/payoutstatement"
	"channelbook/ent/period"
	"channelbook/ent/sealed"
	"channelbook/goals"
	"channelbook/internal/album"
	"channelbook/internal/auth"
	"channelbook/internal/contact"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/files"
	"channelbook/internal/requisites"
	"channelbook/leads"
	"channelbook/leads/figures"
	"channelbook/notify"
	"channelbook/payouts"
	"channelbook/personaldata/consent"
)

// now is where the story ends.
var now = time.Date(2026, 11, 25, 15, 0, 0, 0, time.UTC)

func services(t *testing.T, d *db.DB) demo.Services {
	t.Helper()
	moscow, err := time.LoadLocation("Europe/Moscow")
	if err != nil {
		t.Fatal(err)
	}
	keys := dbtest.Keys()
	store, err := files.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	clock, log := &demo.Clock{}, dbtest.Log(t)
	pictures := &album.Album{DB: d, Store: store, Now: clock.Now, Log: log}
	taking := &leads.Service{DB: d, Now: clock.Now, TimeZone: moscow, Keys: keys, Log: log}
	counted := &figures.Service{DB: d, Now: clock.Now, TimeZone: moscow, Log: log}
	return demo.Services{
		Clock: clock, TimeZone: moscow,
		Accounts:     &accounts.Service{DB: d, Now: clock.Now, Log: log, Album: pictures, Keys: keys},
		Distributors: &distributors.Service{DB: d, Now: clock.Now, TimeZone: moscow, Album: pictures, Keys: keys},
		Leads:        taking,
		Goals:        &goals.Service{DB: d, Now: clock.Now, TimeZone: moscow, Log: log},
		Payouts:      &payouts.Service{DB: d, Now: clock.Now, TimeZone: moscow, Leads: taking},
		Consents:     &consent.Service{DB: d, Now: clock.Now, Changed: counted.Changed},
		Notify:       &notify.Service{DB: d, Now: clock.Now, Log: log},
	}
}

func TestTheDemoIsBelievable(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		filled, err := demo.Fill(t.Context(), services(t, d), demo.Story{Now: now, Months: told, AdminPassword: "a long enough password"})
		if err != nil {
			t.Fatal(err)
		}
		ctx := auth.AsSystem(t.Context(), "test")
		t.Run("it is as large as promised", func(t *testing.T) {
			if least, most := 1700*told/demo.Year, 2300*told/demo.Year; filled.Distributors != 12 || filled.Leads < least || filled.Leads > most {
				t.Errorf("got %d distributors and %d leads, want 12 and %d to %d", filled.Distributors, filled.Leads, least, most)
			}
			if n := d.Lead.Query().CountX(ctx); n != filled.Leads {
				t.Errorf("got %d leads in the base, want %d", n, filled.Leads)
			}
			if filled.Admin != (demo.Login{Login: "admin", Password: "a long enough password"}) || filled.Distributor.Login == "" || len(filled.Distributor.Password) < 8 {
				t.Errorf("got the logins %+v, want those to try it with", filled)
			}
		})
		t.Run("leads are spread over twelve months and all states", func(t *testing.T) {
			months, states := map[string]int{}, map[lead.Status]int{}
			for _, l := range d.Lead.Query().AllX(ctx) {
				if l.ReceivedAt.After(now) || l.UpdatedAt.After(now) || l.ReceivedAt.Before(now.AddDate(0, -told, -5)) {
					t.Fatalf("got a lead of %s, updated %s, want it within the year", l.ReceivedAt, l.UpdatedAt)
				}
				months[l.ReceivedAt.Format("2006-01")]++
				states[l.Status]++
			}
			for month, n := range months {
				if n < 60 && month != now.AddDate(0, -told, 0).Format("2006-01") {
					t.Errorf("got %d leads in %s, want a year without a gap", n, month)
				}
			}
			for status, least := range map[lead.Status]int{
				lead.StatusNEW: 20, lead.StatusIN_PROGRESS: 100, lead.StatusSALE: 200, lead.StatusREJECTED: 400,
				lead.StatusDUPLICATE: 20, lead.StatusBLOCKED: 5, lead.StatusQUARANTINED: 10, lead.StatusOVER_CAP: 6,
			} {
				if least = least * told / demo.Year; states[status] < least {
					t.Errorf("got %d leads %s, want %d or more: %v", states[status], status, least, states)
				}
			}
		})
		t.Run("requisites and phones are valid, and every kind of terms is there", func(t *testing.T) {
			rules := map[distributor.PayoutRule]int{}
			for _, c := range d.Distributor.Query().WithUsers().AllX(ctx) {
				rules[c.PayoutRule]++
				wrong := requisites.Set{requisites.FieldINN: c.Inn, requisites.FieldKPP: c.Kpp, requisites.FieldOGRN: c.Ogrn, requisites.FieldBIK: c.BankBik,
					requisites.FieldAccount: c.BankAccount, requisites.FieldCorrespondentAccount: c.BankCorrespondentAccount}.Together(func(string) bool { return true }, func(string) bool { return false })
				if err := requisites.INN(c.Inn); err != nil || requisites.OGRN(c.Ogrn) != nil || len(wrong) > 0 {
					t.Errorf("%s: got %v, %v, want valid requisites", c.CompanyName, err, wrong)
				}
				if _, err := contact.Phone(dbtest.Opened(t, sealed.DistributorPhone, c.ID, c.PhoneSealed)); err != nil || c.LogoID == nil || len(c.Edges.Users) == 0 {
					t.Errorf("%s: want a phone, a logo and a user", c.CompanyName)
				}
			}
			if len(rules) != 3 {
				t.Errorf("got the rules %v, want all three", rules)
			}
			if n := d.Absence.Query().Where(absence.HasDistributor()).CountX(ctx); n != 3 {
				t.Errorf("got %d absences, want 3", n)
			}
		})
		t.Run("whatever is worked has a legal basis, and some have withdrawn their consent", func(t *testing.T) {
			if n := d.Lead.Query().Where(lead.LegalBasisIsNil(), lead.StatusIn(lead.StatusNEW, lead.StatusIN_PROGRESS, lead.StatusSALE, lead.StatusREJECTED)).CountX(ctx); n != 0 {
				t.Errorf("got %d leads without a legal basis, want none", n)
			}
			given, withdrawn := d.Consent.Query().CountX(ctx), d.Lead.Query().Where(lead.RestrictedAtNotNil(), lead.DestroyByNotNil()).CountX(ctx)
			if given < filled.Leads || withdrawn != 3 {
				t.Errorf("got %d consents and %d withdrawn, want one or more for most leads and 3 withdrawn", given, withdrawn)
			}
		})
		t.Run("goals, closed months, statements and a correction are there", func(t *testing.T) {
			months := told - 1 // but for the present one and the last that is over
			if n := d.Period.Query().Where(period.StatusEQ(period.StatusCLOSED)).CountX(ctx); n < months-1 || n > months {
				t.Errorf("got %d closed months, want %d or one less", n, months)
			}
			if n := d.Goal.Query().CountX(ctx); n < 12*3*told {
				t.Errorf("got %d goals, want three a month for each distributor", n)
			}
			for _, status := range []payoutstatement.Status{payoutstatement.StatusDRAFT, payoutstatement.StatusAPPROVED, payoutstatement.StatusPAID} {
				if n := d.PayoutStatement.Query().Where(payoutstatement.StatusEQ(status)).CountX(ctx); n == 0 && told == demo.Year { // a few weeks bring none
					t.Errorf("got no statements %s, want some", status)
				}
			}
			if n := d.LedgerEntry.Query().Where(ledgerentry.Correction(true)).CountX(ctx); n != 1 {
				t.Errorf("got %d corrections, want 1", n)
			}
		})
		t.Run("people were told of it, and have left the last days unread", func(t *testing.T) { wantFeeds(t, d, filled, now, told) })
		t.Run("sums agree with the rules by which they came", func(t *testing.T) {
			for _, l := range d.Lead.Query().Where(lead.StatusEQ(lead.StatusSALE)).WithDistributor().AllX(ctx) {
				want, ok := distributors.PayoutFor(l.Edges.Distributor, l.SaleAmount)
				if ok && l.Payout != want || l.Payout <= 0 || math.Abs(float64(l.Payout)) > float64(*l.SaleAmount) {
					t.Errorf("got a payout of %d for a sale of %d, want %d", l.Payout, *l.SaleAmount, want)
				}
			}
		})
	})
}
