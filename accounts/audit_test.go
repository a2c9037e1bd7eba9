package accounts_test

import (
	"strings"
	"testing"

	"channelbook/accounts"
	"channelbook/ent"
	"channelbook/ent/auditrecord"
	"channelbook/personaldata/audit"
)

// recorded are the records of an action, oldest first.
func (s *instance) recorded(t *testing.T, a audit.Action) []*ent.AuditRecord {
	t.Helper()
	return s.DB.AuditRecord.Query().Where(auditrecord.Action(string(a))).Order(ent.Asc(auditrecord.FieldID)).AllX(system(t))
}

func TestSignInsThatFailStandInTheAudit(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		anna := s.member(t, "anna", s.distributor(t, "Ромашка"))
		for name, c := range map[string]struct {
			in    accounts.SignIn
			annas bool
		}{
			"a wrong password": {accounts.SignIn{Login: "Anna", Password: "wrong horse"}, true},
			"an unknown login": {accounts.SignIn{Login: "canary", Password: password}, false},
			"no login at all":  {accounts.SignIn{Login: "\x00canary", Password: password}, false},
		} {
			before := len(s.recorded(t, audit.SignInFailed))
			if _, err := s.SignIn(t.Context(), c.in); err == nil {
				t.Errorf("%s: got signed in", name)
			}
			failed := s.recorded(t, audit.SignInFailed)[before:]
			if len(failed) != 1 {
				t.Fatalf("%s: got %d records, want 1", name, len(failed))
			}
			r := failed[0]
			if r.Outcome != auditrecord.OutcomeFAILED || r.ActorKind != auditrecord.ActorKindANONYMOUS || r.ActorID != nil {
				t.Errorf("%s: got %s by %s, want FAILED by ANONYMOUS", name, r.Outcome, r.ActorKind)
			}
			if named := r.ObjectID != nil && *r.ObjectID == anna.ID; named != c.annas || r.ObjectID != nil && !named {
				t.Errorf("%s: got the object %v, want the user where there is one", name, r.ObjectID)
			}
			if strings.Contains(r.String(), "canary") || strings.Contains(r.String(), "horse") {
				t.Errorf("%s: got %v, want nothing of what was typed", name, r)
			}
		}
		s.signIn(t, "anna", password)
		in := s.recorded(t, audit.SignedIn)
		if len(in) != 1 || *in[0].ActorID != anna.ID || *in[0].ActorRole != "DISTRIBUTOR" {
			t.Errorf("got %v, want one sign-in by Anna", in)
		}
	})
}

func TestATokenThatComesTwiceStandsInTheAudit(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		s.member(t, "anna", s.distributor(t, "Ромашка"))
		session := s.signIn(t, "anna", password)
		for range 3 {
			_, _ = s.Refresh(t.Context(), session.RefreshToken)
		}
		reused := s.recorded(t, audit.RefreshReused)
		if len(reused) != 1 || reused[0].Outcome != auditrecord.OutcomeREFUSED || reused[0].ObjectID == nil {
			t.Errorf("got %v, want the end of the session, once", reused)
		}
	})
}

// TestWhereTheRecordFailsNothingIsDone: an act and its record are one.
func TestWhereTheRecordFailsNothingIsDone(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		anna := s.member(t, "anna", s.distributor(t, "Ромашка"))
		if _, err := s.DB.ExecContext(system(t), "ALTER TABLE audit_records RENAME TO gone"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.SignIn(t.Context(), accounts.SignIn{Login: "anna", Password: password}); err == nil {
			t.Error("got signed in, want an error")
		}
		if _, err := s.DisableUser(system(t), anna.ID); err == nil {
			t.Error("got the user disabled, want an error")
		}
		u := s.DB.User.GetX(system(t), anna.ID)
		if n := s.DB.Session.Query().CountX(system(t)); n != 0 || u.DisabledAt != nil {
			t.Errorf("got %d sessions and a user disabled at %v, want neither", n, u.DisabledAt)
		}
	})
}
