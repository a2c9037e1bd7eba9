package requisites

import "regexp"

// INN checks the number of a taxpayer: 10 digits of an organisation, 12 of a person, a sole proprietor among them.
// It begins with the code of a tax office, which never begins with 00, and ends in one check digit, or two.
//
// Source: article 84, paragraph 7 of the Tax Code; order of the Federal Tax Service of 29.06.2012 MMV-7-6/435@,
// section II, on its structure NNNNXXXXXC and NNNNXXXXXXCC.
func INN(s string) error {
	switch {
	case !isNumber(s, innOfOrganisation) && !isNumber(s, innOfPerson):
		return Wrong("An INN has 10 digits, or 12 of a sole proprietor.")
	case s[:2] == "00":
		return Wrong("An INN begins with the code of a tax office, which 00 is not.")
	case WithINNCheck(s[:innDigits(len(s))]) != s:
		return Wrong("The check digits of the INN do not fit its other digits: check it for a typing mistake.")
	}
	return nil
}

const (
	innOfOrganisation = 10
	innOfPerson       = 12
)

// innDigits is how many digits of an INN of this length are no check digits.
func innDigits(length int) int {
	if length == innOfPerson {
		return innOfPerson - 2
	}
	return innOfOrganisation - 1
}

// WithINNCheck completes an INN: 9 digits of an organisation by one check digit, 10 of a person by two.
func WithINNCheck(s string) string {
	if len(s) < innOfPerson-2 {
		return s + digit(weighted(s, 2, 4, 10, 3, 5, 9, 4, 6, 8)%11)
	}
	s += digit(weighted(s, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8) % 11)
	return s + digit(weighted(s, 3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)%11)
}

var kppForm = regexp.MustCompile(`^[0-9]{4}[0-9A-Z]{2}[0-9]{3}$`)

// KPP checks the code of the reason for which an organisation is registered with a tax office: the office's four digits,
// two digits or capital Latin letters of the reason, three digits of a number. It has no check digit.
//
// Source: order of the Federal Tax Service of 29.06.2012 MMV-7-6/435@, paragraph 5: NNNNPPXXX.
func KPP(s string) error {
	switch {
	case !kppForm.MatchString(s):
		return Wrong("A KPP has 9 digits; the fifth and sixth may be capital Latin letters.")
	case s[:2] == "00" || s[4:6] == "00":
		return Wrong("A KPP begins with the code of a tax office and goes on with that of a reason, and neither begins with 00.")
	}
	return nil
}
