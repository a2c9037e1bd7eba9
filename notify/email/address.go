package email

import (
	"net/mail"
	"strings"
	"unicode"

	"channelbook/notify/channel"
)

// deliverable refuses what is not one bare address, before anybody is called.
func deliverable(to string) error {
	parsed, err := mail.ParseAddress(to)
	if err != nil || parsed.Address != to {
		return &channel.Failure{Class: channel.Unreachable, Code: "INVALID_ADDRESS", Text: "the recipient's address is none"}
	}
	return nil
}

// oneLine is a text as a header may hold it: what follows a line break in one would be taken for another header.
func oneLine(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "")))
}
