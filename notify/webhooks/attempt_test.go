package webhooks_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"channelbook/ent/webhookdelivery"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/internal/jobs"
	"channelbook/notify/webhooks"
)

// signature is computed here as the specification says, by no means of the package's.
func signature(t *testing.T, secret, id, timestamp, body string) string {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil || len(key) != 32 {
		t.Fatalf("the secret is no whsec_ and 32 bytes: %v", err)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + timestamp + "." + body))
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func TestSignatureOfTheSpecification(t *testing.T) {
	got, err := webhooks.Sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), `{"test": 2432232314}`)
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; err != nil || got != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}

func TestAnEventIsSentSigned(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		to := newReceiver(t, nil)
		hook, secret := k.hook(to.URL+"/in?token=t", nil)
		e := k.happens(1, hook)[0]
		if err := k.send(e.ID); err != nil {
			t.Fatal(err)
		}
		k.want(e.ID, webhookdelivery.StatusDELIVERED, 1, "")
		r, body := to.last()
		id, at := r.Header.Get("webhook-id"), r.Header.Get("webhook-timestamp")
		if r.Method != http.MethodPost || r.URL.RawQuery != "token=t" || body != e.Body || id != gid.WebhookEvent.Format(e.ID) || at != strconv.FormatInt(k.clock.now().Unix(), 10) ||
			r.Header.Get("Content-Type") != "application/json" || !strings.HasPrefix(r.Header.Get("User-Agent"), "Channelbook") {
			t.Errorf("got %s %s %v %s", r.Method, r.URL, r.Header, body)
		}
		if got := r.Header.Get("webhook-signature"); got != signature(t, secret, id, at, body) {
			t.Errorf("got the signature %s", got)
		}
		if err := k.send(e.ID); err != nil || to.calls() != 1 {
			t.Errorf("a job that comes again: got %v and %d calls, want none more", err, to.calls())
		}
		t.Run("for a day after a rotation both secrets sign", func(t *testing.T) {
			_, fresh, err := k.Rotate(k.admin, hook.ID)
			if err != nil {
				t.Fatal(err)
			}
			for _, step := range []struct {
				after   time.Duration
				secrets []string
			}{{23 * time.Hour, []string{fresh, secret}}, {2 * time.Hour, []string{fresh}}} {
				k.clock.move(step.after)
				if _, err := k.Repeat(k.admin, e.ID); err != nil {
					t.Fatal(err)
				}
				if err := k.send(e.ID); err != nil {
					t.Fatal(err)
				}
				r, body := to.last()
				var want []string
				for _, s := range step.secrets {
					want = append(want, signature(t, s, r.Header.Get("webhook-id"), r.Header.Get("webhook-timestamp"), body))
				}
				if got := r.Header.Get("webhook-signature"); got != strings.Join(want, " ") || body != e.Body || r.Header.Get("webhook-id") != id {
					t.Errorf("got %s, want %v, and id and body as before", got, want)
				}
			}
		})
	})
}

func TestWhatAnAnswerMeans(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		status webhookdelivery.Status
		code   string
	}{
		"200 is taken":                      {status(200), "DELIVERED", ""},
		"204 is taken":                      {status(204), "DELIVERED", ""},
		"400 is not tried again":            {status(400), "FAILED", "HTTP_400"},
		"404 is not tried again":            {status(404), "FAILED", "HTTP_404"},
		"410 is not tried again":            {status(410), "FAILED", "HTTP_410"},
		"408 is tried again":                {status(408), "QUEUED", "HTTP_408"},
		"429 is tried again":                {status(429), "QUEUED", "HTTP_429"},
		"500 is tried again":                {status(500), "QUEUED", "HTTP_500"},
		"503 is tried again":                {status(503), "QUEUED", "HTTP_503"},
		"a connection that breaks is tried": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "QUEUED", "CONNECTION_FAILED"},
		"304 is not tried again":            {status(304), "FAILED", "REDIRECT"},
	} {
		t.Run(name, func(t *testing.T) {
			k := newDesk(t, dbtest.SQLite(t))
			to := newReceiver(t, c.answer)
			hook, _ := k.hook(to.URL, nil)
			e := k.happens(1, hook)[0]
			err := k.send(e.ID)
			k.want(e.ID, c.status, 1, c.code)
			if waits := c.status == "QUEUED"; waits != (err != nil) {
				t.Errorf("the job got %v", err)
			}
			if e = k.event(e.ID); (e.EndedAt == nil) != (c.status == "QUEUED") || (e.DeliveredAt == nil) != (c.status != "DELIVERED") {
				t.Errorf("got ended %v, delivered %v", e.EndedAt, e.DeliveredAt)
			}
		})
	}
}

