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
	"channelbook/internal/auth"
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
func atOnce(t *testing.T, times int, fn func() error, codes ...string) int {
	t.Helper()
	var well atomic.Int32
	var all sync.WaitGroup
	start := make(chan struct{})
	for range times {
		all.Go(func() {
			<-start
			err := fn()
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
		for name, typed := range map[string]string{"six digits": code(t, secret, s.Now()), "a recovery code": recovery[0]} {
			before := s.DB.Session.Query().CountX(system(t))
			won := atOnce(t, 50, func() error {
				_, err := s.SignIn(t.Context(), accounts.SignIn{Login: "boss", Password: password, Code: typed})
				return err
			}, "INVALID_SECOND_FACTOR")
			if n := s.DB.Session.Query().Where(session.UserID(boss.ID)).CountX(system(t)) - before; won != 1 || n != 1 {
				t.Errorf("%s: got %d sign-ins and %d sessions, want one", name, won, n)
			}
		}
	})
}

func TestOfTwentyConfirmationsAtOnceOneSucceeds(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		s.admin(t, "boss")
		in := s.signIn(t, "boss", password)
		setup, err := s.BeginSecondFactor(s.as(t, in), password, "")
		if err != nil {
			t.Fatal(err)
		}
		ctx, digits := s.as(t, in), code(t, setup.Secret, s.Now())
		won := atOnce(t, 20, func() error {
			_, err := s.ConfirmSecondFactor(ctx, digits)
			return err
		}, "SECOND_FACTOR_NOT_BEGUN")
		if n := s.DB.RecoveryCode.Query().CountX(system(t)); won != 1 || n != 10 {
			t.Errorf("got %d confirmations and %d recovery codes, want one and its ten", won, n)
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
			atOnce(t, 40, func() error {
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

func TestSettingASecondFactorUp(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		anna := s.member(t, "anna", s.distributor(t, "Ромашка"))
		in := s.signIn(t, "anna", password)
		begin := func(t *testing.T, typed string) accounts.SecondFactorSetup {
			t.Helper()
			setup, err := s.BeginSecondFactor(s.as(t, in), password, typed)
			if err != nil {
				t.Fatal(err)
			}
			return setup
		}
		confirm := func(secret string) ([]string, error) {
			return s.ConfirmSecondFactor(s.as(t, in), code(t, secret, s.Now()))
		}

		t.Run("wants the password", func(t *testing.T) {
			setup, err := s.BeginSecondFactor(s.as(t, in), "wrong horse", "")
			wantFault(t, err, "WRONG_PASSWORD currentPassword")
			if setup.Secret != "" {
				t.Error("got a secret for a wrong password")
			}
		})
		t.Run("cannot be confirmed before it is begun", func(t *testing.T) {
			_, err := confirm("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
			wantFault(t, err, "SECOND_FACTOR_NOT_BEGUN code")
		})
		t.Run("gives what apps read", func(t *testing.T) {
			setup := begin(t, "")
			want := "otpauth://totp/Channelbook:anna?algorithm=SHA1&digits=6&issuer=Channelbook&period=30&secret=" + setup.Secret
			if setup.URI != want || len(setup.Secret) != 32 {
				t.Errorf("got %s with a secret of %d characters, want 160 bits, written as apps read it", setup.URI, len(setup.Secret))
			}
		})
		t.Run("changes nothing before it is confirmed", func(t *testing.T) { s.wantAlive(t, s.wantIn(t, "anna", "")) })
		t.Run("wants a right code", func(t *testing.T) {
			setup := begin(t, "")
			_, err := s.ConfirmSecondFactor(s.as(t, in), wrong(t, setup.Secret, s.Now()))
			wantFault(t, err, "INVALID_SECOND_FACTOR code")
			_, err = s.ConfirmSecondFactor(s.as(t, in), "")
			wantFault(t, err, "SECOND_FACTOR_REQUIRED code")
		})
		t.Run("forgets the secret that somebody else was shown", func(t *testing.T) {
			theirs, mine := begin(t, ""), begin(t, "")
			_, err := confirm(theirs.Secret)
			wantFault(t, err, "INVALID_SECOND_FACTOR code")
			if theirs.Secret == mine.Secret {
				t.Error("got the same secret twice")
			}
		})
		t.Run("waits an hour for the first code", func(t *testing.T) {
			setup := begin(t, "")
			s.pass(t, time.Hour)
			in = s.signIn(t, "anna", password)
			_, err := confirm(setup.Secret)
			wantFault(t, err, "SECOND_FACTOR_NOT_BEGUN code")
		})
		t.Run("gives ten recovery codes, kept as hashes", func(t *testing.T) {
			codes, err := confirm(begin(t, "").Secret)
			if err != nil || len(codes) != 10 {
				t.Fatalf("got %d codes, %v, want ten", len(codes), err)
			}
			for _, row := range s.DB.RecoveryCode.Query().AllX(system(t)) {
				if len(row.Hash) != 32 || strings.Contains(strings.Join(codes, " "), string(row.Hash)) {
					t.Errorf("got a hash of %d bytes, want a SHA-256", len(row.Hash))
				}
			}
		})
		t.Run("anew wants a code of the one in force, which holds until then", func(t *testing.T) {
			_, recovery, _ := s.replaceable(t, "nina")
			_, err := s.BeginSecondFactor(s.as(t, s.wantIn(t, "nina", recovery[0])), password, "")
			wantFault(t, err, "SECOND_FACTOR_REQUIRED code")
			session := s.wantIn(t, "nina", recovery[1])
			next, err := s.BeginSecondFactor(s.as(t, session), password, recovery[2])
			if err != nil {
				t.Fatal(err)
			}
			s.wantOut(t, "nina", code(t, next.Secret, s.Now()), "INVALID_SECOND_FACTOR code")
			renewed, err := s.ConfirmSecondFactor(s.as(t, session), code(t, next.Secret, s.Now()))
			if err != nil {
				t.Fatal(err)
			}
			s.wantOut(t, "nina", recovery[3], "INVALID_SECOND_FACTOR code")
			s.wantIn(t, "nina", renewed[0])
			s.pass(t, step)
			s.wantIn(t, "nina", code(t, next.Secret, s.Now()))
		})
		t.Run("stands in the audit, what failed too", func(t *testing.T) {
			begun, enabled := s.recorded(t, audit.SecondFactorBegun), s.recorded(t, audit.SecondFactorEnabled)
			if begun[0].Outcome != auditrecord.OutcomeFAILED || *begun[0].Reason != "WRONG_PASSWORD" || *begun[0].ActorID != anna.ID {
				t.Errorf("got %v, want the wrong password first", begun[0])
			}
			if enabled[0].Outcome != auditrecord.OutcomeFAILED || *enabled[0].Reason != "INVALID_SECOND_FACTOR" || enabled[len(enabled)-1].Outcome != auditrecord.OutcomeDONE {
				t.Errorf("got %v, want a wrong code first and done at last", enabled)
			}
		})
	})
}

// replaceable is somebody new with a second factor.
func (s *instance) replaceable(t *testing.T, login string) (secret string, recovery []string, in accounts.Session) {
	t.Helper()
	s.admin(t, login)
	return s.withFactor(t, login)
}

func TestRemovingASecondFactor(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		t.Run("wants the password and a code", func(t *testing.T) {
			secret, _, in := s.replaceable(t, "boss")
			wantFault(t, s.RemoveSecondFactor(s.as(t, in), "wrong horse", code(t, secret, s.Now())), "WRONG_PASSWORD currentPassword")
			wantFault(t, s.RemoveSecondFactor(s.as(t, in), password, wrong(t, secret, s.Now())), "INVALID_SECOND_FACTOR code")
			wantFault(t, s.RemoveSecondFactor(s.as(t, in), password, ""), "SECOND_FACTOR_REQUIRED code")
			if err := s.RemoveSecondFactor(s.as(t, in), password, code(t, secret, s.Now())); err != nil {
				t.Fatal(err)
			}
			s.wantIn(t, "boss", "")
			wantFault(t, s.RemoveSecondFactor(s.as(t, in), password, "000000"), "SECOND_FACTOR_NOT_ENABLED ")
			_, err := s.RenewRecoveryCodes(s.as(t, in), "000000")
			wantFault(t, err, "SECOND_FACTOR_NOT_ENABLED ")
			if f, r := s.DB.SecondFactor.Query().CountX(system(t)), s.DB.RecoveryCode.Query().CountX(system(t)); f+r != 0 {
				t.Errorf("got %d secrets and %d recovery codes left, want none", f, r)
			}
			if done := s.recorded(t, audit.SecondFactorRemoved); len(done) != 4 || done[3].Outcome != auditrecord.OutcomeDONE {
				t.Errorf("got %v, want three failures and the removal", done)
			}
		})
		t.Run("is refused to administrators who need one, and costs no code", func(t *testing.T) {
			s.AdminsNeedTwoFactors = true
			defer func() { s.AdminsNeedTwoFactors = false }()
			secret, in := s.setUp(t, "chief")
			digits := code(t, secret, s.Now())
			wantFault(t, s.RemoveSecondFactor(s.as(t, in), password, digits), "SECOND_FACTOR_REQUIRED_BY_POLICY ")
			s.wantIn(t, "chief", digits)
		})
		t.Run("is no matter of the setting for a distributor's user", func(t *testing.T) {
			s.AdminsNeedTwoFactors = true
			defer func() { s.AdminsNeedTwoFactors = false }()
			s.member(t, "anna", s.distributor(t, "Ромашка"))
			secret, _, in := s.withFactor(t, "anna")
			if err := s.RemoveSecondFactor(s.as(t, in), password, code(t, secret, s.Now())); err != nil {
				t.Error(err)
			}
		})
	})
}

// setUp makes an administrator who needs a second factor, sets it up at the sign-in, and lets a step pass.
func (s *instance) setUp(t *testing.T, login string) (secret string, in accounts.Session) {
	t.Helper()
	s.admin(t, login)
	first, err := s.enter(t, login, "")
	wantFault(t, err, "SECOND_FACTOR_SETUP_REQUIRED code")
	second, err := s.enter(t, login, code(t, first.Setup.Secret, s.Now()))
	if err != nil {
		t.Fatal(err)
	}
	s.pass(t, step)
	return first.Setup.Secret, second.Session
}

func TestAdministratorsWhoNeedASecondFactorSetItUpAtTheirSignIn(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		boss, company := s.admin(t, "boss"), s.distributor(t, "Ромашка")
		s.member(t, "anna", company)
		before := s.signIn(t, "boss", password)
		annas := s.signIn(t, "anna", password)
		s.AdminsNeedTwoFactors = true

		t.Run("sessions of theirs from before are not prolonged", func(t *testing.T) {
			_, err := s.Refresh(t.Context(), before.RefreshToken)
			wantFault(t, err, "INVALID_REFRESH_TOKEN refreshToken")
		})
		t.Run("others' are, and need none", func(t *testing.T) {
			s.wantAlive(t, annas)
			s.wantIn(t, "anna", "")
		})
		t.Run("a code without a secret lets nobody in", func(t *testing.T) {
			s.wantOut(t, "boss", "000000", "SECOND_FACTOR_SETUP_REQUIRED code")
		})
		t.Run("by the latest secret alone, whoever saw one before", func(t *testing.T) {
			theirs, err := s.enter(t, "boss", "")
			wantFault(t, err, "SECOND_FACTOR_SETUP_REQUIRED code")
			mine, err := s.enter(t, "boss", "")
			wantFault(t, err, "SECOND_FACTOR_SETUP_REQUIRED code")
			if mine.Session.AccessToken != "" || mine.User != nil || !strings.HasSuffix(mine.Setup.URI, mine.Setup.Secret) {
				t.Errorf("got %+v, want a secret and nothing else", mine)
			}
			s.wantOut(t, "boss", code(t, theirs.Setup.Secret, s.Now()), "INVALID_SECOND_FACTOR code")
			s.wantOut(t, "boss", wrong(t, mine.Setup.Secret, s.Now()), "INVALID_SECOND_FACTOR code")
			in, err := s.enter(t, "boss", code(t, mine.Setup.Secret, s.Now()))
			if err != nil || len(in.RecoveryCodes) != 10 {
				t.Fatalf("got %d recovery codes, %v, want a session and ten", len(in.RecoveryCodes), err)
			}
			s.wantAlive(t, in.Session)
			s.wantEnded(t, before)
			s.wantOut(t, "boss", "", "SECOND_FACTOR_REQUIRED code")
			again, err := s.enter(t, "boss", in.RecoveryCodes[0])
			if err != nil || again.RecoveryCodes != nil || again.Setup.Secret != "" {
				t.Errorf("got %+v, %v, want a session and no secret again", again, err)
			}
		})
		t.Run("which stands in the audit", func(t *testing.T) {
			enabled := s.recorded(t, audit.SecondFactorEnabled)
			if len(enabled) != 1 || *enabled[0].ActorID != boss.ID || *enabled[0].ObjectID != boss.ID {
				t.Errorf("got %v, want it enabled once, by the administrator", enabled)
			}
			for _, r := range s.recorded(t, audit.SecondFactorBegun) {
				if r.ActorKind != auditrecord.ActorKindANONYMOUS || *r.ObjectID != boss.ID {
					t.Errorf("got %v, want a secret shown to nobody known", r)
				}
			}
		})
		t.Run("of fifty at once one sets it up", func(t *testing.T) {
			u := s.admin(t, "chief")
			first, _ := s.enter(t, "chief", "")
			digits := code(t, first.Setup.Secret, s.Now())
			won := atOnce(t, 50, func() error {
				_, err := s.SignIn(t.Context(), accounts.SignIn{Login: "chief", Password: password, Code: digits})
				return err
			}, "INVALID_SECOND_FACTOR")
			if n := s.DB.RecoveryCode.Query().Where(recoverycode.UserID(u.ID)).CountX(system(t)); won != 1 || n != 10 {
				t.Errorf("got %d sessions and %d recovery codes, want one and its ten", won, n)
			}
		})
		t.Run("the first administrator and one who becomes it as well", func(t *testing.T) {
			admin := auth.Admin
			u := s.member(t, "nina", company)
			if _, err := s.UpdateUser(system(t), u.ID, accounts.UserPatch{Role: &admin}); err != nil {
				t.Fatal(err)
			}
			s.wantOut(t, "nina", "", "SECOND_FACTOR_SETUP_REQUIRED code")
		})
		t.Run("and the setting taken back lets in by the password whoever has none", func(t *testing.T) {
			s.AdminsNeedTwoFactors = false
			s.wantIn(t, "nina", "")
			s.wantOut(t, "boss", "", "SECOND_FACTOR_REQUIRED code")
		})
	})
}

