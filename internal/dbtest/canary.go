package dbtest

import (
	"cmp"
	"io"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// personal are what no line of a log holds, at any level: a phone of the Russian plan in any usual writing, an e-mail
// address, and the names of the people in tests. Ids and hashes have neither.
var personal = regexp.MustCompile(`(?:\+7|\b8|\b7)[\s(.-]*9\d{2}[\s).-]*\d{3}[\s.-]*\d{2}[\s.-]*\d{2}\b|[\pL\d._%+-]+@[\pL\d-]+\.[\pL\d.-]+|Анна|Петров|Иванов`)

// Personal is the first thing in a text that is personal data; empty where there is none.
func Personal(text string) string { return personal.FindString(text) }

// secret are what no line of a log holds by its form: access and refresh tokens, keys of sources, signatures of links, hashes of
// passwords and passwords that were generated, keys of a second factor in their address, a password in another, and what tests sign in with.
var secret = regexp.MustCompile(strings.Join([]string{
	`eyJ[\w-]{8,}\.[\w-]+`, `\bcbr?_[\w-]{40,}`, `signature=`, `\$argon2id\$`, `\b(?:[a-z2-7]{5}-){3}[a-z2-7]{5}\b`, `otpauth:`, `://[^/\s:@]+:[^/\s@]+@`,
	`(?:a|another) long enough password`, `correct horse`, `wrong horse`,
}, "|"))

// unspeakable are values that a test has named besides.
var unspeakable sync.Map

// NeverLogged names secrets that have no form of their own, such as the key of a second factor: from now on the log of no test holds
// one. A test names its secrets before it uses them.
func NeverLogged(values ...string) {
	for _, v := range values {
		unspeakable.Store(v, true)
	}
}

// Secret is the first thing in a text that is secret; empty where there is none.
func Secret(text string) string {
	found := secret.FindString(text)
	unspeakable.Range(func(value, _ any) bool {
		if found == "" && strings.Contains(text, value.(string)) {
			found = value.(string)
		}
		return found == ""
	})
	return found
}

// Log is the log of a service in a test: it is written at every level, read by nobody, and the test fails where a line
// holds personal data or a secret.
func Log(t testing.TB) *slog.Logger {
	t.Helper()
	if _, measured := t.(*testing.B); measured {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewJSONHandler(Canaries(t), &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// Canaries fails the test at the first line written to it that holds personal data or a secret.
func Canaries(t testing.TB) io.Writer {
	t.Helper()
	c := &canaries{t: t}
	t.Cleanup(c.close)
	return c
}

type canaries struct {
	t    testing.TB
	mu   sync.Mutex
	over bool
}

func (c *canaries) Write(line []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if found := cmp.Or(Personal(string(line)), Secret(string(line))); found != "" && !c.over {
		c.over = true
		c.t.Errorf("the log holds %q: %s", found, line)
	}
	return len(line), nil
}

// close ends the watch: a test that is over cannot fail any more.
func (c *canaries) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
}
