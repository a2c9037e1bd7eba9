package distributors_test

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/shopspring/decimal"

	"channelbook/distributors"
	"channelbook/ent"
	"channelbook/ent/distributor"
	"channelbook/ent/values"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
)

func sum(s string) *decimal.Decimal {
	d := decimal.RequireFromString(s)
	return &d
}

func on(weekday, from, to string) values.WorkingHours {
	return values.WorkingHours{Weekday: weekday, From: from, To: to}
}

// termsOf are the terms that a row holds.
func termsOf(row *ent.Distributor) distributors.Terms {
	t := distributors.Terms{
		Payout: distributors.PayoutRule{Kind: row.PayoutRule}, HoldingDays: row.HoldingDays, MinimumPayout: row.PayoutMinimum, AcceptanceHours: row.AcceptanceHours,
		DailyLeadCap: row.DailyLeadCap, MonthlyLeadCap: row.MonthlyLeadCap, OpenLeadCap: row.OpenLeadCap,
		Timezone: row.Timezone, WorkingHours: row.WorkingHours,
	}
	if row.PayoutFixed != nil {
		t.Payout.Amount = sum(decimal.New(*row.PayoutFixed, -2).StringFixed(2))
	}
	if row.PayoutPercent != nil {
		t.Payout.Percent = sum(decimal.New(*row.PayoutPercent, -2).StringFixed(2))
	}
	return t
}

