package accounts_test

import (
	"context"
	"encoding/base64"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"channelbook/accounts"
	"channelbook/ent/user"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
)

func TestChangePassword(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		s.member(t, "anna", s.distributor(t, "Ромашка"))
		here, there := s.signIn(t, "anna", password), s.signIn(t, "anna", password)
		ctx := s.as(t, here)

		wantFault(t, s.ChangePassword(ctx, "wrong horse", "so tiny"), "WRONG_PASSWORD currentPassword", "PASSWORD_TOO_SHORT newPassword")
		wantFault(t, s.ChangePassword(ctx, password, password), "PASSWORD_UNCHANGED newPassword")
		if err := s.ChangePassword(ctx, password, "another horse"); err != nil {
			t.Fatal(err)
		}
		s.wantEnded(t, there)
		s.wantAlive(t, here)
		_, err := s.SignIn(t.Context(), accounts.SignIn{Login: "anna", Password: password})
		wantFault(t, err, "INVALID_CREDENTIALS ")
		s.signIn(t, "anna", "another horse")
	})
}

func TestResetPassword(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		s.admin(t, "boss")
		ctx := s.as(t, s.signIn(t, "boss", password))
		u := s.member(t, "anna", s.distributor(t, "Ромашка"))
		in := s.signIn(t, "anna", password)

		got, generated, err := s.ResetPassword(ctx, u.ID)
		if err != nil || got.ID != u.ID {
			t.Fatalf("got %v, %v", got, err)
		}
		s.wantEnded(t, in)
		_, err = s.SignIn(t.Context(), accounts.SignIn{Login: "anna", Password: password})
		wantFault(t, err, "INVALID_CREDENTIALS ")
		s.signIn(t, "anna", generated)
		_, _, err = s.ResetPassword(ctx, gid.New())
		wantFault(t, err, "NOT_FOUND id")
	})
}

func TestSetPassword(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		s.admin(t, "boss")
		in := s.signIn(t, "boss", password)
		wantFault(t, s.SetPassword(system(t), "nobody", "another horse"), "NOT_FOUND login")
		wantFault(t, s.SetPassword(system(t), "boss", "so tiny"), "PASSWORD_TOO_SHORT password")
		if err := s.SetPassword(system(t), " Boss ", "another horse"); err != nil {
			t.Fatal(err)
		}
		s.wantEnded(t, in)
		s.signIn(t, "boss", "another horse")
	})
}

func TestGeneratedPasswordsDiffer(t *testing.T) {
	form := regexp.MustCompile(`^[a-z2-7]{5}(-[a-z2-7]{5}){3}$`)
	a, b := accounts.GeneratePassword(), accounts.GeneratePassword()
	if a == b || !form.MatchString(a) {
		t.Errorf("got %q and %q", a, b)
	}
}

func TestTheFirstAdministrator(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newInstance(t, d, newClock()).follows(t)
		_, _, created, err := s.CreateFirstAdmin(system(t), "so tiny")
		if wantFault(t, err, "PASSWORD_TOO_SHORT password"); created {
			t.Error("got created with a short password")
		}
		login, used, created, err := s.CreateFirstAdmin(system(t), "")
		if err != nil || !created || login != "admin" || used == "" {
			t.Fatalf("got %q, %q, %v, %v, want admin with a generated password", login, used, created, err)
		}
		if v := s.viewer(t, s.signIn(t, login, used)); v.Role != auth.Admin {
			t.Errorf("got role %s, want ADMIN", v.Role)
		}
		if _, used, created, err := s.CreateFirstAdmin(system(t), password); err != nil || created || used != "" {
			t.Errorf("on a base with users: got %q, %v, %v, want nothing done", used, created, err)
		}
	})
}

func TestOfManyStartsAtOnceOneMakesTheFirstAdministrator(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newClock()
		instances := []*instance{newInstance(t, d, c), newInstance(t, dbtest.Second(t, d), c)}
		var all sync.WaitGroup
		passwords := make(chan string, 8)
		for i := range cap(passwords) {
			all.Go(func() {
				_, used, created, err := instances[i%2].CreateFirstAdmin(system(t), "")
				if err != nil {
					t.Errorf("start %d: got %v", i, err)
				}
				if created {
					passwords <- used
				}
			})
		}
		all.Wait()
		if len(passwords) != 1 || d.User.Query().Where(user.Login("admin")).CountX(system(t)) != 1 {
			t.Fatalf("got %d creators, want 1", len(passwords))
		}
		instances[0].signIn(t, "admin", <-passwords)
	})
}

func TestAHashIsCheckedAtItsOwnCost(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		u := s.admin(t, "boss")
		b64 := base64.RawStdEncoding.EncodeToString
		salt := []byte("a salt of long ago")
		old := "$argon2id$v=19$m=64,t=3,p=2$" + b64(salt) + "$" + b64(argon2.IDKey([]byte(password), salt, 3, 64, 2, 16))
		s.DB.User.UpdateOneID(u.ID).SetPasswordHash(old).ExecX(system(t))
		s.signIn(t, "boss", password)
		_, err := s.SignIn(t.Context(), accounts.SignIn{Login: "boss", Password: "wrong horse"})
		wantFault(t, err, "INVALID_CREDENTIALS ")
	})
}

func TestABrokenHashIsAFailureOfOurs(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		u := s.admin(t, "boss")
		for _, hash := range []string{
			"plain", "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$", "$argon2i$v=19$m=19456,t=2,p=1$c2FsdA$c2Fs", "$argon2id$v=16$m=64,t=1,p=1$c2FsdA$c2Fs",
			"$argon2id$v=19$m=64,t=0,p=1$c2FsdA$c2Fs", "$argon2id$v=19$m=64,t=1,p=0$c2FsdA$c2Fs", "$argon2id$v=19$m=64,t=1,p=1$c2FsdA$c2F!",
		} {
			s.DB.User.UpdateOneID(u.ID).SetPasswordHash(hash).ExecX(system(t))
			s.pass(t, time.Hour)
			_, err := s.SignIn(t.Context(), accounts.SignIn{Login: "boss", Password: password})
			if _, isFault := fault.All(err); err == nil || isFault || strings.Contains(err.Error(), hash) {
				t.Errorf("%s: got %v, want an error of ours that does not show it", hash, err)
			}
		}
	})
}

func TestACrowdThatLeavesHoldsNobodyUp(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		s.admin(t, "boss")
		s.signIn(t, "boss", password) // from where the boss is known, whatever strangers do
		ctx, leave := context.WithCancel(t.Context())
		var crowd sync.WaitGroup
		for range 50 {
			crowd.Go(func() {
				if _, err := s.SignIn(ctx, accounts.SignIn{Login: "boss", Password: "wrong horse"}); err == nil {
					t.Error("got signed in with a wrong password")
				}
			})
		}
		leave()
		s.signIn(t, "boss", password)
		crowd.Wait()
	})
}
