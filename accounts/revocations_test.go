package accounts_test

import (
	"context"
	"testing"
	"time"

	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
)

// pair is two instances over one base.
func pair(t *testing.T, d *db.DB) (one, two *instance) {
	t.Helper()
	c := newClock()
	return newInstance(t, d, c).follows(t), newInstance(t, dbtest.Second(t, d), c).follows(t)
}

func TestAnotherInstanceRefusesAnEndedSessionWithinASecond(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		one, two := pair(t, d)
		boss := one.admin(t, "boss")
		one.admin(t, "other")

		t.Run("after a sign-out", func(t *testing.T) {
			in := one.signIn(t, "boss", password)
			session := two.viewer(t, in).SessionID
			if two.Revocations.Revoked(session) {
				t.Fatal("a live session is refused")
			}
			if err := one.SignOut(one.as(t, in)); err != nil {
				t.Fatal(err)
			}
			if !one.Revocations.Revoked(session) {
				t.Error("the instance that ended the session does not refuse it at once")
			}
			eventually(t, promptly, "the other instance does not refuse it", func() bool { return two.Revocations.Revoked(session) })
		})
		t.Run("after the user was disabled", func(t *testing.T) {
			session := two.viewer(t, two.signIn(t, "boss", password)).SessionID
			if _, err := one.DisableUser(system(t), boss.ID); err != nil {
				t.Fatal(err)
			}
			eventually(t, promptly, "the other instance does not refuse it", func() bool { return two.Revocations.Revoked(session) })
		})
	})
}

func TestAnotherInstanceRefusesAnEndedSessionAfterItsListenerWasKilled(t *testing.T) {
	d := dbtest.Postgres(t)
	one, two := pair(t, d)
	one.admin(t, "boss")
	sessions := []gid.ID{}
	for range 5 {
		in := one.signIn(t, "boss", password)
		session := one.viewer(t, in).SessionID
		eventually(t, 5*time.Second, "no connection listens", func() bool { return killListeners(t, d) > 0 })
		if err := one.SignOut(one.as(t, in)); err != nil {
			t.Fatal(err)
		}
		eventually(t, promptly, "the other instance does not refuse it", func() bool { return two.Revocations.Revoked(session) })
		sessions = append(sessions, session)
	}
	for _, session := range sessions {
		if !one.Revocations.Revoked(session) || !two.Revocations.Revoked(session) {
			t.Errorf("session %s is let in again", session)
		}
	}
}

// killListeners ends the connections that listen on the base of d. What they ran last is LISTEN, or an empty
// statement that shows they live.
func killListeners(t *testing.T, d *db.DB) (killed int) {
	t.Helper()
	rows, err := d.QueryContext(system(t), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND (query LIKE 'LISTEN%' OR query = '')`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		killed++
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return killed
}

func TestAnInstanceThatStartsKnowsWhatEndedBefore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newClock()
		one := newInstance(t, d, c).follows(t)
		one.admin(t, "boss")
		in := one.signIn(t, "boss", password)
		session := one.viewer(t, in).SessionID
		if err := one.SignOut(one.as(t, in)); err != nil {
			t.Fatal(err)
		}
		two := newInstance(t, dbtest.Second(t, d), c)
		if !two.Revocations.Revoked(gid.New()) {
			t.Error("before the first reading a session is let in, want all refused")
		}
		if err := two.Revocations.Load(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !two.Revocations.Revoked(session) || two.Revocations.Revoked(gid.New()) {
			t.Errorf("got ended %v, other %v, want the ended one refused alone", two.Revocations.Revoked(session), two.Revocations.Revoked(gid.New()))
		}
		c.pass(auth.TokenLife)
		if err := two.Revocations.Load(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !two.Revocations.Revoked(session) {
			t.Error("forgotten while its last access token may still be good")
		}
		c.pass(time.Hour)
		if err := two.Revocations.Load(t.Context()); err != nil {
			t.Fatal(err)
		}
		if two.Revocations.Revoked(session) {
			t.Error("remembered for ever")
		}
	})
}

func TestNobodyIsLetInWhileTheBaseCannotBeRead(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newInstance(t, d, newClock())
		if err := s.Revocations.Load(t.Context()); err != nil {
			t.Fatal(err)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		s.clock.pass(30 * time.Second)
		if err := s.Revocations.Load(ended); err == nil {
			t.Fatal("got a reading without a base, want an error")
		}
		if s.Revocations.Revoked(gid.New()) {
			t.Error("refused after 30 seconds, want it let in still")
		}
		s.clock.pass(time.Millisecond)
		if !s.Revocations.Revoked(gid.New()) {
			t.Error("let in after more than 30 seconds")
		}
		if err := s.Revocations.Load(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s.Revocations.Revoked(gid.New()) {
			t.Error("refused after a reading, want it let in again")
		}
	})
}

func TestSweep(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		s.admin(t, "boss")
		s.signIn(t, "boss", password)
		kept := s.signIn(t, "boss", password)
		s.pass(t, 20*24*time.Hour)
		next, err := s.Refresh(t.Context(), kept.RefreshToken)
		if err != nil {
			t.Fatal(err)
		}
		sweep := func(sessions, tokens int) {
			t.Helper()
			for range 2 {
				if err := s.Sweep(system(t)); err != nil {
					t.Fatal(err)
				}
				gotS, gotT := s.DB.Session.Query().CountX(system(t)), s.DB.RefreshToken.Query().CountX(system(t))
				if gotS != sessions || gotT != tokens {
					t.Errorf("got %d sessions and %d tokens left, want %d and %d", gotS, gotT, sessions, tokens)
				}
			}
		}
		sweep(2, 3)
		s.pass(t, 18*24*time.Hour)
		sweep(1, 1)
		if !s.alive(t, next) {
			t.Error("a living session was swept away")
		}
	})
}
