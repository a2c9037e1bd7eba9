package distributors

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"channelbook/ent/distributor"
	"channelbook/internal/contact"
	"channelbook/internal/fault"
)

// The longest texts taken, in characters.
const (
	maxName        = 255
	maxLine        = 255
	maxAddress     = 500
	maxURL         = 2000
	maxDescription = 10_000
)

// text is one text of a company: where it stands in the input and in the base, and what it may be. Where normal
// refuses a value, code and message are what its sender learns.
type text struct {
	field   string
	column  string
	value   **string
	limit   int
	normal  func(string) (string, error)
	code    string
	message string
}

// texts lists the texts of p. The values point into p.
func (p *Patch) texts() []text {
	bank := &p.BankDetails
	return []text{
		{"companyName", distributor.FieldCompanyName, &p.CompanyName, maxName, name, "INVALID_NAME", "A name has at least one letter or digit."},
		{"inn", distributor.FieldInn, &p.INN, maxLine, digits(10, 12), "INVALID_INN", "An INN has 10 digits, or 12 of a sole proprietor."},
		{"kpp", distributor.FieldKpp, &p.KPP, maxLine, digits(9), "INVALID_KPP", "A KPP has 9 digits."},
		{"ogrn", distributor.FieldOgrn, &p.OGRN, maxLine, digits(13, 15), "INVALID_OGRN", "An OGRN has 13 digits, or 15 of a sole proprietor."},
		{"legalAddress", distributor.FieldLegalAddress, &p.LegalAddress, maxAddress, asItIs, "", ""},
		{"email", distributor.FieldEmail, &p.Email, maxLine, contact.Email, "INVALID_EMAIL", "This is not an e-mail address."},
		{"phone", distributor.FieldPhone, &p.Phone, maxLine, contact.Phone, "INVALID_PHONE", "This is not a phone number in use."},
		{"website", distributor.FieldWebsite, &p.Website, maxURL, website, "INVALID_WEBSITE", "This is not an address such as https://example.ru."},
		{"description", distributor.FieldDescription, &p.Description, maxDescription, asItIs, "", ""},
		{"region", distributor.FieldRegion, &p.Region, maxLine, asItIs, "", ""},
		{"contractNumber", distributor.FieldContractNumber, &p.ContractNumber, maxLine, asItIs, "", ""},
		{"bankDetails.bankName", distributor.FieldBankName, &bank.BankName, maxLine, asItIs, "", ""},
		{"bankDetails.account", distributor.FieldBankAccount, &bank.Account, maxLine, digits(20), "INVALID_ACCOUNT", "An account has 20 digits."},
		{"bankDetails.correspondentAccount", distributor.FieldBankCorrespondentAccount, &bank.CorrespondentAccount, maxLine, digits(20), "INVALID_ACCOUNT", "An account has 20 digits."},
		{"bankDetails.bik", distributor.FieldBankBik, &bank.BIK, maxLine, digits(9), "INVALID_BIK", "A BIK has 9 digits."},
	}
}

// checked is p in its normal form. It returns all that is wrong with it at once, as faults of kind Invalid.
func (p Patch) checked() (Patch, error) {
	var faults []error
	for _, t := range p.texts() {
		if *t.value == nil {
			continue
		}
		normal, refused := t.check(**t.value)
		if refused != nil {
			faults = append(faults, refused)
			continue
		}
		*t.value = &normal
	}
	return p, errors.Join(faults...)
}

// check is the normal form of a value, or its fault.
func (t text) check(value string) (string, *fault.Error) {
	value = strings.TrimSpace(strings.ReplaceAll(value, "\r\n", "\n"))
	refuse := func(code, message string) (string, *fault.Error) {
		return "", fault.Coded(fault.Invalid, code, t.field, message)
	}
	switch {
	case !utf8.ValidString(value) || strings.ContainsFunc(value, t.forbids):
		return refuse("INVALID_CHARACTERS", "The text has control characters or is not valid UTF-8.")
	case utf8.RuneCountInString(value) > t.limit:
		return refuse("TOO_LONG", fmt.Sprintf("At most %d characters are taken here.", t.limit))
	case value == "" && t.column == distributor.FieldCompanyName:
		return refuse("REQUIRED", "A company has a name.")
	case value == "":
		return "", nil
	}
	normal, err := t.normal(value)
	if err != nil {
		return refuse(t.code, t.message)
	}
	return normal, nil
}

// forbids tells the characters that a text may not have; a description may have lines and tabs.
func (t text) forbids(r rune) bool {
	if t.column == distributor.FieldDescription && (r == '\n' || r == '\t') {
		return false
	}
	return unicode.IsControl(r)
}

var errRefused = errors.New("refused")

func asItIs(s string) (string, error) { return s, nil }

func name(s string) (string, error) {
	if !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
		return "", errRefused
	}
	return s, nil
}

// digits takes a number written in as many digits as one of lengths, and in nothing else.
func digits(lengths ...int) func(string) (string, error) {
	return func(s string) (string, error) {
		if strings.Trim(s, "0123456789") != "" || !slices.Contains(lengths, len(s)) {
			return "", errRefused
		}
		return s, nil
	}
}

// website takes what a page may link to without harm: an address of a host by its name, with no user in it. People leave
// out the scheme: example.ru is https://example.ru.
func website(s string) (string, error) {
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
		return "", errRefused
	}
	if _, err := contact.Domain(u.Hostname()); err != nil {
		return "", err
	}
	return s, nil
}
