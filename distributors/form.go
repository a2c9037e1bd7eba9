package distributors

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"entgo.io/ent"

	"channelbook/ent/sealed"
	"channelbook/internal/contact"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/internal/requisites"
	"channelbook/internal/seal"
)

// The longest texts taken, in characters.
const (
	maxName        = 255
	maxLine        = 255
	maxAddress     = 500
	maxURL         = 2000
	maxDescription = 10_000
)

// form is the texts of a company, a distributor's or our own.
type form []text

// text is one text of a company: where it stands in the input and in the base, and what it may be. Where normal refuses
// a value, code and message are what its sender learns; a number of the law's says by itself what is wrong with it.
type text struct {
	field   string
	column  string
	value   **string // nil where it is not given, and then it stays as it is
	limit   int
	normal  func(string) (string, error)
	code    string
	message string
	sealed  *sealed.Column // where it is personal data
	needed  bool           // it is not cleared
	lines   bool           // it may have lines and tabs
}

// check brings what is given into its normal form. It returns all that is wrong at once, as faults of kind Invalid: with
// each text by itself, and with the numbers that do not go together where the given ones take the place of stored.
func (f form) check(stored requisites.Set) error {
	var faults []error
	numbers, given, wrong := requisites.Set{}, map[string]bool{}, map[string]bool{}
	maps.Copy(numbers, stored)
	for _, t := range f {
		if *t.value == nil {
			continue
		}
		given[t.field] = true
		normal, refused := t.check(**t.value)
		if refused != nil {
			wrong[t.field] = true
			faults = append(faults, refused)
			numbers[t.field] = **t.value
			continue
		}
		*t.value = &normal
		numbers[t.field] = normal
	}
	together := numbers.Together(
		func(field string) bool { return given[field] },
		func(field string) bool { return wrong[field] },
	)
	return errors.Join(append(faults, together...)...)
}

// check is the normal form of a value, or its fault.
func (t text) check(value string) (string, error) {
	value = strings.TrimSpace(strings.ReplaceAll(value, "\r\n", "\n"))
	refuse := func(code, message string) (string, error) {
		return "", fault.Coded(fault.Invalid, code, t.field, message)
	}
	switch {
	case !utf8.ValidString(value) || strings.ContainsFunc(value, t.forbids):
		if t.lines {
			return refuse("INVALID_CHARACTERS", "The text has control characters or is not valid UTF-8.")
		}
		return refuse("INVALID_CHARACTERS", "This is one line: it takes no line breaks and control characters.")
	case utf8.RuneCountInString(value) > t.limit:
		return refuse("TOO_LONG", fmt.Sprintf("At most %d characters are taken here.", t.limit))
	case value == "" && t.needed:
		return refuse("REQUIRED", "A company has a name.")
	case value == "":
		return "", nil
	}
	normal, err := t.normal(value)
	var wrong requisites.Wrong
	switch {
	case errors.As(err, &wrong):
		return refuse(t.code, string(wrong))
	case err != nil:
		return refuse(t.code, t.message)
	}
	return normal, nil
}

// forbids tells the characters that a text may not have.
func (t text) forbids(r rune) bool {
	if t.lines && (r == '\n' || r == '\t') {
		return false
	}
	return unicode.IsControl(r)
}

// mutation is where a text is written to: Ent's mutation of a type.
type mutation interface {
	SetField(name string, value ent.Value) error
	ClearField(name string) error
}

// row is where a form is written to, and the keys for what is sealed there. A form without personal data needs none.
type row struct {
	mutation
	id   gid.ID
	keys seal.Keys
}

// write puts what is given, in its normal form, into a row.
func (f form) write(to row) error {
	for _, t := range f {
		if err := t.write(to); err != nil {
			return fmt.Errorf("set %s: %w", t.column, err)
		}
	}
	return nil
}

func (t text) write(to row) error {
	switch value := *t.value; {
	case value == nil:
		return nil
	case *value == "":
		return to.ClearField(t.column)
	case t.sealed != nil:
		return to.SetField(t.column, t.sealed.Seal(to.keys, to.id, *value))
	default:
		return to.SetField(t.column, *value)
	}
}

var errRefused = errors.New("refused")

func asItIs(s string) (string, error) { return s, nil }

func name(s string) (string, error) {
	if !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
		return "", errRefused
	}
	return s, nil
}

// number takes a number of the law's, in which people leave spaces between groups of digits.
func number(check func(string) error) func(string) (string, error) {
	return func(s string) (string, error) {
		s = strings.Join(strings.Fields(s), "")
		return s, check(s)
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
