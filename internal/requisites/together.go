package requisites

import "channelbook/internal/fault"

// Set is the numbers of one company, by their paths in an input; one that is absent is empty or not there.
type Set map[string]string

// The paths.
const (
	FieldINN                  = "inn"
	FieldKPP                  = "kpp"
	FieldOGRN                 = "ogrn"
	FieldBIK                  = "bankDetails.bik"
	FieldAccount              = "bankDetails.account"
	FieldCorrespondentAccount = "bankDetails.correspondentAccount"
)

// rule holds numbers against each other. fields are those that it looks at, the one to blame first.
type rule struct {
	fields []string
	code   string
	judge  func(Set) error
}

// rules are what goes together. A sole proprietor is told by an INN of 12 digits or an OGRNIP of 15. It has no KPP:
// that is assigned to organisations alone (order MMV-7-6/435@, paragraph 5). An account is one in a bank.
var rules = []rule{
	{[]string{FieldOGRN, FieldINN}, "INN_OGRN_MISMATCH", func(s Set) error {
		switch {
		case s[FieldINN] == "" || s[FieldOGRN] == "" || (len(s[FieldINN]) == innOfPerson) == (len(s[FieldOGRN]) == ogrnOfProprietor):
			return nil
		case len(s[FieldINN]) == innOfPerson:
			return Wrong("The INN of 12 digits is a sole proprietor's: an OGRNIP of 15 digits goes with it.")
		}
		return Wrong("The INN of 10 digits is an organisation's: an OGRN of 13 digits goes with it.")
	}},
	{[]string{FieldKPP, FieldINN, FieldOGRN}, "KPP_NOT_ALLOWED", func(s Set) error {
		if s[FieldKPP] != "" && (len(s[FieldINN]) == innOfPerson || len(s[FieldOGRN]) == ogrnOfProprietor) {
			return Wrong("A sole proprietor has no KPP.")
		}
		return nil
	}},
	{[]string{FieldBIK, FieldAccount, FieldCorrespondentAccount}, "REQUIRED", func(s Set) error {
		if s[FieldBIK] == "" && (s[FieldAccount] != "" || s[FieldCorrespondentAccount] != "") {
			return Wrong("Give the BIK of the bank that holds the account.")
		}
		return nil
	}},
	{[]string{FieldAccount, FieldBIK}, "INVALID_ACCOUNT", func(s Set) error {
		if s[FieldAccount] == "" || s[FieldBIK] == "" {
			return nil
		}
		return AccountIn(s[FieldAccount], s[FieldBIK])
	}},
	{[]string{FieldCorrespondentAccount, FieldBIK}, "INVALID_ACCOUNT", func(s Set) error {
		if s[FieldCorrespondentAccount] == "" || s[FieldBIK] == "" {
			return nil
		}
		return CorrespondentAccountOf(s[FieldCorrespondentAccount], s[FieldBIK])
	}},
}

// Together finds what does not go together, as faults of kind Invalid. Each number of the set has passed its own check,
// or is absent. A rule is asked only where judged says so of all the fields that it looks at: one whose number is wrong by
// itself is not judged a second time, and of a change only what it touches is.
func (s Set) Together(judged func(fields []string) bool) (faults []error) {
	for _, r := range rules {
		if !judged(r.fields) {
			continue
		}
		if err := r.judge(s); err != nil {
			faults = append(faults, fault.Coded(fault.Invalid, r.code, r.fields[0], err.Error()))
		}
	}
	return faults
}
