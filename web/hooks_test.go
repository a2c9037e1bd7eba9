package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/internal/jobs"
	"channelbook/internal/ratelimit"
	"channelbook/internal/reqctx"
	"channelbook/notify/channel"
	"channelbook/notify/email"
	"channelbook/notify/notifytest"
	"channelbook/notify/whatsapp"
	"channelbook/web"
)

const hookToken, appSecret, verifyToken = "token-of-the-hook-0001", "secret-of-the-app", "shown-by-the-app"

// hooked is an edge with both hooks, and what they report once its queue runs.
type hooked struct {
	t     *testing.T
	d     *db.DB
	edge  func(method, target, body string, headers ...string) *httptest.ResponseRecorder
	queue *jobs.Queue

	mu   sync.Mutex
	told []channel.Report
}

func hooks(t *testing.T, d *db.DB, double *notifytest.Elastic) *hooked {
	t.Helper()
	dbtest.NeverLogged(hookToken, appSecret, verifyToken)
	h := &hooked{t: t, d: d, queue: &jobs.Queue{DB: d, Log: dbtest.Log(t), Poll: 5 * time.Millisecond}}
	report := func(_ context.Context, r ...channel.Report) error {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.told = append(h.told, r...)
		return nil
	}
	log := slog.New(reqctx.LogHandler(slog.NewJSONHandler(dbtest.Canaries(t), &slog.HandlerOptions{Level: slog.LevelDebug})))
	k := web.Hooks{
		Email:    &email.Callbacks{DB: d, Elastic: email.NewElastic(double.URL, notifytest.ElasticKey, "leads@example.ru", 4), Token: hookToken, Report: report},
		WhatsApp: &whatsapp.Callbacks{DB: d, AppSecret: appSecret, VerifyToken: verifyToken, Report: report},
		Requests: ratelimit.NewRequests(0, 3, time.Now), Log: log,
	}
	k.Email.Work(h.queue)
	k.WhatsApp.Work(h.queue)
	e := edge(nil)
	e.Log = log
	served := handler(t, e, k.Routes())
	h.edge = func(method, target, body string, headers ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, target, strings.NewReader(body))
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		return answer(served, r)
	}
	return h
}

// jobs are the arguments of all jobs that there are.
func (h *hooked) jobs() (args []string) {
	h.t.Helper()
	err := db.WithTx(h.t.Context(), h.d, func(tx *db.Tx) error {
		rows, err := tx.SQL().QueryContext(h.t.Context(), `SELECT CAST(args AS TEXT) FROM river_job ORDER BY id`)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var one string
			if err := rows.Scan(&one); err != nil {
				return err
			}
			args = append(args, one)
		}
		return rows.Err()
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return args
}

// work runs the queue until so much was reported.
func (h *hooked) work(n int) []channel.Report {
	h.t.Helper()
	ctx, stop := context.WithCancel(h.t.Context())
	done := make(chan struct{})
	go func() { h.queue.Run(ctx); close(done) }()
	enough := func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		return len(h.told) >= n
	}
	for late := time.Now().Add(20 * time.Second); !enough(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(late) {
			h.t.Fatalf("%d were reported, want %d", len(h.told), n)
		}
	}
	stop()
	<-done
	return h.told
}

func TestElasticEmailsHook(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		double := notifytest.NewElastic(t)
		h := hooks(t, d, double)
		of := notifytest.Sent{Delivery: gid.Delivery.Format(gid.New()), ID: "message-1", Transaction: "transaction-1", To: "maria@example.ru", From: "leads@example.ru", Subject: "Анна Петрова"}
		hint, path := double.Hint(of, "Sent", ""), "/hooks/elasticemail/"+hookToken
		for name, c := range map[string]struct {
			method, target, body string
			want                 int
		}{
			"a check of the address":      {"GET", path, "", 200},
			"somebody else's message":     {"GET", path + "?" + url.Values{"postback": {"campaign"}, "to": {"maria@example.ru"}}.Encode(), "", 200},
			"parameters that are broken":  {"GET", path + "?to=maria@example.ru&x=%zz", "", 400},
			"far too many parameters":     {"GET", path + "?to=maria@example.ru&subject=" + strings.Repeat("x", 40<<10), "", 400},
			"a form that is far too long": {"POST", path, "to=maria@example.ru&subject=" + strings.Repeat("x", 40<<10), 400},
		} {
			if got := h.edge(c.method, c.target, c.body, "Content-Type", "application/x-www-form-urlencoded"); got.Code != c.want || strings.Contains(got.Body.String(), "maria") {
				t.Errorf("%s: got %d %s, want %d", name, got.Code, got.Body, c.want)
			}
		}
		if got := h.jobs(); len(got) > 0 {
			t.Errorf("got the jobs %v, want none", got)
		}
		for range 3 { // the same again is one question
			if got := h.edge("GET", path+"?"+hint.Encode(), ""); got.Code != 200 {
				t.Fatalf("got %d %s", got.Code, got.Body)
			}
		}
		if got := h.edge("POST", path, double.Hint(of, "Opened", "").Encode(), "Content-Type", "application/x-www-form-urlencoded"); got.Code != 200 {
			t.Errorf("a form: got %d", got.Code)
		}
		kept := h.jobs()
		if len(kept) != 2 || dbtest.Personal(strings.Join(kept, "")) != "" || !strings.Contains(kept[0], "transaction-1") {
			t.Errorf("got the jobs %v, want two without an address", kept)
		}
		for range 80 { // whoever guesses is not let in any more
			if got := h.edge("GET", "/hooks/elasticemail/token-of-the-hook-0002?"+hint.Encode(), ""); got.Code != 404 && got.Code != 429 {
				t.Fatalf("another token: got %d", got.Code)
			}
		}
		if got := h.edge("GET", path, ""); got.Code != 429 || got.Header().Get("Retry-After") == "" {
			t.Errorf("after many guesses: got %d", got.Code)
		}
		if len(h.jobs()) != 2 {
			t.Errorf("got the jobs %v", h.jobs())
		}
	})
}

