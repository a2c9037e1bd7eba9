package dbtest

import (
	"io"
	"log/slog"
	"regexp"
	"sync"
	"testing"
)

// personal are what no line of a log holds, at any level: a phone of the Russian plan in any usual writing, an e-mail
// address, and the names of the people in tests. Ids and hashes have neither.
var personal = regexp.MustCompile(`(?:\+7|\b8|\b7)[\s(.-]*9\d{2}[\s).-]*\d{3}[\s.-]*\d{2}[\s.-]*\d{2}\b|[\pL\d._%+-]+@[\pL\d-]+\.[\pL\d.-]+|Анна|Петров|Иванов`)

// Personal is the first thing in a text that is personal data; empty where there is none.
func Personal(text string) string { return personal.FindString(text) }

// Log is the log of a service in a test: it is written at every level, read by nobody, and the test fails where a line
// holds personal data.
func Log(t testing.TB) *slog.Logger {
	t.Helper()
	if _, measured := t.(*testing.B); measured {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewJSONHandler(Canaries(t), &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// Canaries fails the test at the first line written to it that holds personal data.
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
	if found := Personal(string(line)); found != "" && !c.over {
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
