package accounts_test

import (
	"strings"
	"testing"
	"time"

	"channelbook/ent/sealingkey"
	"channelbook/internal/dbtest"
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