func TestWhatsAppsHook(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := hooks(t, d, notifytest.NewElastic(t))
		const path = "/hooks/whatsapp"
		got := h.edge("GET", path+"?hub.mode=subscribe&hub.verify_token="+verifyToken+"&hub.challenge=1158201444", "")
		if got.Code != 200 || got.Body.String() != "1158201444" || !strings.HasPrefix(got.Header().Get("Content-Type"), "text/plain") {
			t.Errorf("the greeting: got %d %q %v", got.Code, got.Body, got.Header())
		}
		for _, q := range []string{"", "?hub.mode=subscribe&hub.verify_token=another&hub.challenge=1", "?hub.mode=subscribe&hub.challenge=1", "?hub.verify_token=" + verifyToken + "&hub.challenge=1"} {
			if got := h.edge("GET", path+q, ""); got.Code != 403 {
				t.Errorf("%s: got %d, want 403", q, got.Code)
			}
		}
		of := notifytest.Sent{Delivery: gid.Delivery.Format(gid.New()), ID: "wamid.1", To: "79991234567"}
		body := string(notifytest.StatusCall(notifytest.Status{Of: of, Status: "sent"}, notifytest.Status{Of: of, Status: "delivered"}, notifytest.Status{Of: of, Status: "failed", Code: 131050}))
		post := func(body, signature, kind string) int {
			return h.edge("POST", path, body, "X-Hub-Signature-256", signature, "Content-Type", kind).Code
		}
		broken := `{"entry": [{"to":"79991234567"`
		for name, c := range map[string]struct {
			body, signature, kind string
			want                  int
		}{
			"not signed":                 {body, "", "application/json", 401},
			"signed by somebody else":    {body, notifytest.Sign("another", []byte(body)), "application/json", 401},
			"changed after it was":       {body + " ", notifytest.Sign(appSecret, []byte(body)), "application/json", 401},
			"signed in another way":      {body, strings.TrimPrefix(notifytest.Sign(appSecret, []byte(body)), "sha256="), "application/json", 401},
			"broken, and signed":         {broken, notifytest.Sign(appSecret, []byte(broken)), "application/json", 400},
			"broken, and not signed":     {broken, "sha256=00", "application/json", 401},
			"of another type":            {body, notifytest.Sign(appSecret, []byte(body)), "text/plain", 415},
			"larger than any call":       {strings.Repeat("x", 3<<20), "sha256=00", "application/json", 413},
			"about nothing that is ours": {`{"entry":[{}]}`, notifytest.Sign(appSecret, []byte(`{"entry":[{}]}`)), "application/json", 200},
		} {
			if got := post(c.body, c.signature, c.kind); got != c.want {
				t.Errorf("%s: got %d, want %d", name, got, c.want)
			}
		}
		if kept := h.jobs(); len(kept) > 0 {
			t.Errorf("got the jobs %v, want none", kept)
		}
		for range 2 { // repeated before it was worked: once
			if got := post(body, notifytest.Sign(appSecret, []byte(body)), "application/json; charset=utf-8"); got != 200 {
				t.Fatalf("got %d", got)
			}
		}
		if kept := h.jobs(); len(kept) != 1 || dbtest.Personal(kept[0]) != "" || strings.Contains(kept[0], "7999") {
			t.Errorf("got the jobs %v, want one without a phone", kept)
		}
		told := h.work(3)
		if len(told) != 3 || told[0].Status != channel.Sent || told[1].Status != channel.Delivered || told[2].Failure == nil || told[2].Failure.Class != channel.Unwanted ||
			gid.Delivery.Format(told[0].Delivery) != of.Delivery || told[0].ID != "wamid.1" {
			text, _ := json.Marshal(told)
			t.Errorf("got %s", text)
		}
	})
}

func TestAHookThatIsNotSetUpIsNotThere(t *testing.T) {
	h := handler(t, edge(&bytes.Buffer{}), web.Hooks{}.Routes())
	for _, path := range []string{"/hooks/elasticemail/" + hookToken, "/hooks/elasticemail/", "/hooks/whatsapp"} {
		if got := answer(h, get(path)); got.Code != 404 {
			t.Errorf("%s: got %d, want 404", path, got.Code)
		}
	}
}

// TestACallThatCannotBeKeptIsToComeAgain: the base is away.
func TestACallThatCannotBeKeptIsToComeAgain(t *testing.T) {
	d := dbtest.SQLite(t)
	double := notifytest.NewElastic(t)
	h := hooks(t, d, double)
	of := notifytest.Sent{Delivery: gid.Delivery.Format(gid.New()), ID: "1", Transaction: "1", To: "79991234567"}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	body := notifytest.StatusCall(notifytest.Status{Of: of, Status: "sent"})
	if got := h.edge("POST", "/hooks/whatsapp", string(body), "X-Hub-Signature-256", notifytest.Sign(appSecret, body), "Content-Type", "application/json"); got.Code != 503 {
		t.Errorf("WhatsApp: got %d, want 503", got.Code)
	}
	if got := h.edge("GET", "/hooks/elasticemail/"+hookToken+"?"+double.Hint(of, "Sent", "").Encode(), ""); got.Code != 503 {
		t.Errorf("Elastic Email: got %d, want 503", got.Code)
	}
}