func TestAnAnswerIsKeptInPart(t *testing.T) {
	k := newDesk(t, dbtest.SQLite(t))
	to := newReceiver(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(500)
		_, _ = w.Write([]byte("о\x00ш\x1bи\xffбка\n" + strings.Repeat("я", 1<<20)))
	})
	hook, _ := k.hook(to.URL, nil)
	e := k.happens(1, hook)[0]
	_ = k.send(e.ID)
	a := k.attempts(e.ID)[0]
	if !utf8.ValidString(a.Answer) || len(a.Answer) > 500 || !strings.HasPrefix(a.Answer, "ошибка яяя") || *a.HTTPStatus != 500 || a.ErrorCode != "HTTP_500" {
		t.Errorf("got %+v", a)
	}
}

func TestRetryAfterIsHeededUpToABound(t *testing.T) {
	for header, bounds := range map[string][2]time.Duration{
		"3600":                          {time.Hour, time.Hour},
		"999999999":                     {4 * time.Hour, 4 * time.Hour},
		"1":                             {4500 * time.Millisecond, 5500 * time.Millisecond},
		"soon":                          {4500 * time.Millisecond, 5500 * time.Millisecond},
		"Thu, 26 Nov 2026 09:10:00 GMT": {10 * time.Minute, 10 * time.Minute},
	} {
		t.Run(header, func(t *testing.T) {
			k := newDesk(t, dbtest.SQLite(t))
			to := newReceiver(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", header)
				w.WriteHeader(503)
			})
			hook, _ := k.hook(to.URL, nil)
			e := k.happens(1, hook)[0]
			_ = k.send(e.ID)
			if wait := k.event(e.ID).DueAt.Sub(k.clock.now()); wait < bounds[0] || wait > bounds[1] {
				t.Errorf("waits %s, want %s to %s", wait, bounds[0], bounds[1])
			}
		})
	}
}

func TestAnEventIsTriedForADay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		to := newReceiver(t, status(500))
		hook, _ := k.hook(to.URL, nil)
		e := k.happens(1, hook)[0]
		begun := k.clock.now()
		for k.event(e.ID).Status == webhookdelivery.StatusQUEUED {
			if err := k.send(e.ID); err != nil && k.event(e.ID).DueAt.After(k.clock.now()) {
				calls := to.calls()
				if err := k.send(e.ID); err == nil || to.calls() != calls {
					t.Fatalf("before it is due: got %v and %d calls, want %d", err, to.calls(), calls)
				}
				k.clock.move(k.event(e.ID).DueAt.Sub(k.clock.now()))
			}
			if to.calls() > 20 {
				t.Fatal("it never ends")
			}
		}
		lasted := k.clock.now().Sub(begun)
		k.want(e.ID, webhookdelivery.StatusFAILED, to.calls(), "HTTP_500")
		if lasted < 19*time.Hour || lasted > 24*time.Hour || to.calls() < 10 || to.calls() > 14 || len(k.attempts(e.ID)) != to.calls() {
			t.Errorf("tried %d times within %s with %d rows", to.calls(), lasted, len(k.attempts(e.ID)))
		}
		t.Run("a person has it sent again, for another day", func(t *testing.T) {
			to.answer = nil
			if _, err := k.Repeat(k.admin, e.ID); err != nil {
				t.Fatal(err)
			}
			if got := k.event(e.ID); got.Round != 1 || got.Attempts != 0 || got.EndedAt != nil || !got.RoundAt.Equal(k.clock.now()) {
				t.Errorf("got %+v", got)
			}
			_, err := k.Repeat(k.admin, e.ID)
			wantFaults(t, err, "ALREADY_QUEUED id")
			if err := k.Send(auth.AsSystem(t.Context(), "test"), webhooks.Due{Event: e.ID, Round: 0}); err != nil || k.event(e.ID).Attempts != 0 {
				t.Errorf("the job of the round before: got %v", err)
			}
			if err := k.send(e.ID); err != nil {
				t.Fatal(err)
			}
			k.want(e.ID, webhookdelivery.StatusDELIVERED, 1, "")
		})
	})
}