func TestAnAdministratorHelpsWhoLostThePhone(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		anna := s.member(t, "anna", s.distributor(t, "Ромашка"))
		boss := s.admin(t, "boss")
		bosses := s.signIn(t, "boss", password)
		_, recovery, annas := s.withFactor(t, "anna")
		pending := s.admin(t, "pending")
		if _, err := s.BeginSecondFactor(s.as(t, s.signIn(t, "pending", password)), password, ""); err != nil {
			t.Fatal(err)
		}

		for name, c := range map[string]struct {
			id   gid.ID
			want string
		}{
			"not himself":                       {boss.ID, "OWN_ACCOUNT id"},
			"not where there is none":           {pending.ID, "SECOND_FACTOR_NOT_ENABLED id"},
			"not somebody whom there is not":    {gid.New(), "NOT_FOUND id"},
			"not by a distributor's user":       {anna.ID, "FORBIDDEN "},
			"nobody does it without signing in": {anna.ID, "UNAUTHENTICATED "},
		} {
			ctx := s.as(t, bosses)
			switch {
			case strings.HasPrefix(c.want, "FORBIDDEN"):
				ctx = s.as(t, annas)
			case strings.HasPrefix(c.want, "UNAUTHENTICATED"):
				ctx = t.Context()
			}
			if _, err := s.ResetSecondFactor(ctx, c.id); err == nil {
				t.Errorf("%s: got it done", name)
			} else {
				wantFault(t, err, c.want)
			}
		}
		wantFault(t, s.ResetSecondFactorOf(s.as(t, bosses), "anna"), "FORBIDDEN ")
		wantFault(t, s.ResetSecondFactorOf(system(t), "nobody"), "NOT_FOUND login")

		if u, err := s.ResetSecondFactor(s.as(t, bosses), anna.ID); err != nil || u.ID != anna.ID {
			t.Fatalf("got %v, %v, want Anna", u, err)
		}
		s.wantEnded(t, annas)
		s.wantIn(t, "anna", recovery[0]) // by the password: nobody asks for a code any more
		if reset := s.recorded(t, audit.SecondFactorReset); len(reset) != 1 || *reset[0].ActorID != boss.ID || *reset[0].ObjectID != anna.ID {
			t.Errorf("got %v, want it recorded, by the administrator", reset)
		}
		_, _, annas = s.withFactor(t, "anna")
		if err := s.ResetSecondFactorOf(system(t), " ANNA "); err != nil {
			t.Fatal(err)
		}
		s.wantEnded(t, annas)
		s.wantIn(t, "anna", "")
	})
}

