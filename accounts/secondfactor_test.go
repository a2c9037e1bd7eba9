package accounts_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"channelbook/accounts"
	"channelbook/ent"
	"channelbook/ent/auditrecord"
	"channelbook/ent/recoverycode"
	"channelbook/ent/sealed"
	"channelbook/ent/secondfactor"
	"channelbook/ent/session"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

const step = 30 * time.Second

// code is what an authenticator app shows.
func code(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	digits, err := totp.GenerateCode(secret, at)
	if err != nil {
		t.Fatal(err)
	}
	return digits
}

// wrong are six digits that no app shows for a secret at about this time.
func wrong(t *testing.T, secret string, now time.Time) string {
	t.Helper()
	right := ""
	for at := -2 * step; at <= 2*step; at += step {
		right += code(t, secret, now.Add(at)) + " "
	}
	for _, digits := range []string{"000000", "111111", "222222", "333333", "444444", "555555"} {
		if !strings.Contains(right, digits) {
			return digits
		}
	}
	t.Fatal("every code is right")
	return ""
}

// withFactor signs somebody in who then sets a second factor up, and lets a step pass, so that another code is shown.
func (s *instance) withFactor(t *testing.T, login string) (secret string, recovery []string, in accounts.Session) {
	t.Helper()
	in = s.signIn(t, login, password)
	setup, err := s.BeginSecondFactor(s.as(t, in), password, "")
	if err != nil {
		t.Fatal(err)
	}
	recovery, err = s.ConfirmSecondFactor(s.as(t, in), code(t, setup.Secret, s.Now()))
	if err != nil {
		t.Fatal(err)
	}
	s.pass(t, step)
	return setup.Secret, recovery, in
}

// enter signs in with a code.
func (s *instance) enter(t *testing.T, login, code string) (accounts.SignedIn, error) {
	t.Helper()
	return s.SignIn(t.Context(), accounts.SignIn{Login: login, Password: password, Code: code})
}

func (s *instance) wantIn(t *testing.T, login, code string) accounts.Session {
	t.Helper()
	in, err := s.enter(t, login, code)
	if err != nil {
		t.Fatalf("sign in as %s with a code: %v", login, err)
	}
	return in.Session
}

// wantOut holds a sign-in with the right password to a fault.
func (s *instance) wantOut(t *testing.T, login, code, want string) {
	t.Helper()
	before := s.DB.Session.Query().CountX(system(t))
	_, err := s.enter(t, login, code)
	wantFault(t, err, want)
	if n := s.DB.Session.Query().CountX(system(t)); n != before {
		t.Errorf("got %d sessions more, want none", n-before)
	}
}

func (s *instance) factor(t *testing.T, of gid.ID) *ent.SecondFactor {
	t.Helper()
	return s.DB.SecondFactor.Query().Where(secondfactor.UserID(of)).OnlyX(system(t))
}

// atOnce runs fn so many times together and tells how often it went well; any other outcome than a fault with one of the
// codes fails the test.
func atOnce(t *testing.T, times int, fn func(i int) error, codes ...string) int {
	t.Helper()
	var well atomic.Int32
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range times {
		all.Go(func() {
			<-start
			err := fn(i)
			if err == nil {
				well.Add(1)
				return
			}
			for _, code := range codes {
				if fault.HasCode(err, code) {
					return
				}
			}
			t.Errorf("got %v, want it to go well, or one of %v", err, codes)
		})
	}
	close(start)
	all.Wait()
	return int(well.Load())
}

func TestASecondFactorIsAskedForBehindThePassword(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		anna := s.member(t, "anna", s.distributor(t, "Ромашка"))
		other := s.signIn(t, "anna", password)
		secret, recovery, mine := s.withFactor(t, "anna")

		t.Run("and ends the other sessions once it is set up", func(t *testing.T) {
			s.wantEnded(t, other)
			s.wantAlive(t, mine)
		})
		t.Run("none came", func(t *testing.T) { s.wantOut(t, "anna", " ", "SECOND_FACTOR_REQUIRED code") })
		t.Run("what is no code", func(t *testing.T) {
			for _, typed := range []string{"12345", "1234567", "abcdef", "１２３４５６", strings.Repeat("1", 100_000), "\x00\xff", "aaaa-bbbb-cccc-dddd"} {
				s.wantOut(t, "anna", typed, "INVALID_SECOND_FACTOR code")
			}
		})
		t.Run("six digits, spaces left out", func(t *testing.T) {
			digits := code(t, secret, s.Now())
			s.wantIn(t, "anna", " "+digits[:3]+" "+digits[3:]+" ")
		})
		t.Run("a recovery code in any writing, once", func(t *testing.T) {
			for i, written := range []string{recovery[0], strings.ToUpper(recovery[1]), strings.ReplaceAll(recovery[2], "-", " ")} {
				s.wantIn(t, "anna", written)
				s.wantOut(t, "anna", recovery[i], "INVALID_SECOND_FACTOR code")
			}
			left := s.DB.RecoveryCode.Query().Where(recoverycode.UserID(anna.ID), recoverycode.UsedAtIsNil()).CountX(system(t))
			if used := s.recorded(t, audit.RecoveryCodeUsed); left != 7 || len(used) != 3 || *used[0].ActorID != anna.ID {
				t.Errorf("got %d codes left and %d records, want 7 and 3, by the user", left, len(used))
			}
		})
		t.Run("another's recovery code is none", func(t *testing.T) {
			s.admin(t, "boss")
			_, others, _ := s.withFactor(t, "boss")
			s.wantOut(t, "anna", others[0], "INVALID_SECOND_FACTOR code")
		})
		t.Run("and what failed stands in the audit by its reason, without the code", func(t *testing.T) {
			reasons := map[string]int{}
			for _, r := range s.recorded(t, audit.SignInFailed) {
				reasons[*r.Reason]++
				if *r.ObjectID != anna.ID || r.ActorKind != auditrecord.ActorKindANONYMOUS || strings.Contains(r.String(), "bbbb") {
					t.Errorf("got %v, want an attempt on Anna by nobody known", r)
				}
			}
			if reasons["SECOND_FACTOR_REQUIRED"] != 1 || reasons["INVALID_SECOND_FACTOR"] != 11 || len(reasons) != 2 {
				t.Errorf("got %v, want one without a code and eleven with a wrong one", reasons)
			}
		})
	})
}

