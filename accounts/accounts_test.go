package accounts_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"channelbook/accounts"
	"channelbook/ent"
	"channelbook/ent/sealed"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
)

const password = "correct horse"

// clock can be moved by a test while others read it.
type clock struct{ at atomic.Pointer[time.Time] }

func newClock() *clock {
	c := &clock{}
	start := dbtest.Clock("2026-03-01T09:00:00Z")()
	c.at.Store(&start)
	return c
}

func (c *clock) Now() time.Time { return *c.at.Load() }

func (c *clock) pass(d time.Duration) {
	later := c.Now().Add(d)
	c.at.Store(&later)
}

// instance is one server over a base: the service, and what a request is judged by.
type instance struct {
	*accounts.Service
	clock *clock
}

func newInstance(t *testing.T, d *db.DB, c *clock) *instance {
	t.Helper()
	keys, err := auth.ParseKeys("test:0123456789abcdef0123456789abcdef")
	if err != nil {
		t.Fatal(err)
	}
	log := dbtest.Log(t)
	return &instance{clock: c, Service: &accounts.Service{
		DB: d, Now: c.Now, Tokens: &auth.Tokens{Keys: keys, Now: c.Now}, Log: log,
		Revocations: &accounts.Revocations{DB: d, Now: c.Now, Log: log}, Keys: dbtest.Keys(),
	}}
}

// follows makes the instance know what ended, as a server does, until the test ends.
func (s *instance) follows(t *testing.T) *instance {
	t.Helper()
	if err := s.Revocations.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := s.Revocations.Run(ctx); err != nil {
			t.Errorf("run: %v", err)
		}
	})
	t.Cleanup(func() { stop(); running.Wait() })
	return s
}

// pass lets time go by, for an instance that reads the base all the while.
func (s *instance) pass(t *testing.T, d time.Duration) {
	t.Helper()
	s.clock.pass(d)
	if err := s.Revocations.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// viewer is who a session's access token stands for, as a request would be judged.
func (s *instance) viewer(t *testing.T, session accounts.Session) auth.Viewer {
	t.Helper()
	v, err := s.Tokens.Parse(session.AccessToken)
	if err != nil {
		t.Fatalf("the access token: %v", err)
	}
	return v
}

func (s *instance) as(t *testing.T, session accounts.Session) context.Context {
	t.Helper()
	return auth.With(t.Context(), s.viewer(t, session))
}

func (s *instance) signIn(t *testing.T, login, password string) accounts.Session {
	t.Helper()
	in, err := s.SignIn(t.Context(), accounts.SignIn{Login: login, Password: password, UserAgent: "test", RemoteAddress: "203.0.113.7"})
	if err != nil {
		t.Fatalf("sign in as %s: %v", login, err)
	}
	return in.Session
}

func system(t *testing.T) context.Context {
	return db.Unaudited(auth.AsSystem(t.Context(), "test"), "a test")
}

// admin makes an administrator.
func (s *instance) admin(t *testing.T, login string) *ent.User {
	t.Helper()
	u, err := s.CreateUser(system(t), accounts.NewUser{Login: login, Password: password, Role: auth.Admin})
	if err != nil {
		t.Fatalf("make %s: %v", login, err)
	}
	return u
}

// member makes a distributor's user.
func (s *instance) member(t *testing.T, login string, of gid.ID) *ent.User {
	t.Helper()
	u, err := s.CreateUser(system(t), accounts.NewUser{Login: login, Password: password, Role: auth.Distributor, DistributorID: &of})
	if err != nil {
		t.Fatalf("make %s: %v", login, err)
	}
	return u
}

func (s *instance) distributor(t *testing.T, name string) gid.ID {
	t.Helper()
	return s.DB.Distributor.Create().SetCompanyName(name).SetCompanyNameFold(name).SetCreatedAt(s.Now()).SetUpdatedAt(s.Now()).
		SaveX(system(t)).ID
}

// wantFault holds an error to exactly these faults, each as "CODE field".
func wantFault(t *testing.T, err error, want ...string) {
	t.Helper()
	faults, ok := fault.All(err)
	if !ok || len(faults) != len(want) {
		t.Errorf("got %v, want the faults %v", err, want)
		return
	}
	for i, f := range faults {
		if got := f.Code + " " + f.Field; got != want[i] {
			t.Errorf("fault %d: got %q, want %q", i, got, want[i])
		}
	}
}

// alive tells whether a session can still be refreshed, and refreshes it.
func (s *instance) alive(t *testing.T, session accounts.Session) bool {
	t.Helper()
	_, err := s.Refresh(t.Context(), session.RefreshToken)
	if err != nil && !fault.HasCode(err, "INVALID_REFRESH_TOKEN") {
		t.Fatalf("refresh: %v", err)
	}
	return err == nil
}

// wantEnded holds sessions to having ended: refused by their access token here, and not refreshed.
func (s *instance) wantEnded(t *testing.T, sessions ...accounts.Session) {
	t.Helper()
	for i, session := range sessions {
		if !s.Revocations.Revoked(s.viewer(t, session).SessionID) {
			t.Errorf("session %d: its access token is good still, want it refused", i)
		}
		if s.alive(t, session) {
			t.Errorf("session %d: got refreshed, want it ended", i)
		}
	}
}

// wantAlive holds sessions to going on.
func (s *instance) wantAlive(t *testing.T, sessions ...accounts.Session) {
	t.Helper()
	for i, session := range sessions {
		if s.Revocations.Revoked(s.viewer(t, session).SessionID) {
			t.Errorf("session %d: its access token is refused, want it good", i)
		}
		if !s.alive(t, session) {
			t.Errorf("session %d: got refused a refresh, want it alive", i)
		}
	}
}

// eventually polls a condition for at most d.
func eventually(t *testing.T, d time.Duration, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(d); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("after %v: %s", d, what)
		}
	}
}

// each runs a test on both engines with a fresh instance.
func each(t *testing.T, test func(t *testing.T, s *instance)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { test(t, newInstance(t, d, newClock()).follows(t)) })
}

// email and phone are a user's.
func email(t *testing.T, u *ent.User) string {
	t.Helper()
	return dbtest.Opened(t, sealed.UserEmail, u.ID, u.EmailSealed)
}

func phone(t *testing.T, u *ent.User) string {
	t.Helper()
	return dbtest.Opened(t, sealed.UserPhone, u.ID, u.PhoneSealed)
}
