package channel_test

import (
	"strings"
	"testing"

	"channelbook/notify/channel"
)

func TestWordsHoldNobodysAddress(t *testing.T) {
	m := channel.Message{To: "+79991234567", Subject: "A new lead", Parameters: []channel.Parameter{{Name: "name", Value: "Мария"}, {Name: "n", Value: "5"}}}
	for name, c := range map[string]struct{ said, want string }{
		"plain":                      {"Rate limit hit", "Rate limit hit"},
		"an e-mail address":          {"550 5.1.1 <maria.k+x@mail.example.ru>: no such user", "550 5.1.1 <…>: no such user"},
		"one in Cyrillic":            {"нет ящика мария@почта.рф, увы", "нет ящика …, увы"},
		"a phone with a plus":        {"to +7 (912) 555-00-01 failed", "to … failed"},
		"a phone in digits":          {"not allowed: 79125550001", "not allowed: …"},
		"the recipient without plus": {"recipient 79991234567.", "recipient …."},
		"what the message said":      {`parameter "Мария" in A new lead`, `parameter "…" in …`},
		"codes stay":                 {"(#131026) Message undeliverable 5", "(#131026) Message undeliverable 5"},
		"lines become one":           {"a\r\nb\tc\x00d", "a b c d"},
		"broken UTF-8":               {"a\xffb", "ab"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := channel.Words(c.said, m); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	if got := []rune(channel.Words(strings.Repeat("ж ", 4000), m)); len(got) != 300 {
		t.Errorf("got %d characters, want 300", len(got))
	}
}
