package channel

import (
	"regexp"
	"strings"
	"unicode"
)

// longestWords is in characters.
const longestWords = 300

var (
	addresses = regexp.MustCompile(`[^\s<>"'(),;:\[\]]+@[^\s<>"'(),;:\[\]]+`)
	// numbers are phones in any writing, and whatever else has as many digits: nobody needs these either.
	numbers = regexp.MustCompile(`\+?\d(?:[\s().\-\x{2010}-\x{2015}]*\d){6,}`)
)

// Words are what a provider says, as a Failure may keep it: without e-mail addresses, phones and what the message said, on one line
// and of bounded length.
func Words(said string, m Message) string {
	for _, own := range append([]string{m.To, strings.TrimPrefix(m.To, "+"), m.Subject}, values(m)...) {
		if len(own) > 2 {
			said = strings.ReplaceAll(said, own, "…")
		}
	}
	said = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(said, ""))
	said = addresses.ReplaceAllString(said, "…")
	said = strings.Join(strings.Fields(numbers.ReplaceAllString(said, "…")), " ")
	if runes := []rune(said); len(runes) > longestWords {
		said = string(runes[:longestWords-1]) + "…"
	}
	return said
}

func values(m Message) []string {
	of := make([]string, len(m.Parameters))
	for i, p := range m.Parameters {
		of[i] = p.Value
	}
	return of
}
