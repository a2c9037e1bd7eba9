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

func TestSecretsAreTold(t *testing.T) {
	dbtest.NeverLogged("JBSWY3DPEHPK3PXP-only-here")
	for _, text := range []string{
		`{"token":"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x"}`, "cbr_0123456789012345678901234567890123456789012", "key cb_0123456789-_23456789012345678901234567890123456 sent",
		"/files/picture_1?expires=1&signature=x", "$argon2id$v=19$m=1", "abcde-fghij-klmno-pqrst", "otpauth://totp/x", "postgres://user:horse@db/x",
		"a long enough password", "of JBSWY3DPEHPK3PXP-only-here",
	} {
		if dbtest.Secret(text) == "" {
			t.Errorf("%q is not told", text)
		}
	}
	for _, text := range []string{
		"source_01j9z6y8t0e5yv3k2m4n6p8q7r", "0192f1c2-7b1a-7c3e-9d52-0242ac120002", "cb_short", "http://127.0.0.1:8080/files", "postgres://db/x", "3KXQ2ABCDEFGHIJKLMNOPQRSTU",
	} {
		if found := dbtest.Secret(text); found != "" {
			t.Errorf("%q is taken for a secret for %q", text, found)
		}
	}
}
