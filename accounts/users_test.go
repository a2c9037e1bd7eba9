package accounts_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"channelbook/accounts"
	"channelbook/ent"
	"channelbook/ent/user"
	"channelbook/internal/auth"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
)

func ptr[T any](v T) *T { return &v }

func TestCreateUser(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		s.admin(t, "boss")
		ctx := s.as(t, s.signIn(t, "boss", password))
		company := s.distributor(t, "Ромашка")

		t.Run("stores everything in its normal form", func(t *testing.T) {
			u, err := s.CreateUser(ctx, accounts.NewUser{Login: " Anna.P@Example ", Password: password, Role: auth.Distributor, DistributorID: &company,
				Name: " Анна Петрова ", Email: "Anna@Example.RU", Phone: "8 (912) 345-67-89"})
			if err != nil {
				t.Fatal(err)
			}
			if u.Login != "anna.p@example" || u.Name != "Анна Петрова" || email(t, u) != "anna@example.ru" || phone(t, u) != "+79123456789" ||
				u.Role != user.RoleDISTRIBUTOR || *u.DistributorID != company || !u.CreatedAt.Equal(s.Now()) || u.DisabledAt != nil {
				t.Errorf("got %v %s %s %s", u, u.Name, email(t, u), phone(t, u))
			}
			if !strings.HasPrefix(u.PasswordHash, hashForm) {
				t.Errorf("got the hash %s, want Argon2id", u.PasswordHash)
			}
			s.signIn(t, "anna.p@example", password)
		})
		t.Run("finds all faults at once", func(t *testing.T) {
			_, err := s.CreateUser(ctx, accounts.NewUser{Login: "a b", Password: "so tiny", Role: "SYSTEM", Name: strings.Repeat("я", 201), Email: "anna", Phone: "12"})
			wantFault(t, err, "INVALID_LOGIN login", "PASSWORD_TOO_SHORT password", "INVALID_ROLE role", "TOO_LONG name", "INVALID_EMAIL email", "INVALID_PHONE phone")
			_, err = s.CreateUser(ctx, accounts.NewUser{Login: "", Password: strings.Repeat("x", 129), Role: auth.Distributor, Name: "a\nb"})
			wantFault(t, err, "REQUIRED login", "PASSWORD_TOO_LONG password", "REQUIRED distributorId", "INVALID_CHARACTERS name")
			_, err = s.CreateUser(ctx, accounts.NewUser{Login: "Long.Login", Password: "long.LOGIN", Role: auth.Admin, DistributorID: &company})
			wantFault(t, err, "PASSWORD_IS_LOGIN password", "DISTRIBUTOR_NOT_ALLOWED distributorId")
			_, err = s.CreateUser(ctx, accounts.NewUser{Login: "lost", Password: password, Role: auth.Distributor, DistributorID: ptr(gid.New())})
			wantFault(t, err, "NOT_FOUND distributorId")
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("got %v, want kind NotFound", err)
			}
		})
		t.Run("refuses a login that is taken in another case", func(t *testing.T) {
			_, err := s.CreateUser(ctx, accounts.NewUser{Login: "BOSS", Password: password, Role: auth.Admin})
			wantFault(t, err, "LOGIN_TAKEN login")
		})
		t.Run("of many equal logins at once makes one", func(t *testing.T) {
			var all sync.WaitGroup
			made := make(chan *ent.User, 10)
			for range 10 {
				all.Go(func() {
					u, err := s.CreateUser(ctx, accounts.NewUser{Login: "twin", Password: password, Role: auth.Admin})
					if err == nil {
						made <- u
					} else {
						wantFault(t, err, "LOGIN_TAKEN login")
					}
				})
			}
			all.Wait()
			if len(made) != 1 {
				t.Errorf("got %d users, want 1", len(made))
			}
		})
	})
}

func TestUsersAreTheAdministrators(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		u := s.member(t, "anna", s.distributor(t, "Ромашка"))
		s.wantRefused(t, t.Context(), u.ID, "UNAUTHENTICATED ")
		s.wantRefused(t, s.as(t, s.signIn(t, "anna", password)), u.ID, "FORBIDDEN ")
	})
}

