package dbtest_test

import (
	"testing"

	"channelbook/internal/dbtest"
)

func TestPersonalDataIsTold(t *testing.T) {
	for _, text := range []string{
		`{"phone":"+79123456789"}`, "call 8 (912) 345-67-89 now", "8-912-345-67-89", "79123456789", "anna@example.ru", "анна@пример.рф", "Анна", "lead of Петрова",
	} {
		if dbtest.Personal(text) == "" {
			t.Errorf("%q is not told", text)
		}
	}
	for _, text := range []string{
		"lead_01j9z6y8t0e5yv3k2m4n6p8q7r", "0192f1c2-7b1a-7c3e-9d52-0242ac120002", "+7912•••••89", "2026-11-26T09:00:00.123456Z", `"duration":89123456`, "198.51.100.1",
		"c0ffee79123456789abcdef", "a•••@example",
	} {
		if found := dbtest.Personal(text); found != "" {
			t.Errorf("%q is taken for personal data for %q", text, found)
		}
	}
}
