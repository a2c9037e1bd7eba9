package main

import (
	"net/http"
	"strings"
	"testing"

	"channelbook/internal/dbtest"
	"channelbook/notify/notifytest"
)

// TestHooksOfProviders: a server that is set up for them answers the providers' first questions, and another one has no such
// addresses. The log is watched by every test.
func TestHooksOfProviders(t *testing.T) {
	const token, verify, secret = "salt-of-the-grey-sea-1", "salt-of-the-grey-sea-2", "salt-of-the-grey-sea-3"
	dbtest.NeverLogged(token, verify, secret)
	each(t, func(t *testing.T, v vars) {
		elastic, mail := "/hooks/elasticemail/"+token, notifytest.NewSMTP(t)
		greeting := "/hooks/whatsapp?hub.mode=subscribe&hub.challenge=42&hub.verify_token=" + verify
		other := start(t, v.with(vars{"SMTP_URL": mail.URL, "EMAIL_FROM": "leads@example.ru"}))
		for _, path := range []string{elastic, greeting} {
			if status, body := get(t, other.url+path); status != http.StatusNotFound || strings.Contains(body, "sea") {
				t.Errorf("not set up: got %d %s", status, body)
			}
		}
		other.end(t)
		s := start(t, v.with(vars{
			"ELASTICEMAIL_API_KEY": notifytest.ElasticKey, "ELASTICEMAIL_URL": notifytest.NewElastic(t).URL, "ELASTICEMAIL_WEBHOOK_TOKEN": token, "EMAIL_FROM": "leads@example.ru",
			"WHATSAPP_APP_SECRET": secret, "WHATSAPP_VERIFY_TOKEN": verify,
		}))
		if status, _ := get(t, s.url+elastic+"?to=maria@example.ru"); status != http.StatusOK {
			t.Errorf("Elastic Email's check: got %d", status)
		}
		if status, _ := get(t, s.url+elastic+"x?to=maria@example.ru"); status != http.StatusNotFound {
			t.Errorf("another token: got %d", status)
		}
		if status, body := get(t, s.url+greeting); status != http.StatusOK || body != "42" {
			t.Errorf("Meta's greeting: got %d %s", status, body)
		}
		s.end(t)
	})
}
