package accounts_test

import (
	"strings"
	"testing"

	"channelbook/accounts"
	"channelbook/internal/auth"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
)

func TestACommonPasswordIsRefused(t *testing.T) {
	s := newInstance(t, dbtest.SQLite(t), newClock())
	make := func(password string) error {
		_, err := s.CreateUser(system(t), accounts.NewUser{Login: "Roma.Petrov", Password: password, Role: auth.Admin, Name: "\x00"}) // never made
		return err
	}
	for name, passwords := range map[string][]string{
		"one of the list":                     {"password", "PassWord", "iloveyou", "football", "trustno1", "p@ssw0rd"},
		"with something around it":            {"password1", "!Monkey2024", "dragon!!", "football99"},
		"in the other layout":                 {"зфыыцщкв", "gfhjkmgfhjkm", "пароль123", "Привет12"},
		"in parts of Unicode":                 {"йцукенгш", "и\u0306цукенгш"},
		"the login with little else":          {"roma.petrov1", "2026roma.petrov", "Roma.Petrov!!!!", "roma.petrov20262026"},
		"the program's name with little else": {"channelbook", "Channelbook2026", "channelbook!!!!!!"},
		"a repetition":                        {"aaaaaaaa", "жжжжжжжж", "12121212", "passpass", "monkeymonkey"},
		"keys in a row":                       {"12345678", "87654321", "qwertyui", "asdfghjk", "qwer1234", "1qaz2wsx3edc", "abcdefgh", "zyxwvuts", "абвгдежз", "йцукфыва", "1234567890", "aaaa1234"},
	} {
		for _, password := range passwords {
			if err := make(password); !fault.HasCode(err, "PASSWORD_TOO_COMMON") {
				t.Errorf("%s: %q: got %v, want PASSWORD_TOO_COMMON", name, password, err)
			}
		}
	}
	for _, password := range []string{
		"correct horse", "a long enough password", "a password for a benchmark", "another horse", "мой пароль", "roma.petrov likes tea", "channelbook is my cup",
		"kx7#pQ2v", "синий слон поёт", "qwer5tvmd9", strings.Repeat("длинный ", 16), accounts.GeneratePassword(),
	} {
		if err := make(password); fault.HasCode(err, "PASSWORD_TOO_COMMON") {
			t.Errorf("%q: got %v, want it taken", password, err)
		}
	}
}

func TestEveryFaultOfAPasswordIsNamed(t *testing.T) {
	s := newInstance(t, dbtest.SQLite(t), newClock())
	for password, want := range map[string][]string{
		"monkey":                       {"PASSWORD_TOO_SHORT password", "PASSWORD_TOO_COMMON password"},
		"roma":                         {"PASSWORD_TOO_SHORT password", "PASSWORD_IS_LOGIN password"},
		"":                             {"PASSWORD_TOO_SHORT password"},
		"iloveyou":                     {"PASSWORD_TOO_COMMON password"},
		strings.Repeat("password", 17): {"PASSWORD_TOO_LONG password"},
	} {
		_, err := s.CreateUser(system(t), accounts.NewUser{Login: "roma", Password: password, Role: auth.Admin})
		wantFault(t, err, want...)
	}
}

func TestWhoChoosesAPasswordMayNotChooseACommonOne(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		_, _, _, err := s.CreateFirstAdmin(system(t), "admin123")
		wantFault(t, err, "PASSWORD_TOO_COMMON password")
		s.admin(t, "boss")
		wantFault(t, s.SetPassword(system(t), "boss", "boss2026"), "PASSWORD_TOO_COMMON password")
		wantFault(t, s.ChangePassword(s.as(t, s.signIn(t, "boss", password)), "wrong horse", "qwertyui"),
			"WRONG_PASSWORD currentPassword", "PASSWORD_TOO_COMMON newPassword")
	})
}

func BenchmarkCheckOfAPassword(b *testing.B) {
	for b.Loop() {
		accounts.TooCommon("correct horse", "roma")
	}
}
