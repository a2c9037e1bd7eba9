package accounts_test

import (
	"context"
	"testing"
	"time"

	"channelbook/accounts"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
)

// woken tells whether a wake-up is there, and takes it.
func woken(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func TestWhoWatchesTheSessionsOfAUserIsWokenOnEveryInstance(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		one, two := pair(t, d)
		anna, boss := one.member(t, "anna", one.distributor(t, "Ромашка")), one.admin(t, "boss")
		here, stopHere := one.WatchSessions(system(t), anna.ID)
		defer stopHere()
		there, stopThere := two.WatchSessions(system(t), anna.ID)
		defer stopThere()
		others, stopOthers := two.WatchSessions(system(t), boss.ID)
		defer stopOthers()
		var in accounts.Session
		for _, c := range []struct {
			name string
			do   func() error
		}{
			{"a session begins", func() error { in = one.signIn(t, "anna", password); return nil }},
			{"another begins", func() error { one.signIn(t, "anna", password); return nil }},
			{"a session ends", func() error { return one.SignOut(one.as(t, in)) }},
			{"the user is disabled", func() error { _, err := one.DisableUser(system(t), anna.ID); return err }},
		} {
			if err := c.do(); err != nil {
				t.Fatal(err)
			}
			eventually(t, promptly, c.name+", and this instance wakes nobody", func() bool { return woken(here) })
			eventually(t, promptly, c.name+", and the other instance wakes nobody", func() bool { return woken(there) })
		}
		if woken(others) {
			t.Error("got woken for the sessions of somebody else")
		}
		one.signIn(t, "boss", password)
		eventually(t, promptly, "nobody is woken for the boss", func() bool { return woken(others) })
		if woken(here) || woken(there) {
			t.Error("got woken for the boss, or twice for one change")
		}
	})
}

func TestNobodyIsWokenForSessionsThatTheyMayNotSee(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		company := s.distributor(t, "Ромашка")
		anna := s.member(t, "anna", company)
		s.member(t, "mole", company)
		mole := s.as(t, s.signIn(t, "mole", password))
		own := s.as(t, s.signIn(t, "anna", password))
		theirs, stop := s.WatchSessions(mole, anna.ID)
		defer stop()
		nobodys, stop := s.WatchSessions(t.Context(), anna.ID)
		defer stop()
		sources, stop := s.WatchSessions(auth.With(t.Context(), auth.Viewer{Role: auth.Source, SourceID: gid.New()}), anna.ID)
		defer stop()
		annas, stop := s.WatchSessions(own, anna.ID)
		defer stop()
		s.signIn(t, "anna", password)
		eventually(t, promptly, "Anna is not woken", func() bool { return woken(annas) })
		if woken(theirs) || woken(nobodys) || woken(sources) {
			t.Error("got somebody woken who may not see the sessions")
		}
	})
}

func TestAWatchOfSessionsEndsWithItsContext(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		boss := s.admin(t, "boss")
		ctx, leave := context.WithCancel(system(t))
		left, stopLeft := s.WatchSessions(ctx, boss.ID)
		stopped, stop := s.WatchSessions(system(t), boss.ID)
		kept, stopKept := s.WatchSessions(system(t), boss.ID)
		defer stopKept()
		leave()
		stop()
		stop()
		time.Sleep(10 * time.Millisecond) // the end of a context is told from another goroutine
		s.signIn(t, "boss", password)
		eventually(t, promptly, "who watches still is not woken", func() bool { return woken(kept) })
		if woken(left) || woken(stopped) {
			t.Error("got woken after the end of the watch")
		}
		stopLeft()
	})
}