// TestCodesAreThoseOfRFC6238 takes the vectors of its appendix B, of which six digits are the last six.
func TestCodesAreThoseOfRFC6238(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		boss := s.admin(t, "boss")
		id := gid.New()
		s.DB.SecondFactor.Create().SetID(id).SetUserID(boss.ID).SetCreatedAt(s.Now()).SetConfirmedAt(s.Now()).
			SetSecretSealed(sealed.SecondFactorSecret.Seal(s.Keys, id, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")).ExecX(system(t))
		for _, vector := range []struct {
			unix int64
			code string
		}{{59, "287082"}, {1111111109, "081804"}, {1111111111, "050471"}, {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}} {
			at := time.Unix(vector.unix, 0).UTC()
			s.clock.at.Store(&at)
			s.wantIn(t, "boss", vector.code)
		}
	})
}

func TestAClockMayBeOffByOneStep(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		for name, c := range map[string]struct {
			off time.Duration
			in  bool
		}{
			"two steps slow": {-2 * step, false}, "one step slow": {-step, true}, "right": {0, true},
			"one step fast": {step, true}, "two steps fast": {2 * step, false},
		} {
			t.Run(name, func(t *testing.T) {
				login := strings.ReplaceAll(name, " ", ".")
				s.admin(t, login)
				secret, _, _ := s.withFactor(t, login)
				s.pass(t, 10*step) // beyond the code that set it up
				digits := code(t, secret, s.Now().Add(c.off))
				if c.in {
					s.wantIn(t, login, digits)
				} else {
					s.wantOut(t, login, digits, "INVALID_SECOND_FACTOR code")
				}
			})
		}
	})
}

func TestACodeIsGoodOnce(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		s.admin(t, "boss")
		secret, _, in := s.withFactor(t, "boss")
		t.Run("not that which set it up", func(t *testing.T) {
			s.wantOut(t, "boss", code(t, secret, s.Now().Add(-step)), "INVALID_SECOND_FACTOR code")
		})
		t.Run("not twice, and none of before", func(t *testing.T) {
			next := code(t, secret, s.Now().Add(step))
			s.wantIn(t, "boss", next)
			s.wantOut(t, "boss", next, "INVALID_SECOND_FACTOR code")
			s.wantOut(t, "boss", code(t, secret, s.Now()), "INVALID_SECOND_FACTOR code")
		})
		t.Run("for another act neither", func(t *testing.T) {
			s.pass(t, 4*step)
			now := code(t, secret, s.Now())
			if _, err := s.RenewRecoveryCodes(s.as(t, in), now); err != nil {
				t.Fatal(err)
			}
			s.wantOut(t, "boss", now, "INVALID_SECOND_FACTOR code")
			wantFault(t, s.RemoveSecondFactor(s.as(t, in), password, now), "INVALID_SECOND_FACTOR code")
		})
		t.Run("which is no guess, and blocks nobody", func(t *testing.T) {
			if n := s.factor(t, s.viewer(t, in).UserID).WrongCodes; n != 0 {
				t.Errorf("got %d wrong codes counted, want none", n)
			}
		})
	})
}

func TestOfFiftySignInsWithOneCodeOneSucceeds(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		boss := s.admin(t, "boss")
		secret, recovery, _ := s.withFactor(t, "boss")
		instances := []*instance{s, newInstance(t, dbtest.Second(t, s.DB), s.clock)}
		for name, typed := range map[string]string{"six digits": code(t, secret, s.Now()), "a recovery code": recovery[0]} {
			before := s.DB.Session.Query().CountX(system(t))
			won := atOnce(t, 50, func(i int) error {
				_, err := instances[i%2].SignIn(t.Context(), accounts.SignIn{Login: "boss", Password: password, Code: typed})
				return err
			}, "INVALID_SECOND_FACTOR")
			if n := s.DB.Session.Query().Where(session.UserID(boss.ID)).CountX(system(t)) - before; won != 1 || n != 1 {
				t.Errorf("%s: got %d sign-ins and %d sessions, want one", name, won, n)
			}
		}
	})
}

