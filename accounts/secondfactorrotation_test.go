package accounts_test

import (
	"strings"
	"testing"
	"time"

	"channelbook/ent/sealingkey"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
	"channelbook/internal/seal"
	"channelbook/personaldata/rotation"
)

// rotated seals all that there is anew, until the key of before is retired, and returns the new key alone.
func rotated(t *testing.T, s *instance) seal.Keys {
	t.Helper()
	fresh := "new:" + strings.Repeat("2b", 32)
	run := func(keys string, later time.Duration) {
		t.Helper()
		parsed, err := seal.ParseKeys(keys)
		if err != nil {
			t.Fatal(err)
		}
		r := &rotation.Service{DB: s.DB, Keys: parsed, Log: dbtest.Log(t), Now: func() time.Time { return s.Now().Add(later) }}
		if err := r.Rotate(system(t)); err != nil {
			t.Fatal(err)
		}
	}
	run(dbtest.PersonalDataKeys, 0)
	for pass := range 3 {
		run(fresh+","+dbtest.PersonalDataKeys, time.Minute+time.Duration(pass)*3*time.Hour)
	}
	if n := s.DB.SealingKey.Query().Where(sealingkey.RetiredAtNotNil()).CountX(system(t)); n != 1 {
		t.Fatalf("got %d keys retired, want the old one", n)
	}
	alone, err := seal.ParseKeys(fresh)
	if err != nil {
		t.Fatal(err)
	}
	return alone
}

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
