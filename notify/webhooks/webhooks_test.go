package webhooks_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"channelbook/ent"
	"channelbook/ent/notice"
	"channelbook/ent/user"
	"channelbook/ent/webhookattempt"
	"channelbook/ent/webhookdelivery"
	"channelbook/ent/webhookstate"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/internal/jobs"
	"channelbook/notify"
	"channelbook/notify/webhooks"
)

// desk is the service over a fresh base under a clock that the test moves, with the line of notices that feeds it, an
// administrator and two distributors.
type desk struct {
	*webhooks.Service
	t             *testing.T
	line          *notify.Service
	admin, system context.Context
	north, south  gid.ID
	clock         *clock
}

type clock struct{ at atomic.Pointer[time.Time] }

func (c *clock) now() time.Time { return *c.at.Load() }

func (c *clock) move(by time.Duration) {
	at := c.now().Add(by)
	c.at.Store(&at)
}

func newDesk(t *testing.T, d *db.DB) *desk {
	t.Helper()
	c := &clock{}
	at := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	c.at.Store(&at)
	k := &desk{t: t, clock: c, system: db.Unaudited(auth.AsSystem(t.Context(), "test"), "a test")}
	k.Service = k.service(d)
	k.line = k.lineOf(k.Service)
	k.north, k.south = k.distributor("Север"), k.distributor("Юг")
	boss := d.User.Create().SetLogin("boss").SetPasswordHash("-").SetRole(user.RoleADMIN).SetCreatedAt(at).SetUpdatedAt(at).SaveX(k.system)
	k.admin = auth.With(t.Context(), auth.Viewer{Role: auth.Admin, UserID: boss.ID, SessionID: gid.New()})
	return k
}

// service is an instance over a base.
func (k *desk) service(d *db.DB) *webhooks.Service {
	return &webhooks.Service{DB: d, Now: k.clock.now, Log: dbtest.Log(k.t), Keys: dbtest.Keys(), AllowPrivate: true}
}

// lineOf gives notices their places at an instance.
func (k *desk) lineOf(s *webhooks.Service) *notify.Service {
	line := &notify.Service{DB: s.DB, Now: k.clock.now, Log: dbtest.Log(k.t)}
	line.Further = append(line.Further, s.Plan)
	return line
}

func (k *desk) distributor(name string) gid.ID {
	return k.DB.Distributor.Create().SetCompanyName(name).SetCompanyNameFold(name).SetCreatedAt(k.clock.now()).SetUpdatedAt(k.clock.now()).SaveX(k.system).ID
}

// hook registers a webhook that wants what is told of leads, and tells its secret.
func (k *desk) hook(url string, of *gid.ID, events ...string) (*ent.Webhook, string) {
	k.t.Helper()
	if len(events) == 0 {
		events = []string{"LEAD_ASSIGNED", "LEAD_TAKEN"}
	}
	row, secret, err := k.Create(k.admin, webhooks.Form{Name: new("ERP"), URL: &url, Events: events, DistributorID: of})
	if err != nil {
		k.t.Fatal(err)
	}
	return row, secret
}

// about is something that happened to a lead, told to whom it is for.
func about(kind notice.Kind, object string, to notify.To) notify.Notice {
	return notify.Notice{Event: notify.Event{Kind: kind, Title: "Лид Анны", Text: "Анна", Object: object}, To: to}
}

func (k *desk) lead() string { return gid.Lead.Format(gid.New()) }

// tell tells of something and gives it its place.
func (k *desk) tell(notices ...notify.Notice) {
	k.t.Helper()
	k.write(notices...)
	if _, err := k.line.Settle(k.t.Context()); err != nil {
		k.t.Fatal(err)
	}
}

func (k *desk) write(notices ...notify.Notice) {
	k.t.Helper()
	if err := db.WithTx(k.system, k.DB, func(tx *db.Tx) error { return notify.Tell(k.system, tx, k.clock.now(), notices...) }); err != nil {
		k.t.Fatal(err)
	}
}

// happens has n leads assigned to the north, and tells the events of a webhook, oldest first.
func (k *desk) happens(n int, hook *ent.Webhook) []*ent.WebhookDelivery {
	k.t.Helper()
	for range n {
		k.tell(about(notice.KindLEAD_ASSIGNED, k.lead(), notify.To{Distributor: k.north}))
	}
	return k.events(hook)
}

func (k *desk) events(hook *ent.Webhook) []*ent.WebhookDelivery {
	return k.DB.WebhookDelivery.Query().Where(webhookdelivery.WebhookID(hook.ID)).Order(ent.Asc(webhookdelivery.FieldID)).AllX(k.system)
}

func (k *desk) event(id gid.ID) *ent.WebhookDelivery { return k.DB.WebhookDelivery.GetX(k.system, id) }

func (k *desk) attempts(id gid.ID) []*ent.WebhookAttempt {
	return k.DB.WebhookAttempt.Query().Where(webhookattempt.DeliveryID(id)).Order(ent.Asc(webhookattempt.FieldID)).AllX(k.system)
}

func (k *desk) state(hook *ent.Webhook) *ent.WebhookState {
	return k.DB.WebhookState.Query().Where(webhookstate.WebhookID(hook.ID)).OnlyX(k.system)
}

// send does the job of an event as it stands, and tells what the queue would make of it.
func (k *desk) send(id gid.ID) error {
	return k.Send(auth.AsSystem(k.t.Context(), "test"), webhooks.Due{Event: id, Round: k.event(id).Round})
}

// want fails where an event does not stand as said.
func (k *desk) want(id gid.ID, status webhookdelivery.Status, attempts int, code string) {
	k.t.Helper()
	if e := k.event(id); e.Status != status || e.Attempts != attempts || e.ErrorCode != code {
		k.t.Errorf("got %s after %d attempts with %q, want %s after %d with %q", e.Status, e.Attempts, e.ErrorCode, status, attempts, code)
	}
}

func wantFaults(t *testing.T, err error, codes ...string) {
	t.Helper()
	all, _ := fault.All(err)
	var got []string
	for _, f := range all {
		got = append(got, f.Code+" "+f.Field)
	}
	if len(got) != len(codes) {
		t.Fatalf("got %v (%v), want %v", got, err, codes)
	}
	for i := range codes {
		if got[i] != codes[i] {
			t.Errorf("got %v, want %v", got, codes)
		}
	}
}

// receiver is an integrator's system.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	got    []*http.Request
	bodies []string
	answer http.HandlerFunc // nil: 204
}

func newReceiver(t *testing.T, answer http.HandlerFunc) *receiver {
	t.Helper()
	r := &receiver{answer: answer}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		r.got, r.bodies = append(r.got, req), append(r.bodies, string(body))
		r.mu.Unlock()
		if r.answer == nil {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		r.answer(w, req)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) calls() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.got)
}

func (r *receiver) last() (*http.Request, string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.got[len(r.got)-1], r.bodies[len(r.bodies)-1]
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// work has an instance do its jobs for as long as the test goes on.
func work(t *testing.T, s *webhooks.Service) {
	t.Helper()
	q := &jobs.Queue{DB: s.DB, Log: dbtest.Log(t), Poll: 5 * time.Millisecond, Lines: map[string]int{"webhooks": 8}}
	s.Work(q)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	running.Go(func() { q.Run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
}

// until waits for a condition.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}
