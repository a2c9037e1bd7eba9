package distributors_test

import (
	"sync"
	"testing"

	"channelbook/distributors"
	"channelbook/ent"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
)

// ours is our own company with every field, each as people write it.
func ours() distributors.CompanyPatch {
	return distributors.CompanyPatch{
		Name: new(" ООО «Лидогенерация» "), INN: new("7707 083893"), KPP: new("773601001"), OGRN: new("1027700132195"),
		Address: new("117312, Москва, ул. Вавилова, 19"), City: new("Москва"),
		Signatory: new("Иванова Мария Петровна"), SignatoryPosition: new("Генеральный директор"), InformationSystem: new("ИС «Книга каналов»"),
		BankDetails: distributors.BankDetailsPatch{BankName: new("ПАО Сбербанк"), Account: new("40702810438000060473"),
			CorrespondentAccount: new("30101810400000000225"), BIK: new("044525225")},
	}
}

func companyTexts(row *ent.Company) map[string]string {
	return map[string]string{
		"name": row.Name, "inn": row.Inn, "kpp": row.Kpp, "ogrn": row.Ogrn, "address": row.Address, "city": row.City,
		"signatory": row.Signatory, "signatory_position": row.SignatoryPosition, "information_system": row.InformationSystem,
		"bank_name": row.BankName, "bank_account": row.BankAccount, "bank_correspondent_account": row.BankCorrespondentAccount,
		"bank_bik": row.BankBik,
	}
}

func TestOurCompany(t *testing.T) {
	whole := map[string]string{
		"name": "ООО «Лидогенерация»", "inn": "7707083893", "kpp": "773601001", "ogrn": "1027700132195",
		"address": "117312, Москва, ул. Вавилова, 19", "city": "Москва", "signatory": "Иванова Мария Петровна",
		"signatory_position": "Генеральный директор", "information_system": "ИС «Книга каналов»", "bank_name": "ПАО Сбербанк",
		"bank_account": "40702810438000060473", "bank_correspondent_account": "30101810400000000225", "bank_bik": "044525225",
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(d)
		stored := func() map[string]string {
			row, err := d.Company.Get(admin, distributors.OurCompany)
			if err != nil {
				t.Fatal(err)
			}
			return companyTexts(row)
		}
		t.Run("a base is born with it, and nothing is known of it", func(t *testing.T) {
			for column, value := range stored() {
				if value != "" {
					t.Errorf("%s: got %q, want nothing", column, value)
				}
			}
		})
		t.Run("every field is stored in its normal form", func(t *testing.T) {
			row, err := s.UpdateCompany(admin, ours())
			if err != nil || row.UpdatedAt == nil || !row.UpdatedAt.Equal(s.Now()) {
				t.Fatalf("got %v, %v, want it changed now", row, err)
			}
			compare(t, "returned", companyTexts(row), whole)
			compare(t, "stored", stored(), whole)
		})
		t.Run("what is not given stays, an empty text takes away", func(t *testing.T) {
			if _, err := s.UpdateCompany(admin, distributors.CompanyPatch{City: new("")}); err != nil {
				t.Fatal(err)
			}
			want := copyOf(whole)
			want["city"] = ""
			compare(t, "stored", stored(), want)
		})
		t.Run("all faults come at once and nothing is changed", func(t *testing.T) {
			before := stored()
			_, err := s.UpdateCompany(admin, distributors.CompanyPatch{
				Name: new(" "), INN: new(innOfPerson), Address: new("a\x00"), City: new("Тверь"), Signatory: new("—"),
				BankDetails: distributors.BankDetailsPatch{BIK: new(otherBIK)},
			})
			wantFaults(t, "update", err, "INVALID REQUIRED name", "INVALID INN_OGRN_MISMATCH ogrn", "INVALID KPP_NOT_ALLOWED kpp",
				"INVALID INVALID_CHARACTERS address", "INVALID INVALID_NAME signatory",
				"INVALID INVALID_ACCOUNT bankDetails.account", "INVALID INVALID_ACCOUNT bankDetails.correspondentAccount")
			compare(t, "stored", stored(), before)
		})
	})
}

// TestTwoChangesOfOurCompanyAtOnceLeaveNumbersThatGoTogether: one makes it a sole proprietor, the other gives it a KPP.
func TestTwoChangesOfOurCompanyAtOnceLeaveNumbersThatGoTogether(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(d)
		patches := []distributors.CompanyPatch{{INN: new(innOfPerson)}, {KPP: new("773601001")}}
		for range 10 {
			if _, err := s.UpdateCompany(admin, distributors.CompanyPatch{INN: new(""), KPP: new("")}); err != nil {
				t.Fatal(err)
			}
			errs := make([]error, 16)
			var all sync.WaitGroup
			for i := range errs {
				all.Go(func() { _, errs[i] = s.UpdateCompany(admin, patches[i%2]) })
			}
			all.Wait()
			row, err := d.Company.Get(admin, distributors.OurCompany)
			if err != nil {
				t.Fatal(err)
			}
			if (row.Inn == "") == (row.Kpp == "") {
				t.Errorf("got the INN %q and the KPP %q, want one of them", row.Inn, row.Kpp)
			}
			for i, err := range errs {
				if won := (i%2 == 0) == (row.Inn != ""); won && err != nil || !won && !fault.HasCode(err, "KPP_NOT_ALLOWED") {
					t.Errorf("change %d: got %v", i, err)
				}
			}
		}
	})
}
