package requisites_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"channelbook/internal/fault"
	"channelbook/internal/requisites"
)

// TestEachNumberAlone has, for every rule of a number, one that keeps it and one that breaks it and nothing else.
func TestEachNumberAlone(t *testing.T) {
	check := map[string]func(string) error{
		"INN": requisites.INN, "KPP": requisites.KPP, "OGRN": requisites.OGRN, "BIK": requisites.BIK,
		"account": requisites.Account, "correspondent account": requisites.CorrespondentAccount,
	}
	for _, c := range []struct{ number, value, want string }{
		{"INN", "7707083893", ""},   // Sberbank
		{"INN", "7736207543", ""},   // Yandex
		{"INN", "7701000080", ""},   // the rest is 10: the check digit 0
		{"INN", "9909087904", ""},   // a foreign organisation
		{"INN", "500100732259", ""}, // a person
		{"INN", "", "10 digits"},
		{"INN", "770708389", "10 digits"},
		{"INN", "77070838931", "10 digits"},
		{"INN", "5001007322590", "10 digits"},
		{"INN", "770708389a", "10 digits"},
		{"INN", "7707 083893", "10 digits"},
		{"INN", "٧٧٠٧٠٨٣٨٩٣", "10 digits"},
		{"INN", "0000000000", "tax office"},
		{"INN", "000000000000", "tax office"},
		{"INN", "7707083894", "check digits"},
		{"INN", "7707038893", "check digits"},   // two digits changed places
		{"INN", "500100732258", "check digits"}, // the second one
		{"INN", "500100732249", "check digits"}, // the first one

		{"KPP", "773601001", ""},
		{"KPP", "7736AZ001", ""},
		{"KPP", "997950001", ""},
		{"KPP", "77360100", "9 digits"},
		{"KPP", "7736010011", "9 digits"},
		{"KPP", "7736az001", "9 digits"},
		{"KPP", "77360100A", "9 digits"},
		{"KPP", "A73601001", "9 digits"},
		{"KPP", "7736АА001", "9 digits"}, // in Cyrillic
		{"KPP", "003601001", "tax office"},
		{"KPP", "773600001", "reason"},

		{"OGRN", "1027700132195", ""},
		{"OGRN", "1027700229193", ""},
		{"OGRN", "5077746887312", ""},
		{"OGRN", "1107746000010", ""}, // the rest is 10: the check digit 0
		{"OGRN", "304500116000157", ""},
		{"OGRN", "310774600000012", ""}, // the rest is 12: the check digit 2
		{"OGRN", "102770013219", "13 digits"},
		{"OGRN", "10277001321951", "13 digits"},
		{"OGRN", "3045001160001570", "13 digits"},
		{"OGRN", "102770013219x", "13 digits"},
		{"OGRN", "2027700132190", "begins with 1 or 5"},
		{"OGRN", "404500116000152", "begins with 3"},
		{"OGRN", "1020000132194", "region"},
		{"OGRN", "1027700132196", "check digit"},
		{"OGRN", "304500116000158", "check digit"},

		{"BIK", "044525225", ""},
		{"BIK", "049805000", ""},
		{"BIK", "04452522", "9 digits"},
		{"BIK", "0445252250", "9 digits"},
		{"BIK", "04452522O", "9 digits"},
		{"BIK", "144525225", "begins with 04"},
		{"BIK", "004525988", "begins with 04"},

		{"account", "40702810438000060473", ""},
		{"account", "4070281093800006047", "20 digits"},
		{"account", "407028104380000604733", "20 digits"},
		{"account", "40702810A38000060473", "20 digits"},
		{"account", "30101810400000000225", "correspondent"},

		{"correspondent account", "30101810400000000225", ""},
		{"correspondent account", "30103810400000000225", ""},
		{"correspondent account", "3010181040000000022", "20 digits"},
		{"correspondent account", "40702810438000060473", "begins with 301"},
	} {
		err := check[c.number](c.value)
		if text := sentence(t, err); c.want == "" && err != nil || !strings.Contains(text, c.want) {
			t.Errorf("%s %q: got %v, want %q", c.number, c.value, err, c.want)
		}
	}
}

