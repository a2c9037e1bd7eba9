package accounts_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"channelbook/accounts"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
)

// over tells whether a session has ended by now.
func over(session context.Context) bool { return session.Err() != nil }

func TestWhoWatchesASessionIsToldOfItsEndOnEveryInstance(t *testing.T) {
	for name, end := range map[string]func(t *testing.T, s *instance, anna accounts.Session) error{
		"signed out": func(t *testing.T, s *instance, anna accounts.Session) error { return s.SignOut(s.as(t, anna)) },
		"disabled": func(t *testing.T, s *instance, anna accounts.Session) error {
			_, err := s.DisableUser(system(t), s.viewer(t, anna).UserID)
			return err
		},
		"in another role": func(t *testing.T, s *instance, anna accounts.Session) error {
			role := auth.Admin
			_, err := s.UpdateUser(system(t), s.viewer(t, anna).UserID, accounts.UserPatch{Role: &role})
			return err
		},
		"given another password": func(t *testing.T, s *instance, anna accounts.Session) error {
			_, _, err := s.ResetPassword(system(t), s.viewer(t, anna).UserID)
			return err
		},
		"token used twice": func(t *testing.T, s *instance, anna accounts.Session) error {
			for range 2 {
				_, _ = s.Refresh(t.Context(), anna.RefreshToken)
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				one, two := pair(t, d)
				one.member(t, "anna", one.distributor(t, "Ромашка"))
				one.admin(t, "boss")
				anna, boss := one.signIn(t, "anna", password), one.signIn(t, "boss", password)
				here, stopHere := one.Revocations.Watch(one.viewer(t, anna).SessionID)
				there, stopThere := two.Revocations.Watch(one.viewer(t, anna).SessionID)
				again, stopAgain := two.Revocations.Watch(one.viewer(t, anna).SessionID)
				others, stopOthers := two.Revocations.Watch(one.viewer(t, boss).SessionID)
				if over(here) || over(there) || over(again) || over(others) {
					t.Fatal("got told of an end before there was one")
				}
				if err := end(t, one, anna); err != nil {
					t.Fatal(err)
				}
				if !over(here) {
					t.Error("the instance that ended the session has not told at once")
				}
				eventually(t, promptly, "the other instance has not told", func() bool { return over(there) && over(again) })
				if over(others) {
					t.Error("got told of the end of another's session")
				}
				for _, stop := range []func(){stopHere, stopThere, stopAgain, stopOthers} {
					stop()
				}
			})
		})
	}
}

func TestAWatchOfASessionThatEndedIsOverAtOnce(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		s.admin(t, "boss")
		in := s.signIn(t, "boss", password)
		if err := s.SignOut(s.as(t, in)); err != nil {
			t.Fatal(err)
		}
		ended, stop := s.Revocations.Watch(s.viewer(t, in).SessionID)
		if stop(); !over(ended) {
			t.Error("the watch of an ended session waits")
		}
		unread := newInstance(t, s.DB, s.clock)
		if ended, _ := unread.Revocations.Watch(gid.New()); !over(ended) {
			t.Error("before the first reading a watch waits, want it over as every session is refused")
		}
	})
}

func TestEveryWatchIsOverOnceTheBaseCannotBeRead(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		rename := func(from, to string) {
			t.Helper()
			if _, err := s.DB.ExecContext(system(t), "ALTER TABLE "+from+" RENAME TO "+to); err != nil {
				t.Fatal(err)
			}
		}
		ended, stop := s.Revocations.Watch(gid.New())
		defer stop()
		rename("sessions", "gone")
		s.clock.pass(29 * time.Second)
		if over(ended) {
			t.Error("got told before the base was not read for 30 seconds")
		}
		s.clock.pass(2 * time.Second)
		eventually(t, 10*time.Second, "the watch goes on without a base", func() bool { return over(ended) })
		rename("gone", "sessions")
		eventually(t, 10*time.Second, "no watch begins once the base is back", func() bool {
			again, stop := s.Revocations.Watch(gid.New())
			defer stop()
			return !over(again)
		})
	})
}

func TestAWatchThatWasStoppedLeavesTheOthersAlone(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		s.admin(t, "boss")
		in := s.signIn(t, "boss", password)
		session := s.viewer(t, in).SessionID
		stopped, stop := s.Revocations.Watch(session)
		kept, stopKept := s.Revocations.Watch(session)
		defer stopKept()
		stop()
		stop()
		later, stopLater := s.Revocations.Watch(session)
		defer stopLater()
		if over(stopped) {
			t.Error("got a session ended by the end of its watch")
		}
		if err := s.SignOut(s.as(t, in)); err != nil {
			t.Fatal(err)
		}
		if !over(kept) || !over(later) {
			t.Error("the others are not told")
		}
	})
}

func TestManyWatchesCostNoGoroutines(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		before := runtime.NumGoroutine()
		for range 5000 {
			_, stop := s.Revocations.Watch(gid.New())
			defer stop()
		}
		if more := runtime.NumGoroutine() - before; more > 100 {
			t.Errorf("got %d goroutines more for 5000 watches", more)
		}
	})
}