func TestAnAttemptThatWasBrokenOffIsMadeAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		hook, _ := k.hook("http://example.org/", nil)
		e := k.happens(1, hook)[0]
		// As it stands where the process ends between the call and its record.
		k.DB.WebhookDelivery.UpdateOneID(e.ID).SetAttempts(1).SetDueAt(k.clock.now().Add(time.Minute)).ExecX(k.system)
		if err := k.send(e.ID); err == nil || err.Error() != jobs.Later(time.Minute).Error() {
			t.Errorf("got %v, want it later", err)
		}
		to := newReceiver(t, nil)
		if _, err := k.Update(k.admin, hook.ID, webhooks.Form{URL: &to.URL}); err != nil {
			t.Fatal(err)
		}
		k.clock.move(time.Minute)
		if err := k.send(e.ID); err != nil {
			t.Fatal(err)
		}
		k.want(e.ID, webhookdelivery.StatusDELIVERED, 2, "")
	})
}

func TestOfManyThatSendAnEventOneDoes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		to := newReceiver(t, nil)
		hook, _ := k.hook(to.URL, nil)
		e := k.happens(1, hook)[0]
		second := k.service(dbtest.Second(t, d))
		both := []*webhooks.Service{k.Service, second}
		atOnce(16, func(i int) {
			_ = both[i%2].Send(auth.AsSystem(t.Context(), "test"), webhooks.Due{Event: e.ID})
		})
		if to.calls() != 1 || len(k.attempts(e.ID)) != 1 {
			t.Errorf("got %d calls and %d rows, want one", to.calls(), len(k.attempts(e.ID)))
		}
	})
}

func TestCancel(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		to := newReceiver(t, nil)
		hook, _ := k.hook(to.URL, nil)
		e := k.happens(1, hook)[0]
		if _, err := k.Cancel(k.admin, e.ID); err != nil {
			t.Fatal(err)
		}
		_, err := k.Cancel(k.admin, e.ID)
		wantFaults(t, err, "NOT_QUEUED id")
		if err := k.send(e.ID); err != nil || to.calls() != 0 {
			t.Errorf("got %v and %d calls, want none", err, to.calls())
		}
		k.want(e.ID, webhookdelivery.StatusCANCELLED, 0, "")
	})
}

func TestASlowWebhookHoldsNoOtherUp(t *testing.T) {
	k := newDesk(t, dbtest.SQLite(t))
	open := make(chan struct{})
	slow := newReceiver(t, func(w http.ResponseWriter, _ *http.Request) { <-open })
	fast := newReceiver(t, nil)
	first, _ := k.hook(slow.URL, nil)
	k.happens(30, first)
	second, _ := k.hook(fast.URL, nil, "LEAD_ASSIGNED")
	work(t, k.Service)
	until(t, "the slow one is called", func() bool { return slow.calls() == 2 })
	k.happens(5, second)
	until(t, "the other has all", func() bool { return fast.calls() == 5 })
	if slow.calls() != 2 {
		t.Errorf("the slow one is called %d times at once, want 2", slow.calls())
	}
	close(open)
	until(t, "the slow one has all", func() bool { return slow.calls() == 35 })
}
