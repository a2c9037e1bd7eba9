package processors

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"channelbook/internal/contact"
)

// Holds tells which data somebody has typed into a text that was not meant to hold any: phones, Russian ones in any usual writing
// and others with their plus, and e-mail addresses. Each category comes once. Names are not found, nor what is hidden on purpose:
// it is for texts of people who mean well.
func Holds(text string) []Data {
	text = visible(text)
	var found []Data
	if holdsPhone(text) {
		found = append(found, ClientPhone)
	}
	if holdsEmail(text) {
		found = append(found, ClientEmail)
	}
	return found
}

// visible is a text with the usual forms of its characters, and without the marks that nobody sees.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, norm.NFKC.String(strings.ToValidUTF8(text, " ")))
}

// address is what may be an e-mail address, the domain with letters of any script.
var address = regexp.MustCompile(`[\p{L}\p{N}.!#$%&'*+/=?^_{|}~-]+@[\p{L}\p{M}\p{N}.-]+`)

func holdsEmail(text string) bool {
	for _, some := range address.FindAllString(text, -1) {
		// What stands around an address in a sentence may be characters that an address could have.
		if _, err := contact.Email(strings.Trim(some, ".!#$%&'*+/=?^_{|}~-")); err == nil {
			return true
		}
	}
	return false
}

var (
	// dialled is digits with what people write between those of a phone: not a line's end.
	dialled = regexp.MustCompile(`\+?[0-9(][0-9 \t().\-‐‑‒–—−/+]*[0-9]`)
	// group is digits that nothing parts.
	group = regexp.MustCompile(`\+?[0-9]+`)
)

func holdsPhone(text string) bool {
	for _, at := range dialled.FindAllStringIndex(text, -1) {
		some := text[at[0]:at[1]]
		if isOfWord(text, at[0], at[1]) && len(group.FindAllStringIndex(some, 2)) == 1 && some[0] != '+' {
			continue // digits of an id
		}
		if hasPhone(some) {
			return true
		}
	}
	return false
}

// isOfWord tells whether a Latin letter or an underscore stands right before or behind a part of a text.
func isOfWord(text string, from, to int) bool {
	letter := func(b byte) bool { return b == '_' || 'a' <= b|0x20 && b|0x20 <= 'z' }
	return from > 0 && letter(text[from-1]) || to < len(text) && letter(text[to])
}

// hasPhone tells whether some of the groups of digits, one behind another, are a phone: there may be several phones in a row, or
// another number before one.
func hasPhone(some string) bool {
	groups := group.FindAllStringIndex(some, -1)
	for i := range groups {
		var digits string
		for j := i; j < len(groups); j++ {
			next := some[groups[j][0]:groups[j][1]]
			if j > i && next[0] == '+' {
				break
			}
			if digits += next; len(digits) > mostDigits {
				break
			}
			if isPhone(digits, j == i) {
				return true
			}
		}
	}
	return false
}

// mostDigits is how many a phone has with its plus, or with 810 or 00 in its place.
const mostDigits = 18

// isPhone tells whether digits are a phone. Ten of them that nothing parts are one of a mobile phone only: others may as well be an
// INN.
func isPhone(digits string, unparted bool) bool {
	switch {
	case digits[0] == '+', strings.HasPrefix(digits, "00"), strings.HasPrefix(digits, "810"):
	case len(digits) == len("79123456789") && (digits[0] == '7' || digits[0] == '8'):
	case len(digits) == len("9123456789") && (digits[0] == '9' || !unparted):
	default:
		return false
	}
	_, err := contact.Phone(digits)
	return err == nil
}