// TestKeysOfAccounts: the examples of the procedure 515, and what real banks print.
func TestKeysOfAccounts(t *testing.T) {
	account, correspondent := requisites.AccountIn, requisites.CorrespondentAccountOf
	for _, c := range []struct {
		name         string
		check        func(account, bik string) error
		account, bik string
		want         string
	}{
		{"515, example 1", correspondent, "30101810800000000746", "049805746", ""},
		{"515, example 2: a client of a division", account, "40102810100000010001", "049805000", ""},
		{"515, example 3: a client of a bank", account, "40602810700000000025", "049805746", ""},
		{"Sberbank's", correspondent, "30101810400000000225", "044525225", ""},
		{"a client of Sberbank", account, "40702810438000060473", "044525225", ""},
		{"another key", account, "40702810938000060473", "044525225", "control key"},
		{"another bank", account, "40702810438000060473", "044525974", "control key"},
		{"a slip in the account", account, "40702810938000060474", "044525225", "control key"},
		{"another key of the bank's", correspondent, "30101810500000000225", "044525225", "control key"},
		{"another division", correspondent, "30101810400000000225", "044530225", "control key"},
		{"another bank's", correspondent, "30101810400000000225", "044525974", "last three digits"},
		{"a division has none", correspondent, "30101810400000000000", "044525000", "division"},
	} {
		err := c.check(c.account, c.bik)
		if text := sentence(t, err); c.want == "" && err != nil || !strings.Contains(text, c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

func sentence(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var wrong requisites.Wrong
	if !errors.As(err, &wrong) || !strings.HasSuffix(string(wrong), ".") {
		t.Errorf("got %v, want a sentence", err)
	}
	return err.Error()
}

func TestCheckDigitsAreComputed(t *testing.T) {
	for what, pair := range map[string][2]string{
		"INN of an organisation": {requisites.WithINNCheck("770708389"), "7707083893"},
		"INN of a person":        {requisites.WithINNCheck("5001007322"), "500100732259"},
		"OGRN":                   {requisites.WithOGRNCheck("102770013219"), "1027700132195"},
		"OGRNIP":                 {requisites.WithOGRNCheck("30450011600015"), "304500116000157"},
		"account":                {requisites.WithKey("40702810038000060473", "044525225"), "40702810438000060473"},
		"correspondent account":  {requisites.WithCorrespondentKey("30101810000000000225", "044525225"), "30101810400000000225"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: got %s, want %s", what, pair[0], pair[1])
		}
	}
}

func TestWhatGoesTogether(t *testing.T) {
	const (
		inn, kpp, ogrn                        = "7707083893", "773601001", "1027700132195"
		innOfPerson, ogrnip                   = "500100732259", "304500116000157"
		bik, account, correspondent, otherBIK = "044525225", "40702810438000060473", "30101810400000000225", "044525974"
		accountFault, correspondentFault      = "INVALID_ACCOUNT bankDetails.account", "INVALID_ACCOUNT bankDetails.correspondentAccount"
		bikFault, ogrnFault, kppFault         = "REQUIRED bankDetails.bik", "INN_OGRN_MISMATCH ogrn", "KPP_NOT_ALLOWED kpp"
	)
	all, none := func(string) bool { return true }, func(string) bool { return false }
	for name, c := range map[string]struct {
		set  requisites.Set
		want []string
	}{
		"nothing":                          {requisites.Set{}, nil},
		"a company":                        {requisites.Set{requisites.FieldINN: inn, requisites.FieldKPP: kpp, requisites.FieldOGRN: ogrn, requisites.FieldBIK: bik, requisites.FieldAccount: account, requisites.FieldCorrespondentAccount: correspondent}, nil},
		"a sole proprietor":                {requisites.Set{requisites.FieldINN: innOfPerson, requisites.FieldOGRN: ogrnip, requisites.FieldBIK: bik, requisites.FieldAccount: account}, nil},
		"a company that has no KPP yet":    {requisites.Set{requisites.FieldINN: inn, requisites.FieldOGRN: ogrn}, nil},
		"a KPP alone":                      {requisites.Set{requisites.FieldKPP: kpp}, nil},
		"a bank alone":                     {requisites.Set{requisites.FieldBIK: bik}, nil},
		"a person's INN and an OGRN":       {requisites.Set{requisites.FieldINN: innOfPerson, requisites.FieldOGRN: ogrn}, []string{ogrnFault}},
		"a company's INN and an OGRNIP":    {requisites.Set{requisites.FieldINN: inn, requisites.FieldOGRN: ogrnip}, []string{ogrnFault}},
		"a proprietor by INN with a KPP":   {requisites.Set{requisites.FieldINN: innOfPerson, requisites.FieldKPP: kpp}, []string{kppFault}},
		"a proprietor by OGRN with a KPP":  {requisites.Set{requisites.FieldOGRN: ogrnip, requisites.FieldKPP: kpp}, []string{kppFault}},
		"an account without a bank":        {requisites.Set{requisites.FieldAccount: account}, []string{bikFault}},
		"a bank's account without a bank":  {requisites.Set{requisites.FieldCorrespondentAccount: correspondent}, []string{bikFault}},
		"both accounts of another bank":    {requisites.Set{requisites.FieldBIK: otherBIK, requisites.FieldAccount: account, requisites.FieldCorrespondentAccount: correspondent}, []string{accountFault, correspondentFault}},
		"all that can be wrong comes once": {requisites.Set{requisites.FieldINN: innOfPerson, requisites.FieldKPP: kpp, requisites.FieldOGRN: ogrn, requisites.FieldAccount: account}, []string{ogrnFault, kppFault, bikFault}},
	} {
		if got := codes(c.set.Together(all, none)); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	is := func(fields ...string) func(string) bool {
		return func(field string) bool { return slices.Contains(fields, field) }
	}
	proprietor := requisites.Set{requisites.FieldINN: innOfPerson, requisites.FieldKPP: kpp, requisites.FieldOGRN: ogrn, requisites.FieldAccount: account}
	for name, c := range map[string]struct {
		touched, wrong func(string) bool
		want           []string
	}{
		"what a change does not touch is not judged":                   {is(requisites.FieldAccount), none, []string{bikFault}},
		"a number that is wrong by itself is not judged a second time": {is(requisites.FieldOGRN), is(requisites.FieldOGRN), nil},
		"a wrong OGRN hides nothing that the INN tells":                {all, is(requisites.FieldOGRN), []string{kppFault, bikFault}},
		"a wrong account wants a BIK all the same":                     {all, is(requisites.FieldAccount, requisites.FieldINN), []string{bikFault}},
		"a wrong BIK is not one that is missing":                       {all, is(requisites.FieldBIK), []string{ogrnFault, kppFault}},
	} {
		if got := codes(proprietor.Together(c.touched, c.wrong)); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func codes(errs []error) (list []string) {
	faults, _ := fault.All(errors.Join(errs...))
	for _, f := range faults {
		list = append(list, f.Code+" "+f.Field)
	}
	return list
}
