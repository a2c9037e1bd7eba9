package accounts

import (
	"crypto/rand"
	"errors"
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

// checkPassword judges a new password, and finds every fault: codes PASSWORD_TOO_SHORT, PASSWORD_TOO_LONG, PASSWORD_IS_LOGIN,
// PASSWORD_TOO_COMMON.
func checkPassword(field, password, login string) error {
	var faults []error
	fail := func(code, message string) { faults = append(faults, fault.Coded(fault.Invalid, code, field, message)) }
	switch n := utf8.RuneCountInString(norm.NFC.String(password)); {
	case n < minPassword:
		fail("PASSWORD_TOO_SHORT", fmt.Sprintf("A password has at least %d characters.", minPassword))
	case n > maxPassword:
		fail("PASSWORD_TOO_LONG", fmt.Sprintf("A password has at most %d characters.", maxPassword))
		return errors.Join(faults...) // what is no password is not looked up
	}
	switch {
	case password == "":
	case normalLogin(password) == normalLogin(login):
		fail("PASSWORD_IS_LOGIN", "A password may not be the login.")
	case tooCommon(password, login):
		fail("PASSWORD_TOO_COMMON", "This password is among the first that somebody would guess.")
	}
	return errors.Join(faults...)
}

// GeneratePassword makes a password of 100 random bits, in groups that can be read out.
func GeneratePassword() string {
	text := strings.ToLower(rand.Text())
	return text[:5] + "-" + text[5:10] + "-" + text[10:15] + "-" + text[15:20]
}
