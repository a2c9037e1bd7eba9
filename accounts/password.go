package accounts

import (
	"crypto/rand"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"channelbook/internal/fault"
)

// How many characters a password has.
const (
	minPassword = 8
	maxPassword = 128
)

// checkPassword judges a new password: codes PASSWORD_TOO_SHORT, PASSWORD_TOO_LONG, PASSWORD_IS_LOGIN.
func checkPassword(field, password, login string) error {
	switch n := utf8.RuneCountInString(norm.NFC.String(password)); {
	case n < minPassword:
		return fault.Coded(fault.Invalid, "PASSWORD_TOO_SHORT", field, fmt.Sprintf("A password has at least %d characters.", minPassword))
	case n > maxPassword:
		return fault.Coded(fault.Invalid, "PASSWORD_TOO_LONG", field, fmt.Sprintf("A password has at most %d characters.", maxPassword))
	case normalLogin(password) == normalLogin(login):
		return fault.Coded(fault.Invalid, "PASSWORD_IS_LOGIN", field, "A password may not be the login.")
	}
	return nil
}

// GeneratePassword makes a password of 100 random bits, in groups that can be read out.
func GeneratePassword() string {
	text := strings.ToLower(rand.Text())
	return text[:5] + "-" + text[5:10] + "-" + text[10:15] + "-" + text[15:20]
}