// TestNothingTellsWhetherALoginHasASecondFactor: without the password every answer is the same, and leaves no trace that
// the next one could show.
func TestNothingTellsWhetherALoginHasASecondFactor(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		s.AdminsNeedTwoFactors = false
		with := s.admin(t, "with")
		s.admin(t, "without")
		secret, recovery, _ := s.withFactor(t, "with")
		gone := s.admin(t, "gone")
		goneSecret, _, _ := s.withFactor(t, "gone")
		if _, err := s.DisableUser(system(t), gone.ID); err != nil {
			t.Fatal(err)
		}
		s.AdminsNeedTwoFactors = true
		right := code(t, secret, s.Now())
		var first error
		for _, login := range []string{"with", "without", "nobody"} {
			for _, typed := range []string{"", "000000", right, recovery[0], "nonsense"} {
				in, err := s.SignIn(t.Context(), accounts.SignIn{Login: login, Password: "wrong horse", Code: typed})
				wantFault(t, err, "INVALID_CREDENTIALS ")
				if first == nil {
					first = err
				}
				if err == nil || err.Error() != first.Error() || in.Setup.Secret != "" {
					t.Errorf("%s: got %v and %+v, want %v alone", login, err, in, first)
				}
			}
		}
		for _, typed := range []string{"", "000000", code(t, goneSecret, s.Now())} { // whoever is disabled, with the right password
			_, err := s.enter(t, "gone", typed)
			wantFault(t, err, "INVALID_CREDENTIALS ")
		}
		if f := s.factor(t, with.ID); f.WrongCodes != 0 {
			t.Errorf("got %d wrong codes counted, want none: nobody had the password", f.WrongCodes)
		}
		s.pass(t, time.Second)     // what was guessed has closed the login for so long
		s.wantIn(t, "with", right) // it was not used up
		s.wantIn(t, "with", recovery[0])
	})
}

func TestWhoGuessesCodesWaits(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		boss := s.admin(t, "boss")
		secret, recovery, in := s.withFactor(t, "boss")
		bad := wrong(t, secret, s.Now())

		t.Run("after five of any number at once", func(t *testing.T) {
			atOnce(t, 40, func(int) error {
				_, err := s.SignIn(t.Context(), accounts.SignIn{Login: "boss", Password: password, Code: bad})
				return err
			}, "INVALID_SECOND_FACTOR", "SECOND_FACTOR_BLOCKED")
			if n := s.factor(t, boss.ID).WrongCodes; n != 5 {
				t.Errorf("got %d codes compared, want 5", n)
			}
		})
		t.Run("with a right one too, for every act", func(t *testing.T) {
			right := code(t, secret, s.Now())
			s.wantOut(t, "boss", right, "SECOND_FACTOR_BLOCKED code")
			_, err := s.RenewRecoveryCodes(s.as(t, in), right)
			wantFault(t, err, "SECOND_FACTOR_BLOCKED code")
			wantFault(t, s.RemoveSecondFactor(s.as(t, in), password, right), "SECOND_FACTOR_BLOCKED code")
			_, err = s.BeginSecondFactor(s.as(t, in), password, right)
			wantFault(t, err, "SECOND_FACTOR_BLOCKED code")
			if failed := s.recorded(t, audit.RecoveryCodesNew); len(failed) != 1 || *failed[0].Reason != "SECOND_FACTOR_BLOCKED" {
				t.Errorf("got %v, want the refusal recorded", failed)
			}
		})
		t.Run("but is let in by a recovery code", func(t *testing.T) { s.wantIn(t, "boss", recovery[0]) })
		t.Run("twice as long with each further one", func(t *testing.T) {
			for _, wait := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute} {
				s.pass(t, wait-time.Second)
				s.wantOut(t, "boss", wrong(t, secret, s.Now()), "SECOND_FACTOR_BLOCKED code")
				s.pass(t, time.Second)
				s.wantOut(t, "boss", wrong(t, secret, s.Now()), "INVALID_SECOND_FACTOR code")
			}
		})
		t.Run("a day at most", func(t *testing.T) {
			s.DB.SecondFactor.Update().SetWrongCodes(1000).ExecX(system(t))
			s.pass(t, 24*time.Hour-time.Second)
			s.wantOut(t, "boss", wrong(t, secret, s.Now()), "SECOND_FACTOR_BLOCKED code")
			s.pass(t, time.Second)
			s.wantIn(t, "boss", code(t, secret, s.Now()))
		})
		t.Run("and begins anew after a right one", func(t *testing.T) {
			if f := s.factor(t, boss.ID); f.WrongCodes != 0 || f.WrongAt != nil {
				t.Errorf("got %d wrong codes at %v, want none", f.WrongCodes, f.WrongAt)
			}
		})
	})
}
