// Package metricstest reads metrics in tests.
package metricstest

import (
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"channelbook/internal/metrics"
)

// Scrape is what a scrape of m is answered.
func Scrape(t testing.TB, m *metrics.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler(slog.New(slog.DiscardHandler)).ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if w.Code != 200 {
		t.Fatalf("scrape: got %d %s", w.Code, w.Body)
	}
	return w.Body.String()
}

// Samples are the values of one name in a scrape by their labels, as in `job="sessions",result="ok"`. The buckets of
// a histogram have a name of their own, and its count and its sum.
func Samples(scrape, name string) map[string]string {
	found := map[string]string{}
	for line := range strings.Lines(scrape) {
		rest, ok := strings.CutPrefix(line, name)
		if !ok || (rest[0] != '{' && rest[0] != ' ') {
			continue
		}
		at := strings.LastIndexByte(rest, ' ')
		found[strings.Trim(rest[:at], "{}")] = strings.TrimSpace(rest[at:])
	}
	return found
}