// wantRefused holds everything that is done to a user by others to be refused to ctx's viewer.
func (s *instance) wantRefused(t *testing.T, ctx context.Context, id gid.ID, want string) {
	t.Helper()
	for name, act := range map[string]func() error{
		"create":  func() error { _, err := s.CreateUser(ctx, accounts.NewUser{}); return err },
		"update":  func() error { _, err := s.UpdateUser(ctx, id, accounts.UserPatch{}); return err },
		"disable": func() error { _, err := s.DisableUser(ctx, id); return err },
		"enable":  func() error { _, err := s.EnableUser(ctx, id); return err },
		"reset":   func() error { _, _, err := s.ResetPassword(ctx, id); return err },
		"set":     func() error { return s.SetPassword(ctx, "anna", password) },
		"first":   func() error { _, _, _, err := s.CreateFirstAdmin(ctx, ""); return err },
		"sweep":   func() error { return s.Sweep(ctx) },
	} {
		t.Run(name, func(t *testing.T) { wantFault(t, act(), want) })
	}
}

func TestOperatorsActsAreNotAnAdministrators(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		s.admin(t, "boss")
		ctx := s.as(t, s.signIn(t, "boss", password))
		wantFault(t, s.SetPassword(ctx, "boss", "another horse"), "FORBIDDEN ")
		wantFault(t, s.Sweep(ctx), "FORBIDDEN ")
		_, _, _, err := s.CreateFirstAdmin(ctx, "")
		wantFault(t, err, "FORBIDDEN ")
	})
}

func TestUpdateUser(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		boss := s.admin(t, "boss")
		ctx := s.as(t, s.signIn(t, "boss", password))
		one, two := s.distributor(t, "Ромашка"), s.distributor(t, "Лютик")

		t.Run("changes what is given, clears what is empty, leaves the rest and the sessions", func(t *testing.T) {
			u := s.member(t, "anna", one)
			in := s.signIn(t, "anna", password)
			if _, err := s.UpdateUser(ctx, u.ID, accounts.UserPatch{Name: ptr("Анна"), Email: ptr("A@example.ru"), Phone: ptr("89123456789")}); err != nil {
				t.Fatal(err)
			}
			got, err := s.UpdateUser(ctx, u.ID, accounts.UserPatch{Name: ptr(""), Phone: ptr("8 912 345 67 80"), Role: ptr(auth.Distributor)})
			if err != nil {
				t.Fatal(err)
			}
			if got.Name != "" || email(t, got) != "a@example.ru" || phone(t, got) != "+79123456780" || *got.DistributorID != one || got.Login != "anna" {
				t.Errorf("got %v %q %q %q", got, got.Name, email(t, got), phone(t, got))
			}
			s.wantAlive(t, in)
		})
		t.Run("ends the sessions with another distributor or role", func(t *testing.T) {
			u := s.member(t, "boris", one)
			for _, p := range []accounts.UserPatch{{DistributorID: &two}, {Role: ptr(auth.Admin)}, {Role: ptr(auth.Distributor), DistributorID: &one}} {
				in := s.signIn(t, "boris", password)
				got, err := s.UpdateUser(ctx, u.ID, p)
				if err != nil {
					t.Fatal(err)
				}
				if (got.Role == user.RoleADMIN) != (got.DistributorID == nil) {
					t.Errorf("got role %s with distributor %v", got.Role, got.DistributorID)
				}
				s.wantEnded(t, in)
			}
		})
		t.Run("finds all faults at once", func(t *testing.T) {
			u := s.member(t, "clara", one)
			_, err := s.UpdateUser(ctx, u.ID, accounts.UserPatch{DistributorID: ptr(gid.New()), Email: ptr("x"), Phone: ptr("y")})
			wantFault(t, err, "NOT_FOUND distributorId", "INVALID_EMAIL email", "INVALID_PHONE phone")
			_, err = s.UpdateUser(ctx, u.ID, accounts.UserPatch{Role: ptr(auth.Admin), DistributorID: &two})
			wantFault(t, err, "DISTRIBUTOR_NOT_ALLOWED distributorId")
			_, err = s.UpdateUser(ctx, u.ID, accounts.UserPatch{Role: ptr(auth.System)})
			wantFault(t, err, "INVALID_ROLE role")
			_, err = s.UpdateUser(ctx, boss.ID, accounts.UserPatch{DistributorID: &two})
			wantFault(t, err, "DISTRIBUTOR_NOT_ALLOWED distributorId")
			_, err = s.UpdateUser(ctx, gid.New(), accounts.UserPatch{Name: ptr("a\tb")})
			wantFault(t, err, "NOT_FOUND id", "INVALID_CHARACTERS name")
			second := s.admin(t, "second")
			_, err = s.UpdateUser(ctx, second.ID, accounts.UserPatch{Role: ptr(auth.Distributor)})
			wantFault(t, err, "REQUIRED distributorId")
		})
		t.Run("leaves an administrator their own role", func(t *testing.T) {
			_, err := s.UpdateUser(ctx, boss.ID, accounts.UserPatch{Role: ptr(auth.Distributor), DistributorID: &one})
			wantFault(t, err, "OWN_ACCOUNT role")
			if _, err := s.UpdateUser(ctx, boss.ID, accounts.UserPatch{Role: ptr(auth.Admin), Name: ptr("Boss")}); err != nil {
				t.Errorf("their own name: got %v, want it changed", err)
			}
		})
	})
}

