package webhooks_test

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"channelbook/ent"
	"channelbook/ent/notice"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/notify"
	"channelbook/notify/webhooks"
)

func TestPlan(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		t.Run("without a webhook it costs one statement", func(t *testing.T) {
			ctx, counter := db.CountStatements(k.system)
			err := db.WithTx(ctx, d, func(tx *db.Tx) error { return k.Plan(ctx, tx, 0, 100) })
			if err != nil || counter.N() > 1 {
				t.Errorf("got %v in %q, want one statement", err, counter.List())
			}
		})
		all, _ := k.hook("http://example.org/all", nil)
		north, _ := k.hook("http://example.org/north", &k.north)
		south, _ := k.hook("http://example.org/south", &k.south)
		sales, _ := k.hook("http://example.org/sales", nil, "SALE_REGISTERED")
		off, _ := k.hook("http://example.org/off", nil)
		if _, err := k.Update(k.admin, off.ID, webhooks.Form{Enabled: new(false)}); err != nil {
			t.Fatal(err)
		}
		count := func(want map[string]int) {
			t.Helper()
			for name, hook := range map[string]*ent.Webhook{"all": all, "north": north, "south": south, "sales": sales, "off": off} {
				if got := len(k.events(hook)); got != want[name] {
					t.Errorf("%s: got %d events, want %d", name, got, want[name])
				}
			}
		}
		lead := k.lead()
		t.Run("several notices of one event are one, with its distributor; a distributor's webhook gets that one's alone", func(t *testing.T) {
			k.tell(about(notice.KindLEAD_TAKEN, lead, notify.To{Admins: true}), about(notice.KindLEAD_TAKEN, lead, notify.To{Distributor: k.north}))
			count(map[string]int{"all": 1, "north": 1})
		})
		t.Run("what is for people alone is no event, and a webhook gets what it wants", func(t *testing.T) {
			k.tell(about(notice.KindMESSAGE, "", notify.To{Everyone: true}), about(notice.KindSALE_REGISTERED, lead, notify.To{Distributor: k.south}))
			count(map[string]int{"all": 1, "north": 1, "sales": 1})
		})
		t.Run("the body is thin, to the byte", func(t *testing.T) {
			e := k.events(all)[0]
			want := `{"id":"` + gid.WebhookEvent.Format(e.ID) + `","type":"LEAD_TAKEN","createdAt":"2026-11-26T09:00:00Z","data":{"object":"` + lead +
				`","distributorId":"` + gid.Distributor.Format(k.north) + `"}}`
			if e.Body != want {
				t.Errorf("got %s, want %s", e.Body, want)
			}
		})
		t.Run("what is about nothing has nulls", func(t *testing.T) {
			closed, _ := k.hook("http://example.org/periods", nil, "PERIOD_CLOSED")
			k.tell(about(notice.KindPERIOD_CLOSED, "", notify.To{Everyone: true}))
			var body struct{ Data map[string]any }
			if err := json.Unmarshal([]byte(k.events(closed)[0].Body), &body); err != nil || body.Data["object"] != nil || body.Data["distributorId"] != nil || len(body.Data) != 2 {
				t.Errorf("got %v, %v", body, err)
			}
		})
		t.Run("a distributor's webhook gets what everybody is told of", func(t *testing.T) {
			periods, _ := k.hook("http://example.org/north-periods", &k.north, "PERIOD_CLOSED", "PERIOD_REOPENED")
			k.tell(about(notice.KindPERIOD_CLOSED, "", notify.To{Everyone: true}))
			if got := k.events(periods); len(got) != 1 || strings.Contains(got[0].Body, gid.Distributor.Format(k.south)) {
				t.Errorf("got %d events, want 1", len(got))
			}
		})
		t.Run("a notice that comes later of an event that is known adds none", func(t *testing.T) {
			before := len(k.events(all))
			k.tell(about(notice.KindLEAD_TAKEN, lead, notify.To{Distributor: k.north}))
			if got := len(k.events(all)); got != before {
				t.Errorf("got %d events, want %d", got, before)
			}
		})
	})
}

func TestOfManyInstancesThatGivePlacesEachEventIsOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		hook, _ := k.hook("http://example.org/", nil)
		lines := []*notify.Service{k.line, k.lineOf(k.service(dbtest.Second(t, d)))}
		const events = 40
		for range events {
			lead := k.lead()
			k.write(about(notice.KindLEAD_TAKEN, lead, notify.To{Admins: true}), about(notice.KindLEAD_TAKEN, lead, notify.To{Distributor: k.north}))
		}
		var running sync.WaitGroup
		for i := range 16 {
			running.Go(func() {
				if _, err := lines[i%2].Settle(context.Background()); err != nil {
					t.Error(err)
				}
			})
		}
		running.Wait()
		got := k.events(hook)
		if len(got) != events {
			t.Errorf("got %d events, want %d", len(got), events)
		}
		for _, e := range got {
			if !strings.Contains(e.Body, gid.Distributor.Format(k.north)) {
				t.Errorf("%s does not say whose it is", e.Body)
			}
		}
		jobs := 0
		rows, err := d.QueryContext(k.system, "SELECT COUNT(*) FROM river_job WHERE kind = 'webhook'")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		if rows.Next() {
			if err := rows.Scan(&jobs); err != nil {
				t.Fatal(err)
			}
		}
		if jobs != events {
			t.Errorf("got %d jobs, want %d", jobs, events)
		}
	})
}
