package seal

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"unicode/utf8"
)

// Phone, Email, Name and Secret show only a mask of themselves: in logs, under every verb of fmt, in JSON. A
// conversion to string gives the value to code that needs it.
type (
	// Phone shows the country and operator codes and the last two digits: +7912•••••89.
	Phone string
	// Email shows its first letter and its domain: a•••@example.ru.
	Email string
	// Name shows its first letter: А•••.
	Name string
	// Secret shows that it is set: ***.
	Secret string
)

const (
	dot  = "•"
	dots = dot + dot + dot
)

// String is the masked number. One too short for a mask to hide anything is dots alone.
func (p Phone) String() string {
	const shownFirst, shownLast, hiddenAtLeast = 5, 2, 4
	runes := []rune(string(p))
	hidden := len(runes) - shownFirst - shownLast
	if hidden < hiddenAtLeast {
		return strings.Repeat(dot, len(runes))
	}
	return string(runes[:shownFirst]) + strings.Repeat(dot, hidden) + string(runes[len(runes)-shownLast:])
}

// String is the masked address. What is not an address is masked as a name.
func (e Email) String() string {
	at := strings.LastIndexByte(string(e), '@')
	if at < 1 {
		return Name(e).String()
	}
	return Name(e[:at]).String() + string(e[at:])
}

// String is the masked name. An empty one stays empty.
func (n Name) String() string {
	first, size := utf8.DecodeRuneInString(string(n))
	switch {
	case size == 0:
		return ""
	case first == utf8.RuneError:
		return dots
	}
	return string(first) + dots
}

// String is stars. An empty secret stays empty, so that one sees that it is not set.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "***"
}

// Format writes the mask under every verb, %#v and %x among them.
func (p Phone) Format(f fmt.State, _ rune)  { write(f, p) }
func (e Email) Format(f fmt.State, _ rune)  { write(f, e) }
func (n Name) Format(f fmt.State, _ rune)   { write(f, n) }
func (s Secret) Format(f fmt.State, _ rune) { write(f, s) }

// write has nobody to report an error to: fmt drops that of a Formatter.
func write(w io.Writer, masked fmt.Stringer) { _, _ = io.WriteString(w, masked.String()) }

// LogValue is the mask.
func (p Phone) LogValue() slog.Value  { return slog.StringValue(p.String()) }
func (e Email) LogValue() slog.Value  { return slog.StringValue(e.String()) }
func (n Name) LogValue() slog.Value   { return slog.StringValue(n.String()) }
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText is the mask, for a struct that is logged as JSON with one of these inside.
func (p Phone) MarshalText() ([]byte, error)  { return []byte(p.String()), nil }
func (e Email) MarshalText() ([]byte, error)  { return []byte(e.String()), nil }
func (n Name) MarshalText() ([]byte, error)   { return []byte(n.String()), nil }
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
