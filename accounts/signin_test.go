package accounts_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"channelbook/accounts"
	"channelbook/ent/session"
	"channelbook/internal/auth"
	"channelbook/internal/fault"
)

func TestSignIn(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		company := s.distributor(t, "Ромашка")
		anna := s.member(t, "Anna", company)
		boss := s.admin(t, "boss")

		t.Run("gives tokens for the user, in any case of the login", func(t *testing.T) {
			for _, login := range []string{"anna", " ANNA ", "Anna"} {
				in, err := s.SignIn(t.Context(), accounts.SignIn{Login: login, Password: password})
				if err != nil {
					t.Fatal(err)
				}
				v := s.viewer(t, in.Session)
				want := auth.Viewer{Role: auth.Distributor, UserID: anna.ID, SessionID: v.SessionID, Distributor: company}
				if v != want || in.User.ID != anna.ID || in.User.Login != "anna" {
					t.Errorf("%q: got %+v and user %s, want %+v", login, v, in.User.Login, want)
				}
				if got := in.Session.AccessTokenExpiresAt.Sub(s.Now()); got != 15*time.Minute {
					t.Errorf("the access token is good for %v, want 15 minutes", got)
				}
				if got := in.Session.RefreshTokenExpiresAt.Sub(s.Now()); got != 30*24*time.Hour {
					t.Errorf("the refresh token is good for %v, want 30 days", got)
				}
			}
		})
		t.Run("remembers from where", func(t *testing.T) {
			v := s.viewer(t, s.signIn(t, "boss", password))
			got := s.DB.Session.GetX(system(t), v.SessionID)
			if got.UserAgent != "test" || got.RemoteAddress != "203.0.113.7" || got.UserID != boss.ID {
				t.Errorf("got %q, %q, user %s", got.UserAgent, got.RemoteAddress, got.UserID)
			}
		})
		t.Run("keeps no refresh token in the clear", func(t *testing.T) {
			token := s.signIn(t, "boss", password).RefreshToken
			if !strings.HasPrefix(token, "cbr_") {
				t.Errorf("got %q, want the prefix cbr_", token)
			}
			for _, stored := range s.DB.RefreshToken.Query().AllX(system(t)) {
				if len(stored.Hash) != 32 || strings.Contains(token, string(stored.Hash)) {
					t.Errorf("got a hash of %d bytes, want a SHA-256", len(stored.Hash))
				}
			}
		})
		t.Run("refuses alike whatever is wrong", func(t *testing.T) {
			s.member(t, "gone", company)
			gone := s.signIn(t, "gone", password)
			if _, err := s.DisableUser(system(t), s.viewer(t, gone).UserID); err != nil {
				t.Fatal(err)
			}
			before := s.DB.Session.Query().CountX(system(t))
			var messages []string
			for name, in := range map[string]accounts.SignIn{
				"unknown login":    {Login: "nobody", Password: password},
				"wrong password":   {Login: "anna", Password: "wrong horse"},
				"password's case":  {Login: "anna", Password: strings.ToUpper(password)},
				"disabled user":    {Login: "gone", Password: password},
				"empty":            {},
				"login of no kind": {Login: "a\x00b\xff", Password: password},
				"a long password":  {Login: "anna", Password: strings.Repeat("x", 100_000)},
			} {
				_, err := s.SignIn(t.Context(), in)
				if wantFault(t, err, "INVALID_CREDENTIALS "); err == nil {
					t.Errorf("%s: got signed in", name)
					continue
				}
				messages = append(messages, err.Error())
			}
			for _, m := range messages {
				if m != messages[0] {
					t.Errorf("got %q and %q, want the same for all", m, messages[0])
				}
			}
			if after := s.DB.Session.Query().CountX(system(t)); after != before {
				t.Errorf("got %d sessions more, want none", after-before)
			}
		})
		t.Run("takes a password in any form of Unicode", func(t *testing.T) {
			_, err := s.CreateUser(system(t), accounts.NewUser{Login: "nfd", Password: "мои\u0306 пароль", Role: auth.Admin})
			if err != nil {
				t.Fatal(err)
			}
			s.signIn(t, "nfd", "мо\u0439 пароль")
		})
	})
}

func TestSignInHashesAsMuchForAnUnknownLogin(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		u := s.admin(t, "boss")
		gone := s.admin(t, "gone")
		if _, err := s.DisableUser(system(t), gone.ID); err != nil {
			t.Fatal(err)
		}
		for _, login := range []string{u.Login, gone.Login, "nobody", "", "no\x00login"} {
			before := accounts.Derivations()
			_, err := s.SignIn(t.Context(), accounts.SignIn{Login: login, Password: "wrong horse"})
			wantFault(t, err, "INVALID_CREDENTIALS ")
			if n := accounts.Derivations() - before; n != 1 {
				t.Errorf("%q: got %d derivations, want 1", login, n)
			}
		}
	})
}

func TestNoSignInSlipsPastADisabling(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		u := s.member(t, "anna", s.distributor(t, "Ромашка"))
		for round := range 10 {
			var crowd sync.WaitGroup
			for range 4 {
				crowd.Go(func() {
					_, err := s.SignIn(t.Context(), accounts.SignIn{Login: "anna", Password: password})
					if err != nil && !fault.HasCode(err, "INVALID_CREDENTIALS") {
						t.Errorf("got %v, want a session or INVALID_CREDENTIALS", err)
					}
				})
			}
			time.Sleep(time.Duration(round) * 5 * time.Millisecond) // the disabling meets the sign-ins at another point each time
			if _, err := s.DisableUser(system(t), u.ID); err != nil {
				t.Fatal(err)
			}
			crowd.Wait()
			if n := s.DB.Session.Query().Where(session.RevokedAtIsNil()).CountX(system(t)); n != 0 {
				t.Fatalf("round %d: got %d live sessions of a disabled user, want none", round, n)
			}
			if _, err := s.EnableUser(system(t), u.ID); err != nil {
				t.Fatal(err)
			}
			s.pass(t, 24*time.Hour) // what failed while the user was disabled is forgiven
		}
	})
}

func TestSignOut(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		s.admin(t, "boss")
		s.admin(t, "other")
		one, two, three, others := s.signIn(t, "boss", password), s.signIn(t, "boss", password), s.signIn(t, "boss", password), s.signIn(t, "other", password)

		if err := s.SignOut(s.as(t, one)); err != nil {
			t.Fatal(err)
		}
		s.wantEnded(t, one)
		if err := s.SignOut(s.as(t, one)); err != nil {
			t.Errorf("a second time: got %v, want no harm", err)
		}
		if n := s.DB.Session.Query().Where(session.RevokedAtIsNil()).CountX(system(t)); n != 3 {
			t.Errorf("got %d sessions alive, want the other 3", n)
		}
		if err := s.SignOutEverywhere(s.as(t, two)); err != nil {
			t.Fatal(err)
		}
		s.wantEnded(t, two, three)
		s.wantAlive(t, others)
	})
}

func TestSignOutNeedsAPerson(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		for name, err := range map[string]error{
			"sign out, nobody":             s.SignOut(t.Context()),
			"sign out, the system":         s.SignOut(system(t)),
			"sign out everywhere, nobody":  s.SignOutEverywhere(t.Context()),
			"change a password, nobody":    s.ChangePassword(t.Context(), password, "another horse"),
			"change a password, no person": s.ChangePassword(system(t), password, "another horse"),
		} {
			if wantFault(t, err, "UNAUTHENTICATED "); err == nil {
				t.Errorf("%s: got done", name)
			}
		}
	})
}
