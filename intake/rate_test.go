package intake_test

import (
	"net/http"
	"testing"
	"time"

	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/ratelimit"
	"channelbook/leads"
)

// TestAnAddressGuessesSoManyKeys: what names no source counts, what names one does not.
func TestAnAddressGuessesSoManyKeys(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		now := time.Unix(0, 0)
		s := openLimited(t, d, ratelimit.NewRequests(1, 1, func() time.Time { return now })) // 20 at once
		key := s.source(leads.SourceInput{Name: "Landing"})
		const lead = `{"firstName":"Анна","email":"a@example.ru"}`
		for i := range 40 { // more than an address or a person has
			if got := s.post(one, key, lead); got.status != http.StatusOK && got.status != http.StatusCreated {
				t.Fatalf("a source's lead %d: got %d %s", i, got.status, got.body)
			}
		}
		for i := range 20 {
			if got := s.post(one, "cbk_guess", lead); got.status != http.StatusUnauthorized {
				t.Fatalf("guess %d: got %d, want 401", i, got.status)
			}
		}
		attempts := len(s.attempts())
		for _, path := range []string{one, "/api/v1/leads/batch", "/hooks/vk/x", "/hooks/google/x"} {
			got := s.post(path, "cbk_guess", lead)
			if got.status != http.StatusTooManyRequests || got.header.Get("Retry-After") != "1" {
				t.Errorf("%s: got %d and Retry-After %q, want 429 and 1", path, got.status, got.header.Get("Retry-After"))
			}
		}
		if n := len(s.attempts()); n != attempts {
			t.Errorf("got %d lines more in the intake log, want none", n-attempts)
		}
		now = now.Add(time.Second)
		if got := s.post(one, key, lead); got.status != http.StatusOK && got.status != http.StatusCreated {
			t.Errorf("a second later: got %d %s, want the source's lead taken", got.status, got.body)
		}
	})
}
