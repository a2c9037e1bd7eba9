package distributors_test

import (
	"sync"
	"testing"

	"channelbook/distributors"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/internal/requisites"
)

// The numbers of another bank and of another kind of company than those of whole.
const (
	otherBIK            = "044525974"
	innOfPerson, ogrnip = "500100732259", "304500116000157"
)

var (
	accountOfOtherBank       = requisites.WithKey("40702810038000060473", otherBIK)
	correspondentOfOtherBank = requisites.WithCorrespondentKey("30101810000000000974", otherBIK)
)

func TestNumbersAreHeldAgainstThoseThatStay(t *testing.T) {
	type bank = distributors.BankDetailsPatch
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(d)
		for name, c := range map[string]struct {
			patch distributors.Patch
			want  []string
		}{
			"another BIK does not fit the accounts":     {distributors.Patch{BankDetails: bank{BIK: new(otherBIK)}}, []string{"INVALID INVALID_ACCOUNT bankDetails.account", "INVALID INVALID_ACCOUNT bankDetails.correspondentAccount"}},
			"another account does not fit the BIK":      {distributors.Patch{BankDetails: bank{Account: new(accountOfOtherBank)}}, []string{"INVALID INVALID_ACCOUNT bankDetails.account"}},
			"the BIK does not go alone":                 {distributors.Patch{BankDetails: bank{BIK: new("")}}, []string{"INVALID REQUIRED bankDetails.bik"}},
			"a person's INN takes neither OGRN nor KPP": {distributors.Patch{INN: new(innOfPerson)}, []string{"INVALID INN_OGRN_MISMATCH ogrn", "INVALID KPP_NOT_ALLOWED kpp"}},
			"a number wrong by itself is one fault":     {distributors.Patch{INN: new("500100732250"), BankDetails: bank{BIK: new("04452597")}}, []string{"INVALID INVALID_INN inn", "INVALID INVALID_BIK bankDetails.bik"}},
			"a wrong OGRN hides nothing that the INN tells": {distributors.Patch{INN: new(innOfPerson), OGRN: new("1")},
				[]string{"INVALID INVALID_OGRN ogrn", "INVALID KPP_NOT_ALLOWED kpp"}},
			"a wrong account wants a BIK all the same": {distributors.Patch{BankDetails: bank{BIK: new(""), Account: new("1")}},
				[]string{"INVALID INVALID_ACCOUNT bankDetails.account", "INVALID REQUIRED bankDetails.bik"}},
			"faults of all kinds come at once": {distributors.Patch{INN: new(innOfPerson), Phone: new("112"), BankDetails: bank{BIK: new(otherBIK), CorrespondentAccount: new("")}},
				[]string{"INVALID INN_OGRN_MISMATCH ogrn", "INVALID KPP_NOT_ALLOWED kpp", "INVALID INVALID_PHONE phone", "INVALID INVALID_ACCOUNT bankDetails.account"}},
		} {
			t.Run(name, func(t *testing.T) {
				row := create(t, s)
				_, err := s.Update(admin, row.ID, c.patch)
				wantFaults(t, "update", err, c.want...)
				compare(t, "stored", texts(t, read(t, s, row.ID)), wholeTexts)
			})
		}
		t.Run("all that go together are changed together", func(t *testing.T) {
			row := create(t, s)
			got, err := s.Update(admin, row.ID, distributors.Patch{INN: new("5001 0073 2259"), KPP: new(""), OGRN: new(ogrnip), BankDetails: bank{
				BIK: new(otherBIK), Account: new(accountOfOtherBank[:5] + " " + accountOfOtherBank[5:12] + " " + accountOfOtherBank[12:]), CorrespondentAccount: new(correspondentOfOtherBank),
			}})
			if err != nil {
				t.Fatalf("got %v, want the distributor", err)
			}
			compare(t, "returned", texts(t, got), map[string]string{"inn": innOfPerson, "kpp": "", "ogrn": ogrnip, "bank_bik": otherBIK,
				"bank_account": accountOfOtherBank, "bank_correspondent_account": correspondentOfOtherBank})
		})
		t.Run("what the rules of today would refuse does not hold up another change", func(t *testing.T) {
			row := create(t, s)
			if err := d.Distributor.UpdateOneID(row.ID).SetInn("1234567890").SetBankBik("").Exec(db.Unaudited(admin, "a test")); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Update(admin, row.ID, distributors.Patch{Region: new("Тверь")}); err != nil {
				t.Errorf("got %v, want the region changed", err)
			}
		})
		t.Run("an unknown id comes with the faults of the form", func(t *testing.T) {
			_, err := s.Update(admin, gid.New(), distributors.Patch{INN: new("1")})
			wantFaults(t, "update", err, "NOT_FOUND NOT_FOUND id", "INVALID INVALID_INN inn")
		})
	})
}

// TestTwoChangesAtOnceLeaveNumbersThatGoTogether: one changes the bank, the other the account; either alone would fit.
func TestTwoChangesAtOnceLeaveNumbersThatGoTogether(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(d)
		for range 10 {
			row, err := s.Create(admin, distributors.Input{CompanyName: "A"})
			if err != nil {
				t.Fatal(err)
			}
			patches := []distributors.Patch{
				{BankDetails: distributors.BankDetailsPatch{BIK: new(otherBIK), Account: new(accountOfOtherBank)}},
				{BankDetails: distributors.BankDetailsPatch{BIK: new("044525225"), CorrespondentAccount: new("30101810400000000225")}},
			}
			errs := make([]error, 16)
			var all sync.WaitGroup
			for i := range errs {
				all.Go(func() { _, errs[i] = s.Update(admin, row.ID, patches[i%2]) })
			}
			all.Wait()
			first := texts(t, read(t, s, row.ID))["bank_bik"]
			for i, err := range errs {
				fits := *patches[i%2].BankDetails.BIK == first
				if fits && err != nil || !fits && !fault.HasCode(err, "INVALID_ACCOUNT") {
					t.Errorf("change %d: got %v while the bank is %s", i, err, first)
				}
			}
		}
	})
}
