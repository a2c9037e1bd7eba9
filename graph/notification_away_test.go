package graph_test

import (
	"strings"
	"testing"
	"time"

	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/leads"
	"channelbook/notify"
)

// TestWhoComesWhileTheBaseIsAwayWaitsForIt: a client that comes back then is not told that its feed is over.
func TestWhoComesWhileTheBaseIsAwayWaitsForIt(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		north := h.distributor("Север")
		h.worker("anna", north)
		_, bearer := h.entered("anna")
		first := h.message(notify.To{Distributor: north}, "1")
		h.message(notify.To{Distributor: north}, "2")
		l := call(t, h.served(t), bearer)
		l.expect("connection_ack")
		rename := func(from, to string) {
			t.Helper()
			if _, err := h.db.ExecContext(h.system(), "ALTER TABLE "+from+" RENAME TO "+to); err != nil {
				t.Fatal(err)
			}
		}
		rename("notifications", "away")
		l.ask("feed", live(behind(first)))
		l.ask("other", live(behind(gid.Notification.Format(gid.New()))))
		time.Sleep(100 * time.Millisecond)                          // both have begun by then, or are slow, which harms nothing
		l.ask("now", `{ notifications { edges { node { id } } } }`) // fails: the base is away
		for got := ""; !strings.Contains(got, `"id":"now"`); {
			if got, _ = l.hear(); strings.Contains(got, `"id":"feed"`) || strings.Contains(got, `"id":"other"`) {
				t.Errorf("got %s while the base is away, want nothing", got)
			}
		}
		l.expect(`"id":"now"`, "complete")
		rename("away", "notifications")
		var got []string
		for range 3 { // in whichever order the two hear
			got = append(got, l.until(`"type":"next"`))
		}
		all := strings.Join(got, "\n")
		if strings.Count(all, `"title":"2"`) != 2 || strings.Count(all, `"title":"1"`) != 1 {
			t.Errorf("got %s, want 2 by one and 1 and 2 by the other", all)
		}
	})
}

// TestAnEventIsToldWithinItsTime: where a part of it cannot be read it comes without that, and what follows it comes as well.
func TestAnEventIsToldWithinItsTime(t *testing.T) {
	h := open(t, dbtest.Postgres(t))
	h.edge.MaxTime = time.Second
	h.handler = handlerOf(t, h.edge)
	h.admin("boss")
	_, bearer := h.entered("boss")
	source, _ := h.source(leads.SourceInput{Name: "Landing"})
	lead := h.lead(source, leads.Submission{})
	h.message(notify.To{Everyone: true}, "следом")
	l := call(t, h.served(t), bearer)
	l.expect("connection_ack")
	held, err := h.db.BeginTx(h.system(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = held.Rollback() }()
	if _, err := held.ExecContext(h.system(), "LOCK TABLE lead_sources IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	l.ask("feed", `subscription { notificationAdded(after: "") { title object { id ... on Lead { source { name } } } } }`)
	l.until(`"code":"TIMEOUT"`, gid.Lead.Format(lead), `"source":null`)
	l.until(`"title":"следом"`)
}
