package consent

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"channelbook/internal/fault"
)

// The longest texts taken, in characters, and the most of what is counted.
const (
	maxName       = 200
	maxCode       = 50
	maxVersion    = 100
	maxText       = 20_000
	maxUserAgent  = 1000
	maxForm       = 512
	maxComment    = 4000
	maxRecipients = 50
	maxDays       = 36_500
)

// form collects what is wrong with an input, all of it at once.
type form struct{ wrong []error }

func (f *form) add(code, field, message string) {
	f.wrong = append(f.wrong, fault.Coded(fault.Invalid, code, field, message))
}

// text checks a text and returns it trimmed. Lines may be broken.
func (f *form) text(field, value string, limit int) string {
	value = strings.TrimSpace(strings.ReplaceAll(value, "\r\n", "\n"))
	control := func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }
	switch {
	case !utf8.ValidString(value) || strings.ContainsFunc(value, control):
		f.add("INVALID_CHARACTERS", field, "The text has control characters or is not valid UTF-8.")
	case utf8.RuneCountInString(value) > limit:
		f.add("TOO_LONG", field, fmt.Sprintf("At most %d characters are taken here.", limit))
	}
	return value
}

// needed is text for one that must be there.
func (f *form) needed(field, value string, limit int) string {
	if value = f.text(field, value, limit); value == "" {
		f.add("REQUIRED", field, "This must be given.")
	}
	return value
}

func (f *form) days(field string, n int) {
	if n < 1 || n > maxDays {
		f.add("OUT_OF_RANGE", field, fmt.Sprintf("This is a number of days from 1 to %d.", maxDays))
	}
}

func (f *form) recipients(list []string) []string {
	if len(list) > maxRecipients {
		f.add("TOO_MANY", "recipients", fmt.Sprintf("At most %d recipients are taken.", maxRecipients))
		return nil
	}
	out := make([]string, len(list))
	for i, name := range list {
		out[i] = f.needed(fmt.Sprintf("recipients[%d]", i), name, maxName)
	}
	return out
}

// past checks an instant that is not in the future.
func (f *form) past(field string, at, now time.Time) {
	if at.After(now.Add(ClockSkew)) {
		f.add("IN_FUTURE", field, "This is in the future.")
	}
}
