package contact

import (
	"net/mail"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// The limits of RFC 5321, in bytes.
const (
	maxEmail = 254
	maxLocal = 64
)

// Email reads a bare address, without a display name, a comment or quotes, and returns it in lower case with the
// domain in Unicode. It returns ErrEmail for anything else.
func Email(s string) (string, error) {
	s = plain(s)
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at > maxLocal || strings.ContainsFunc(s, unicode.IsControl) {
		return "", ErrEmail
	}
	domain, err := Domain(s[at+1:])
	if err != nil || strings.HasSuffix(s, ".") {
		return "", ErrEmail
	}
	address := lower(s[:at]) + "@" + domain
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Name != "" || parsed.Address != address || len(address) > maxEmail {
		return "", ErrEmail
	}
	return address, nil
}

// lower is the lower case of a text in composed form: lower case may take a letter apart.
func lower(s string) string { return norm.NFKC.String(strings.ToLower(s)) }

var domains = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(true), idna.VerifyDNSLength(true))

// Domain reads a domain name of two labels or more, in Unicode or Punycode, with or without the root's dot, and
// returns it in lower case and in Unicode. It returns ErrDomain for anything else, an IP address among it.
func Domain(s string) (string, error) {
	ascii, err := domains.ToASCII(strings.TrimSuffix(plain(s), "."))
	if err != nil {
		return "", ErrDomain
	}
	top := ascii[strings.LastIndexByte(ascii, '.')+1:]
	if top == ascii || strings.Trim(top, "0123456789") == "" {
		return "", ErrDomain
	}
	name, err := domains.ToUnicode(ascii)
	if err != nil {
		return "", ErrDomain
	}
	return name, nil
}
