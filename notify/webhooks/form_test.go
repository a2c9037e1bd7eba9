package webhooks_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"channelbook/ent/auditrecord"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/notify/webhooks"
)

func TestForm(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.AllowPrivate = false
		create := func(f webhooks.Form) error {
			_, _, err := k.Create(k.admin, f)
			return err
		}
		t.Run("all faults come at once", func(t *testing.T) {
			none := gid.New()
			wantFaults(t, create(webhooks.Form{Name: new(" "), URL: new("ftp://a"), Events: []string{"LEAD_TAKEN", "LEAD_TAKEN", "MESSAGE", "RAIN"}, DistributorID: &none}),
				"REQUIRED name", "INVALID_URL url", "DUPLICATE events[1]", "UNKNOWN_EVENT events[2]", "UNKNOWN_EVENT events[3]", "NOT_FOUND distributorId")
			wantFaults(t, create(webhooks.Form{}), "REQUIRED name", "INVALID_URL url", "REQUIRED events")
			wantFaults(t, create(webhooks.Form{Name: new(strings.Repeat("ы", 101)), URL: new("https://a.example/" + strings.Repeat("a", 2000)), Events: []string{"LEAD_TAKEN"}}), "TOO_LONG name", "TOO_LONG url")
		})
		for url, code := range map[string]string{
			"http://example.org/": "INVALID_URL", "https://user:pw@example.org/": "INVALID_URL", "https://example.org/#a": "INVALID_URL", "https://example.org/#": "INVALID_URL", "https:///a": "INVALID_URL",
			"https://exa mple.org/": "INVALID_URL", "https://example.org:99999/": "INVALID_URL", "javascript:alert(1)": "INVALID_URL", "/leads": "INVALID_URL",
			"https://127.0.0.1/": "TARGET_REFUSED", "https://localhost/": "TARGET_REFUSED", "https://a.LOCALHOST./": "TARGET_REFUSED", "https://[::1]/": "TARGET_REFUSED", "https://[::ffff:10.0.0.1]/": "TARGET_REFUSED",
			"https://169.254.169.254/latest": "TARGET_REFUSED", "https://10.0.0.1:8443/": "TARGET_REFUSED", "https://example.org:22/": "TARGET_REFUSED",
			"https://example.org/in?token=t": "", "https://example.org:8443/": "", "https://пример.рф/": "", "https://93.184.216.34/": "",
		} {
			err := create(webhooks.Form{Name: new("ERP"), URL: &url, Events: []string{"LEAD_TAKEN"}})
			if code == "" && err != nil || code != "" && !fault.HasCode(err, code) {
				t.Errorf("%s: got %v, want %q", url, err, code)
			}
		}
		t.Run("a change is checked likewise, and changes nothing where it is wrong", func(t *testing.T) {
			hook, _ := k.hook("https://example.org/", nil)
			_, err := k.Update(k.admin, hook.ID, webhooks.Form{Name: new("Другой"), Events: []string{}})
			wantFaults(t, err, "REQUIRED events")
			_, err = k.Update(k.admin, gid.New(), webhooks.Form{Name: new("")})
			wantFaults(t, err, "REQUIRED name", "NOT_FOUND id")
			if got := d.Webhook.GetX(k.system, hook.ID); got.Name != "ERP" {
				t.Errorf("got %q", got.Name)
			}
		})
		t.Run("the audit names the host and nothing else of the address", func(t *testing.T) {
			for _, r := range d.AuditRecord.Query().Where(auditrecord.ActionEQ("WEBHOOK_CREATED")).AllX(k.system) {
				if r.Details == nil || strings.Contains(*r.Details, "token") || !strings.Contains(*r.Details, "host") {
					t.Errorf("got %v", r.Details)
				}
			}
		})
	})
}

func TestThereAreFiftyAtMost(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		for range webhooks.MaxWebhooks - 1 {
			k.hook("https://example.org/", nil)
		}
		var made, refused atomic.Int32
		atOnce(8, func(int) {
			_, _, err := k.Create(k.admin, webhooks.Form{Name: new("ERP"), URL: new("https://example.org/"), Events: []string{"LEAD_TAKEN"}})
			switch {
			case err == nil:
				made.Add(1)
			case fault.HasCode(err, "TOO_MANY"):
				refused.Add(1)
			}
		})
		if made.Load() != 1 || refused.Load() != 7 {
			t.Errorf("%d were made and %d refused, want 1 and 7", made.Load(), refused.Load())
		}
	})
}

