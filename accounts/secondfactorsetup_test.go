package accounts_test

import (
	"strings"
	"testing"
	"time"

	"channelbook/accounts"
	"channelbook/ent/auditrecord"
	"channelbook/ent/recoverycode"
	"channelbook/internal/auth"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

func TestOfTwentyConfirmationsAtOnceOneSucceeds(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		s.admin(t, "boss")
		in := s.signIn(t, "boss", password)
		setup, err := s.BeginSecondFactor(s.as(t, in), password, "")
		if err != nil {
			t.Fatal(err)
		}
		ctx, digits := s.as(t, in), code(t, setup.Secret, s.Now())
		won := atOnce(t, 20, func(int) error {
			_, err := s.ConfirmSecondFactor(ctx, digits)
			return err
		}, "SECOND_FACTOR_NOT_BEGUN")
		if n := s.DB.RecoveryCode.Query().CountX(system(t)); won != 1 || n != 10 {
			t.Errorf("got %d confirmations and %d recovery codes, want one and its ten", won, n)
		}
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
			won := atOnce(t, 50, func(int) error {
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
