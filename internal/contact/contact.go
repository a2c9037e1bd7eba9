// Package contact brings the contacts of people and companies into one form each, so that equal ones compare equal:
// a phone into E.164, an e-mail address and a domain into lower case with the domain in Unicode.
// Each function applied to its own answer gives it back.
package contact

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// What a text is not. The messages are for logs: an edge says it in a sentence of its own, under the field's name.
var (
	ErrPhone  = errors.New("not a phone number")
	ErrEmail  = errors.New("not an e-mail address")
	ErrDomain = errors.New("not a domain name")
)

// maxText is more bytes than any usual writing of a contact needs; Punycode takes time by the square of the length.
const maxText = 1024

// plain trims a text and replaces compatibility forms (full-width digits, non-breaking spaces) by the usual
// characters. Marks that have no width go: address books leave them around a copied number. Of a text that is not
// UTF-8, or too long to be looked into, nothing remains.
func plain(s string) string {
	if len(s) > maxText || !utf8.ValidString(s) {
		return ""
	}
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, norm.NFKC.String(s))
	return strings.TrimSpace(s)
}