func TestTerms(t *testing.T) {
	agreed := distributors.Terms{
		Payout:      distributors.PayoutRule{Kind: distributor.PayoutRulePERCENT, Percent: sum("12.50")},
		HoldingDays: 14, MinimumPayout: 500_00, AcceptanceHours: new(8), DailyLeadCap: new(20), MonthlyLeadCap: new(300), OpenLeadCap: new(50),
		Timezone: "Asia/Vladivostok", WorkingHours: []values.WorkingHours{on("MONDAY", "09:00", "13:00"), on("MONDAY", "14:00", "24:00"), on("SUNDAY", "00:00", "06:30")},
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(d)
		t.Run("a new distributor's are entered by hand and bound by nothing", func(t *testing.T) {
			row := create(t, s)
			want := distributors.Terms{Payout: distributors.PayoutRule{Kind: distributor.PayoutRuleMANUAL}}
			if got := termsOf(row); !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
			if hours := distributors.HoursOf(row); len(hours) != 5 || hours[4] != on("FRIDAY", "09:00", "18:00") {
				t.Errorf("got %v, want the usual week", hours)
			}
		})
		t.Run("they are stored, the week in order", func(t *testing.T) {
			given := agreed
			given.WorkingHours = []values.WorkingHours{agreed.WorkingHours[2], agreed.WorkingHours[1], agreed.WorkingHours[0]}
			row := create(t, s)
			if _, err := s.SetTerms(admin, row.ID, given); err != nil {
				t.Fatal(err)
			}
			if got := termsOf(read(t, s, row.ID)); fmt.Sprint(got) == "" || !reflect.DeepEqual(got, agreed) {
				t.Errorf("got %+v, want %+v", got, agreed)
			}
		})
		t.Run("what is not given any more is gone", func(t *testing.T) {
			row := create(t, s)
			for _, terms := range []distributors.Terms{agreed, {Payout: distributors.PayoutRule{Kind: distributor.PayoutRuleFIXED, Amount: sum("1500.50")}}} {
				if _, err := s.SetTerms(admin, row.ID, terms); err != nil {
					t.Fatal(err)
				}
				if got := termsOf(read(t, s, row.ID)); !reflect.DeepEqual(got, terms) {
					t.Errorf("got %+v, want %+v", got, terms)
				}
			}
		})
		t.Run("all faults come at once and nothing is changed", func(t *testing.T) {
			row := create(t, s)
			_, err := s.SetTerms(admin, row.ID, distributors.Terms{
				Payout:      distributors.PayoutRule{Kind: distributor.PayoutRuleFIXED, Amount: sum("0"), Percent: sum("5")},
				HoldingDays: 366, MinimumPayout: 100_000_000_000_001, AcceptanceHours: new(0), DailyLeadCap: new(0), MonthlyLeadCap: new(-1), OpenLeadCap: new(1_000_001), Timezone: "Local",
				WorkingHours: []values.WorkingHours{on("MONDAY", "9:00", "18:00"), on("FRIDAY", "18:00", "09:00"), on("SOMEDAY", "25:00", "24:01"),
					on("TUESDAY", "09:00", "12:00"), on("TUESDAY", "11:59", "13:00"), on("TUESDAY", "13:00", "14:00")},
			})
			wantFaults(t, "set", err, "INVALID OUT_OF_RANGE payoutRule.amount", "INVALID NOT_ALLOWED payoutRule.percent",
				"INVALID OUT_OF_RANGE holdingDays", "INVALID OUT_OF_RANGE minimumPayout", "INVALID OUT_OF_RANGE acceptanceHours", "INVALID OUT_OF_RANGE dailyLeadCap",
				"INVALID OUT_OF_RANGE monthlyLeadCap", "INVALID OUT_OF_RANGE openLeadCap", "INVALID INVALID_TIMEZONE timezone",
				"INVALID INVALID_TIME workingHours[0].opensAt", "INVALID ENDS_BEFORE_START workingHours[1].closesAt",
				"INVALID INVALID_VALUE workingHours[2].weekday", "INVALID INVALID_TIME workingHours[2].opensAt",
				"INVALID INVALID_TIME workingHours[2].closesAt", "INVALID OVERLAPS workingHours[4]")
			if got := termsOf(read(t, s, row.ID)); got.HoldingDays != 0 || got.Payout.Kind != distributor.PayoutRuleMANUAL {
				t.Errorf("got %+v, want nothing changed", got)
			}
		})
		t.Run("a payout rule has what its kind needs and no more", func(t *testing.T) {
			row := create(t, s)
			for want, rule := range map[string]distributors.PayoutRule{
				"REQUIRED payoutRule.amount":      {Kind: distributor.PayoutRuleFIXED},
				"REQUIRED payoutRule.percent":     {Kind: distributor.PayoutRulePERCENT},
				"NOT_ALLOWED payoutRule.amount":   {Amount: sum("1")},
				"NOT_ALLOWED payoutRule.percent":  {Kind: distributor.PayoutRuleMANUAL, Percent: sum("1")},
				"OUT_OF_RANGE payoutRule.percent": {Kind: distributor.PayoutRulePERCENT, Percent: sum("100.01")},
				"OUT_OF_RANGE payoutRule.amount":  {Kind: distributor.PayoutRuleFIXED, Amount: sum("1000000000000.01")},
				"TOO_PRECISE payoutRule.amount":   {Kind: distributor.PayoutRuleFIXED, Amount: sum("0.001")},
				"TOO_PRECISE payoutRule.percent":  {Kind: distributor.PayoutRulePERCENT, Percent: sum("33.333")},
				"INVALID_VALUE payoutRule.kind":   {Kind: "GENEROUS"},
			} {
				_, err := s.SetTerms(admin, row.ID, distributors.Terms{Payout: rule})
				wantFaults(t, want, err, "INVALID "+want)
			}
		})
		t.Run("too many stretches are one fault", func(t *testing.T) {
			_, err := s.SetTerms(admin, create(t, s).ID, distributors.Terms{WorkingHours: make([]values.WorkingHours, 29)})
			wantFaults(t, "set", err, "INVALID TOO_MANY workingHours")
		})
		t.Run("an unknown distributor comes with the faults of the form", func(t *testing.T) {
			_, err := s.SetTerms(admin, gid.New(), distributors.Terms{HoldingDays: -1, MinimumPayout: -1})
			wantFaults(t, "set", err, "NOT_FOUND NOT_FOUND distributorId", "INVALID OUT_OF_RANGE holdingDays", "INVALID OUT_OF_RANGE minimumPayout")
		})
	})
}

func TestWhatASaleIsWorth(t *testing.T) {
	for name, c := range map[string]struct {
		row  ent.Distributor
		sale *int64
		want int64
		ok   bool
	}{
		"by hand, a person says":             {ent.Distributor{PayoutRule: distributor.PayoutRuleMANUAL}, new(int64(100)), 0, false},
		"fixed, whatever the sale":           {ent.Distributor{PayoutRule: distributor.PayoutRuleFIXED, PayoutFixed: new(int64(150_050))}, nil, 150_050, true},
		"a part of the sale":                 {ent.Distributor{PayoutRule: distributor.PayoutRulePERCENT, PayoutPercent: new(int64(1250))}, new(int64(100_000)), 12_500, true},
		"half a kopeck is a whole one":       {ent.Distributor{PayoutRule: distributor.PayoutRulePERCENT, PayoutPercent: new(int64(5000))}, new(int64(101)), 51, true},
		"less than half a kopeck is none":    {ent.Distributor{PayoutRule: distributor.PayoutRulePERCENT, PayoutPercent: new(int64(3333))}, new(int64(1)), 0, true},
		"a part of nobody knows what":        {ent.Distributor{PayoutRule: distributor.PayoutRulePERCENT, PayoutPercent: new(int64(1250))}, nil, 0, false},
		"the largest sale does not overflow": {ent.Distributor{PayoutRule: distributor.PayoutRulePERCENT, PayoutPercent: new(int64(9999))}, new(int64(100_000_000_000_000)), 99_990_000_000_000, true},
	} {
		if got, ok := distributors.PayoutFor(&c.row, c.sale); got != c.want || ok != c.ok {
			t.Errorf("%s: got %d, %v, want %d, %v", name, got, ok, c.want, c.ok)
		}
	}
}

