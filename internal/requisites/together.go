package requisites

import (
	"slices"

	"channelbook/internal/fault"
)

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

// rule holds numbers against each other. fields are those that it looks at, the one to blame first. It is judged only
// where they are right by themselves, but for those that it merely sees given.
type rule struct {
	fields []string
	given  []string // of the fields
	code   string
	judge  func(Set) error
}

// rules are what goes together. A sole proprietor is told by an INN of 12 digits or an OGRNIP of 15. It has no KPP:
// that is assigned to organisations alone (order MMV-7-6/435@, paragraph 5). An account is one in a bank.
var rules = []rule{
	{fields: []string{FieldOGRN, FieldINN}, code: "INN_OGRN_MISMATCH", judge: func(s Set) error {
		switch {
		case s[FieldINN] == "" || s[FieldOGRN] == "" || (len(s[FieldINN]) == innOfPerson) == (len(s[FieldOGRN]) == ogrnOfProprietor):
			return nil
		case len(s[FieldINN]) == innOfPerson:
			return Wrong("The INN of 12 digits is a sole proprietor's: an OGRNIP of 15 digits goes with it.")
		}
		return Wrong("The INN of 10 digits is an organisation's: an OGRN of 13 digits goes with it.")
	}},
	{fields: []string{FieldKPP, FieldINN}, code: codeNoKPP, judge: func(s Set) error {
		return noKPP(s, len(s[FieldINN]) == innOfPerson)
	}},
	{fields: []string{FieldKPP, FieldOGRN}, code: codeNoKPP, judge: func(s Set) error {
		return noKPP(s, len(s[FieldOGRN]) == ogrnOfProprietor)
	}},
	{fields: []string{FieldBIK, FieldAccount, FieldCorrespondentAccount}, given: []string{FieldAccount, FieldCorrespondentAccount}, code: "REQUIRED", judge: func(s Set) error {
		if s[FieldBIK] == "" && (s[FieldAccount] != "" || s[FieldCorrespondentAccount] != "") {
			return Wrong("Give the BIK of the bank that holds the account.")
		}
		return nil
	}},
	{fields: []string{FieldAccount, FieldBIK}, code: "INVALID_ACCOUNT", judge: func(s Set) error {
		if s[FieldAccount] == "" || s[FieldBIK] == "" {
			return nil
		}
		return AccountIn(s[FieldAccount], s[FieldBIK])
	}},
	{fields: []string{FieldCorrespondentAccount, FieldBIK}, code: "INVALID_ACCOUNT", judge: func(s Set) error {
		if s[FieldCorrespondentAccount] == "" || s[FieldBIK] == "" {
			return nil
		}
		return CorrespondentAccountOf(s[FieldCorrespondentAccount], s[FieldBIK])
	}},
}

const codeNoKPP = "KPP_NOT_ALLOWED"

func noKPP(s Set, isProprietor bool) error {
	if s[FieldKPP] != "" && isProprietor {
		return Wrong("A sole proprietor has no KPP.")
	}
	return nil
}

// Together finds what does not go together, as faults of kind Invalid, each once. touched are the fields that a change
// gives: a rule that looks at none of them is not asked, so that what is stored already does not hold up another change.
// wrong are the fields whose number has not passed its own check.
func (s Set) Together(touched, wrong func(field string) bool) (faults []error) {
	found := map[string]bool{}
	for _, r := range rules {
		broken := slices.ContainsFunc(r.fields, func(field string) bool { return wrong(field) && !slices.Contains(r.given, field) })
		if broken || !slices.ContainsFunc(r.fields, touched) {
			continue
		}
		if err := r.judge(s); err != nil && !found[r.code+r.fields[0]] {
			found[r.code+r.fields[0]] = true
			faults = append(faults, fault.Coded(fault.Invalid, r.code, r.fields[0], err.Error()))
		}
	}
	return faults
}
