package contact

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
)

// homeRegion is the country of a number written without its country's code.
const homeRegion = "RU"

// maxPhoneRunes is more than any writing of the 15 digits of E.164 needs.
const maxPhoneRunes = 64

var extension = regexp.MustCompile(`(?i)[\s,;]*(доб\.?|ext[.=]?|#)\s*[0-9]{1,7}$`)

// Phone reads a number in any usual writing, a Russian one also without +7, and returns it in E.164. An extension
// is left off: E.164 has none. It returns ErrPhone for what cannot be a number in use.
func Phone(s string) (string, error) {
	s = extension.ReplaceAllString(plain(s), "")
	if len(s) >= 4 && strings.EqualFold(s[:4], "tel:") {
		s = s[4:]
	}
	digits, ok := dial(s)
	if !ok {
		return "", ErrPhone
	}
	number, err := phonenumbers.Parse(digits, homeRegion)
	if err != nil || !phonenumbers.IsValidNumber(number) {
		return "", ErrPhone
	}
	return phonenumbers.Format(number, phonenumbers.E164), nil
}

// dial keeps the digits of a number and a plus before them; false where anything but punctuation stands between.
func dial(s string) (string, bool) {
	if len([]rune(s)) > maxPhoneRunes {
		return "", false
	}
	var out strings.Builder
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9', r == '+' && out.Len() == 0:
			out.WriteRune(r)
		case unicode.IsSpace(r), unicode.Is(unicode.Pd, r), strings.ContainsRune("().-/−", r):
		default:
			return "", false
		}
	}
	return international(out.String()), true
}

// international mends two writings that no dialling plan knows: 00 for +, and +8 before a Russian mobile number
// (no country's code begins with 89).
func international(digits string) string {
	if rest, ok := strings.CutPrefix(digits, "00"); ok {
		return "+" + rest
	}
	if strings.HasPrefix(digits, "+89") && len(digits) == len("+89123456789") {
		return "+7" + digits[2:]
	}
	return digits
}
