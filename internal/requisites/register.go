package requisites

// OGRN checks the number of the entry by which an organisation or a sole proprietor came into the state register.
//
// An OGRN has 13 digits and begins with 1 or 5; its last digit is the rest of the first 12 divided by 11, of which the last
// digit counts. An OGRNIP has 15 digits and begins with 3; its last digit comes from the first 14 and 13 likewise.
// Two digits of the year follow the first one, and two of the region, which is never 00.
//
// Source: order of the Ministry of Finance of 30.10.2017 165n, paragraphs 7 and 8, on the structure of the numbers.
func OGRN(s string) error {
	switch {
	case !isNumber(s, ogrnOfOrganisation) && !isNumber(s, ogrnOfProprietor):
		return Wrong("An OGRN has 13 digits, an OGRNIP 15.")
	case len(s) == ogrnOfOrganisation && s[0] != '1' && s[0] != '5':
		return Wrong("An OGRN begins with 1 or 5: other numbers are those of later entries in the register.")
	case len(s) == ogrnOfProprietor && s[0] != '3':
		return Wrong("An OGRNIP begins with 3: other numbers are those of later entries in the register.")
	case s[3:5] == "00":
		return Wrong("The fourth and fifth digit of an OGRN are the code of a region, which 00 is not.")
	case WithOGRNCheck(s[:len(s)-1]) != s:
		return Wrong("The check digit of the OGRN does not fit its other digits: check it for a typing mistake.")
	}
	return nil
}

const (
	ogrnOfOrganisation = 13
	ogrnOfProprietor   = 15
)

// WithOGRNCheck completes an OGRN from its first 12 digits, or an OGRNIP from its first 14.
func WithOGRNCheck(s string) string {
	by := 11
	if len(s) == ogrnOfProprietor-1 {
		by = 13
	}
	return s + digit(remainder(s, by))
}