func TestDisableUser(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		boss := s.admin(t, "boss")
		ctx := s.as(t, s.signIn(t, "boss", password))
		u := s.member(t, "anna", s.distributor(t, "Ромашка"))
		in := s.signIn(t, "anna", password)

		got, err := s.DisableUser(ctx, u.ID)
		if err != nil || got.DisabledAt == nil {
			t.Fatalf("got %v, %v, want a disabled user", got, err)
		}
		s.wantEnded(t, in)
		_, err = s.DisableUser(ctx, u.ID)
		wantFault(t, err, "ALREADY_DISABLED id")
		_, err = s.DisableUser(ctx, boss.ID)
		wantFault(t, err, "OWN_ACCOUNT id")
		_, err = s.DisableUser(system(t), boss.ID)
		wantFault(t, err, "LAST_ADMINISTRATOR id")
		_, err = s.DisableUser(ctx, gid.New())
		wantFault(t, err, "NOT_FOUND id")

		got, err = s.EnableUser(ctx, u.ID)
		if err != nil || got.DisabledAt != nil {
			t.Fatalf("got %v, %v, want an active user", got, err)
		}
		s.wantEnded(t, in)
		s.wantAlive(t, s.signIn(t, "anna", password))
		_, err = s.EnableUser(ctx, u.ID)
		wantFault(t, err, "ALREADY_ACTIVE id")
		_, err = s.EnableUser(ctx, gid.New())
		wantFault(t, err, "NOT_FOUND id")
	})
}

func TestTwoAdministratorsWhoDropEachOtherLeaveOne(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		company := s.distributor(t, "Ромашка")
		a, b := s.admin(t, "a.admin"), s.admin(t, "b.admin")
		asA, asB := s.as(t, s.signIn(t, "a.admin", password)), s.as(t, s.signIn(t, "b.admin", password))
		disable := func(of gid.ID) func() error {
			return func() error { _, err := s.DisableUser(asB, of); return err }
		}
		demote := func(of gid.ID) func() error {
			return func() error {
				_, err := s.UpdateUser(asA, of, accounts.UserPatch{Role: ptr(auth.Distributor), DistributorID: &company})
				return err
			}
		}
		for round := range 10 {
			var both sync.WaitGroup
			var errs [2]error
			start := make(chan struct{})
			for i, act := range []func() error{disable(a.ID), demote(b.ID)} {
				both.Go(func() { <-start; errs[i] = act() })
			}
			close(start)
			both.Wait()
			left := s.DB.User.Query().Where(user.RoleEQ(user.RoleADMIN), user.DisabledAtIsNil()).CountX(system(t))
			if left != 1 {
				t.Fatalf("round %d: got %d administrators left, want 1 (%v, %v)", round, left, errs[0], errs[1])
			}
			for _, err := range errs {
				if err != nil && !fault.HasCode(err, "LAST_ADMINISTRATOR") {
					t.Errorf("round %d: got %v, want LAST_ADMINISTRATOR", round, err)
				}
			}
			s.DB.User.Update().Where(user.IDIn(a.ID, b.ID)).SetRole(user.RoleADMIN).ClearDistributorID().ClearDisabledAt().ExecX(system(t))
		}
	})
}
