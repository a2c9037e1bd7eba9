package jobs

import (
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"
)

// longest is how many characters of an error are kept.
const longest = 300

// What an error of a library may quote of what it was given: addresses, and numbers as long as a phone's.
var (
	links  = regexp.MustCompile(`[a-zA-Z][a-zA-Z0-9+.-]*://[^\s"'<>]+`)
	emails = regexp.MustCompile(`[^\s"'<>()\[\],;:=]+@[^\s"'<>()\[\],;:=]+`)
	phones = regexp.MustCompile(`\+?\d[\d\s().-]{7,}\d`)
)

// plain is what is kept of an error: its beginning, without addresses and phones.
func plain(err error) string {
	text := strings.ToValidUTF8(strings.ReplaceAll(err.Error(), "\x00", ""), "\uFFFD")
	text = links.ReplaceAllString(text, "[link]")
	text = emails.ReplaceAllString(text, "[e-mail]")
	text = phones.ReplaceAllString(text, "[number]")
	if utf8.RuneCountInString(text) > longest {
		text = string([]rune(text)[:longest-1]) + "…"
	}
	return text
}

// plainError is an error of which nothing is left but what is kept.
func plainError(err error) error { return errors.New(plain(err)) }