func TestDryRun(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		to := newReceiver(t, nil)
		hook, secret := k.hook(to.URL+"/in?token=t", &k.north)
		dry, err := k.Test(k.admin, hook.ID, "SALE_REGISTERED", false)
		if err != nil || dry.Answer != nil || to.calls() != 0 || dry.Method != "POST" || dry.Host != strings.TrimPrefix(to.URL, "http://") {
			t.Fatalf("got %+v, %v and %d calls, want what would be sent and no call", dry, err, to.calls())
		}
		header := map[string]string{}
		for _, h := range dry.Headers {
			header[h.Name] = h.Value
		}
		if want := signature(t, secret, header["webhook-id"], header["webhook-timestamp"], dry.Body); header["webhook-signature"] != want {
			t.Errorf("got the signature %s, want %s", header["webhook-signature"], want)
		}
		if !strings.Contains(dry.Body, `"test":true`) || !strings.Contains(dry.Body, `"type":"SALE_REGISTERED"`) || !strings.Contains(dry.Body, gid.Distributor.Format(k.north)) {
			t.Errorf("got %s", dry.Body)
		}
		t.Run("sent, it tells what came of it", func(t *testing.T) {
			to.answer = status(418)
			sent, err := k.Test(k.admin, hook.ID, "LEAD_TAKEN", true)
			if err != nil || sent.Answer == nil || sent.Answer.Status != 418 || sent.Answer.Code != "HTTP_418" || to.calls() != 1 {
				t.Errorf("got %+v, %v", sent, err)
			}
			if _, body := to.last(); body != sent.Body {
				t.Errorf("got %s, want %s", body, sent.Body)
			}
		})
		t.Run("nothing of it is kept but the audit", func(t *testing.T) {
			if n := d.AuditRecord.Query().Where(auditrecord.ActionEQ("WEBHOOK_TESTED")).CountX(k.system); n != 2 || len(k.events(hook)) != 0 || k.state(hook).Failures != 0 {
				t.Errorf("got %d records, %d events, %d failures", n, len(k.events(hook)), k.state(hook).Failures)
			}
		})
		t.Run("of what is no event there is none", func(t *testing.T) {
			_, err := k.Test(k.admin, hook.ID, "MESSAGE", true)
			wantFaults(t, err, "UNKNOWN_EVENT kind")
			_, err = k.Test(k.admin, gid.New(), "MESSAGE", true)
			wantFaults(t, err, "NOT_FOUND id", "UNKNOWN_EVENT kind")
		})
	})
}

func TestRemove(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		to := newReceiver(t, nil)
		hook, _ := k.hook(to.URL, nil)
		other, _ := k.hook(to.URL, nil)
		rows := k.happens(2, hook)
		kept := k.events(other)
		_, _ = k.send(rows[0].ID), k.send(kept[0].ID)
		if err := k.Remove(k.admin, hook.ID); err != nil {
			t.Fatal(err)
		}
		if err := k.Send(auth.AsSystem(t.Context(), "test"), webhooks.Due{Event: rows[1].ID}); err != nil || to.calls() != 2 {
			t.Errorf("the job of what is gone: got %v and %d calls", err, to.calls())
		}
		if len(k.events(hook)) != 0 || len(k.attempts(rows[0].ID)) != 0 || len(k.events(other)) != 2 || len(k.attempts(kept[0].ID)) != 1 || d.WebhookState.Query().CountX(k.system) != 1 {
			t.Error("something is left of it, or of another something is gone")
		}
		wantFaults(t, k.Remove(k.admin, hook.ID), "NOT_FOUND id")
	})
}

func TestOnlyAdministratorsKeepWebhooks(t *testing.T) {
	k := newDesk(t, dbtest.SQLite(t))
	hook, _ := k.hook("https://example.org/", nil)
	for name, who := range map[string]struct {
		ctx  context.Context
		kind fault.Kind
	}{
		"nobody":               {context.Background(), fault.Unauthenticated},
		"a distributor's user": {auth.With(t.Context(), auth.Viewer{Role: auth.Distributor, UserID: gid.New(), Distributor: k.north}), fault.Forbidden},
	} {
		_, _, created := k.Create(who.ctx, webhooks.Form{})
		_, updated := k.Update(who.ctx, hook.ID, webhooks.Form{})
		_, _, rotated := k.Rotate(who.ctx, hook.ID)
		_, resumed := k.Resume(who.ctx, hook.ID)
		_, repeated := k.Repeat(who.ctx, gid.New())
		_, cancelled := k.Cancel(who.ctx, gid.New())
		_, tested := k.Test(who.ctx, hook.ID, "LEAD_TAKEN", true)
		for act, err := range map[string]error{"create": created, "update": updated, "rotate": rotated, "resume": resumed, "repeat": repeated, "cancel": cancelled, "test": tested, "remove": k.Remove(who.ctx, hook.ID)} {
			if !fault.Is(err, who.kind) {
				t.Errorf("%s by %s: got %v, want %s", act, name, err, who.kind)
			}
		}
	}
}