func TestAbsences(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(d)
		absent := func(id gid.ID, from, to string) distributors.Absence {
			return distributors.Absence{DistributorID: id, StartsOn: *day(t, from), EndsOn: *day(t, to)}
		}
		t.Run("one is entered and removed", func(t *testing.T) {
			in := absent(create(t, s).ID, "2026-05-01", "2026-05-10")
			in.Reason = " Майские праздники "
			row, err := s.AddAbsence(admin, in)
			if err != nil || row.StartsOn.String() != "2026-05-01" || row.EndsOn.String() != "2026-05-10" || row.Reason != "Майские праздники" || !row.CreatedAt.Equal(s.Now()) {
				t.Fatalf("got %v, %v, want the absence", row, err)
			}
			if err := s.RemoveAbsence(admin, row.ID); err != nil {
				t.Fatal(err)
			}
			wantFaults(t, "remove again", s.RemoveAbsence(admin, row.ID), "NOT_FOUND NOT_FOUND id")
		})
		t.Run("two share no day", func(t *testing.T) {
			id := create(t, s).ID
			if _, err := s.AddAbsence(admin, absent(id, "2026-05-05", "2026-05-10")); err != nil {
				t.Fatal(err)
			}
			for _, days := range [][2]string{{"2026-05-10", "2026-05-12"}, {"2026-05-01", "2026-05-05"}, {"2026-05-06", "2026-05-07"}, {"2026-05-01", "2026-05-31"}} {
				_, err := s.AddAbsence(admin, absent(id, days[0], days[1]))
				wantFaults(t, fmt.Sprint(days), err, "CONFLICT OVERLAPS startsOn")
			}
			for _, days := range [][2]string{{"2026-05-01", "2026-05-04"}, {"2026-05-11", "2026-05-11"}} {
				if _, err := s.AddAbsence(admin, absent(id, days[0], days[1])); err != nil {
					t.Errorf("%v: got %v, want it entered beside the other", days, err)
				}
			}
			if _, err := s.AddAbsence(admin, absent(create(t, s).ID, "2026-05-05", "2026-05-10")); err != nil {
				t.Errorf("another distributor's: got %v, want it entered", err)
			}
		})
		t.Run("of many at once that share a day one is entered", func(t *testing.T) {
			id := create(t, s).ID
			errs := make([]error, 16)
			var all sync.WaitGroup
			for i := range errs {
				all.Go(func() {
					_, errs[i] = s.AddAbsence(admin, absent(id, fmt.Sprintf("2026-06-%02d", i+1), "2026-06-20"))
				})
			}
			all.Wait()
			entered := 0
			for _, err := range errs {
				if err == nil {
					entered++
				} else if !fault.HasCode(err, "OVERLAPS") {
					t.Errorf("got %v, want OVERLAPS", err)
				}
			}
			if entered != 1 {
				t.Errorf("got %d entered, want 1", entered)
			}
		})
		t.Run("all faults come at once", func(t *testing.T) {
			in := absent(gid.New(), "2026-05-02", "2026-05-01")
			in.Reason = strings.Repeat("ы", 256) + "\n."
			_, err := s.AddAbsence(admin, in)
			wantFaults(t, "add", err, "NOT_FOUND NOT_FOUND distributorId", "INVALID ENDS_BEFORE_START endsOn",
				"INVALID TOO_LONG reason", "INVALID INVALID_CHARACTERS reason")
			_, err = s.AddAbsence(admin, absent(create(t, s).ID, "2026-01-01", "2027-01-02"))
			wantFaults(t, "a year and a day", err, "INVALID TOO_LONG endsOn")
		})
		t.Run("those to come are at most fifty; those that ended do not count", func(t *testing.T) {
			id := create(t, s).ID
			first := *day(t, "2026-02-20") // nine days before the clock's
			for i := range 59 {
				on := first.AddDays(i)
				if _, err := s.AddAbsence(admin, distributors.Absence{DistributorID: id, StartsOn: on, EndsOn: on}); err != nil {
					t.Fatalf("absence %d: %v", i, err)
				}
			}
			_, err := s.AddAbsence(admin, absent(id, "2027-01-01", "2027-01-01"))
			wantFaults(t, "one more", err, "LIMIT TOO_MANY distributorId")
		})
	})
}
