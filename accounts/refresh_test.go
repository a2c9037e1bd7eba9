package accounts_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"channelbook/accounts"
	"channelbook/ent/refreshtoken"
	"channelbook/ent/session"
	"channelbook/internal/fault"
)

func TestRefresh(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		s.admin(t, "boss")

		t.Run("gives a new pair of the same session and prolongs it", func(t *testing.T) {
			first := s.signIn(t, "boss", password)
			s.pass(t, time.Minute)
			second, err := s.Refresh(t.Context(), first.RefreshToken)
			if err != nil {
				t.Fatal(err)
			}
			if was, is := s.viewer(t, first), s.viewer(t, second); was != is {
				t.Errorf("got viewer %+v, want %+v", is, was)
			}
			if second.RefreshToken == first.RefreshToken || !second.RefreshTokenExpiresAt.Equal(s.Now().Add(30*24*time.Hour)) {
				t.Errorf("got the token of before, or one until %v", second.RefreshTokenExpiresAt)
			}
			row := s.DB.Session.GetX(system(t), s.viewer(t, second).SessionID)
			if !row.ExpiresAt.Equal(second.RefreshTokenExpiresAt) {
				t.Errorf("the session ends at %v, want %v", row.ExpiresAt, second.RefreshTokenExpiresAt)
			}
		})
		t.Run("ends the session of a token used twice", func(t *testing.T) {
			first := s.signIn(t, "boss", password)
			other := s.signIn(t, "boss", password)
			second, err := s.Refresh(t.Context(), first.RefreshToken)
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.Refresh(t.Context(), first.RefreshToken)
			wantFault(t, err, "INVALID_REFRESH_TOKEN refreshToken")
			s.wantEnded(t, second)
			s.wantAlive(t, other)
		})
		t.Run("refuses an old token and leaves its session", func(t *testing.T) {
			in := s.signIn(t, "boss", password)
			v := s.viewer(t, in)
			s.pass(t, 30*24*time.Hour)
			_, err := s.Refresh(t.Context(), in.RefreshToken)
			wantFault(t, err, "INVALID_REFRESH_TOKEN refreshToken")
			if s.DB.Session.GetX(system(t), v.SessionID).RevokedAt != nil {
				t.Error("got the session revoked, want it merely old")
			}
		})
		t.Run("refuses what is no token", func(t *testing.T) {
			in := s.signIn(t, "boss", password)
			for _, token := range []string{"", "cbr_", in.AccessToken, in.RefreshToken[:46], in.RefreshToken + "A", "cbr_\x00" + in.RefreshToken[5:], "cbr_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"} {
				_, err := s.Refresh(t.Context(), token)
				wantFault(t, err, "INVALID_REFRESH_TOKEN refreshToken")
			}
			s.wantAlive(t, in)
		})
		t.Run("refuses a user whom the base has disabled", func(t *testing.T) {
			u := s.admin(t, "blocked")
			in := s.signIn(t, "blocked", password)
			s.DB.User.UpdateOneID(u.ID).SetDisabledAt(s.Now()).ExecX(system(t))
			_, err := s.Refresh(t.Context(), in.RefreshToken)
			wantFault(t, err, "INVALID_REFRESH_TOKEN refreshToken")
		})
	})
}

func TestOfFiftyRefreshesAtOnceOneWinsAndTheSessionEnds(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		s.admin(t, "boss")
		in := s.signIn(t, "boss", password)
		var won atomic.Pointer[accounts.Session]
		var wins, refusals atomic.Int32
		var all sync.WaitGroup
		start := make(chan struct{})
		for range 50 {
			all.Go(func() {
				<-start
				next, err := s.Refresh(t.Context(), in.RefreshToken)
				switch {
				case err == nil:
					wins.Add(1)
					won.Store(&next)
				case fault.HasCode(err, "INVALID_REFRESH_TOKEN"):
					refusals.Add(1)
				default:
					t.Errorf("got %v, want a win or a refusal", err)
				}
			})
		}
		close(start)
		all.Wait()
		if wins.Load() != 1 || refusals.Load() != 49 {
			t.Fatalf("got %d wins and %d refusals, want 1 and 49", wins.Load(), refusals.Load())
		}
		s.wantEnded(t, *won.Load())
		unused := s.DB.RefreshToken.Query().Where(refreshtoken.UsedAtIsNil(), refreshtoken.HasSessionWith(session.RevokedAtIsNil()))
		if n := unused.CountX(system(t)); n != 0 {
			t.Errorf("got %d tokens good still, want none", n)
		}
	})
}
