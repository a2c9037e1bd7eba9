package graph_test

import (
	"strings"
	"testing"
)

func TestNotificationsComeLive(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		north := h.distributor("Север")
		h.worker("anna", north)
		h.admin("boss")
		url := h.served(t)
		_, anna := h.entered("anna")
		_, boss := h.entered("boss")
		l := call(t, url, anna)
		l.expect("connection_ack")
		l.ask("feed", `subscription { notificationAdded { id kind title text url createdAt readAt object { id } } }`)
		l.ask("now", `{ viewer { unreadNotificationCount } }`)
		l.until(`"unreadNotificationCount":0`)
		admin := call(t, url, boss)
		admin.expect("connection_ack")
		admin.ask("send", `mutation { sendNotification(input: {title: "Встреча", text: "В пять", everyone: true}) { recipientCount userErrors { code field } } }`)
		admin.expect(`"recipientCount":2`)
		got := l.until(`"title":"Встреча"`, `"kind":"MESSAGE"`, `"readAt":null`)
		if strings.Contains(got, "errors") {
			t.Error(got)
		}
	})
}