func TestAnEndedSessionSetsNothingUp(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		s.admin(t, "boss")
		in := s.signIn(t, "boss", password)
		setup, err := s.BeginSecondFactor(s.as(t, in), password, "")
		if err != nil {
			t.Fatal(err)
		}
		late := s.as(t, in) // a request that was let in just before
		if err := s.SignOut(s.as(t, in)); err != nil {
			t.Fatal(err)
		}
		_, err = s.ConfirmSecondFactor(late, code(t, setup.Secret, s.Now()))
		wantFault(t, err, "UNAUTHENTICATED ")
		s.wantIn(t, "boss", "")
		for name, err := range map[string]error{
			"nobody": second(s.BeginSecondFactor(t.Context(), password, "")), "the system": second(s.ConfirmSecondFactor(system(t), "000000")),
			"nobody removes": s.RemoveSecondFactor(t.Context(), password, "000000"), "nobody renews": second(s.RenewRecoveryCodes(t.Context(), "000000")),
		} {
			if wantFault(t, err, "UNAUTHENTICATED "); err == nil {
				t.Errorf("%s: got it done", name)
			}
		}
	})
}

func second[T any](_ T, err error) error { return err }

// TestSecretsOfSecondFactorsAreSealedAnew rotates the keys under a secret in force and one that waits, and serves on with
// the new key alone.
func TestSecretsOfSecondFactorsAreSealedAnew(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		s.admin(t, "boss")
		secret, _, in := s.withFactor(t, "boss")
		next, err := s.BeginSecondFactor(s.as(t, in), password, code(t, secret, s.Now()))
		if err != nil {
			t.Fatal(err)
		}
		newKey := rotated(t, s)
		f := s.DB.SecondFactor.Query().OnlyX(system(t))
		for what, value := range map[string][]byte{"in force": f.SecretSealed, "pending": f.PendingSealed} {
			if !newKey.IsCurrent(value) || strings.Contains(string(value), secret) || strings.Contains(string(value), next.Secret) {
				t.Errorf("the secret %s is not sealed under the new key", what)
			}
		}
		s.Keys = newKey // alone: the old key is gone
		s.pass(t, step)
		s.wantIn(t, "boss", code(t, secret, s.Now()))
		if _, err := s.ConfirmSecondFactor(s.as(t, in), code(t, next.Secret, s.Now())); err != nil {
			t.Error(err)
		}
		s.Keys = dbtest.Keys()
		s.pass(t, step)
		if _, err := s.enter(t, "boss", code(t, next.Secret, s.Now())); err == nil || fault.Is(err, fault.Invalid) {
			t.Errorf("with the old key alone: got %v, want a failure of ours", err)
		}
	})
}
