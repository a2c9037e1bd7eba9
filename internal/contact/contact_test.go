package contact_test

import (
	"errors"
	"strings"
	"testing"

	"channelbook/internal/contact"
)

func TestRussianPhonesInAnyUsualWriting(t *testing.T) {
	for _, s := range []string{
		"8 (912) 345-67-89", "+7 912 345 67 89", "79123456789", "9123456789", "89123456789", "+79123456789",
		"+7(912)345-67-89", "+7-912-345-67-89", "8.912.345.67.89", "8/912/3456789", "  8 912 345 67 89  ",
		"tel:+7-912-345-67-89", "TEL: 8 912 345 67 89", "8\u00a0(912)\u00a0345\u201167\u201189", "8 912 345–67—89", "8 912 345−67−89",
		"８９１２３４５６７８９", "＋７ （９１２） ３４５－６７－８９", "\u202a+79123456789\u202c", "+8 912 345 67 89", "007 912 345 67 89",
		"8 912 345 67 89 доб. 12", "8 912 345 67 89, доб 12", "+7 912 345 67 89 ext. 4", "tel:+79123456789;ext=4", "8 912 345 67 89 #5",
	} {
		if got, err := contact.Phone(s); err != nil || got != "+79123456789" {
			t.Errorf("%q: got %q, %v, want +79123456789", s, got, err)
		}
	}
}

func TestOtherPhones(t *testing.T) {
	for s, want := range map[string]string{
		"8 (495) 123-45-67":  "+74951234567",
		"8 800 555 35 35":    "+78005553535",
		"+7 701 234 56 78":   "+77012345678",
		"8 701 234 56 78":    "+77012345678",
		"+375 29 123-45-67":  "+375291234567",
		"+44 20 7946 0958":   "+442079460958",
		"0044 20 7946 0958":  "+442079460958",
		"+1 (650) 253-0000":  "+16502530000",
		"+86 139 1234 5678":  "+8613912345678",
		"8 10 44 2079460958": "+442079460958",
	} {
		if got, err := contact.Phone(s); err != nil || got != want {
			t.Errorf("%q: got %q, %v, want %s", s, got, err, want)
		}
	}
}

func TestNonsenseIsNoPhone(t *testing.T) {
	for _, s := range []string{
		"", " ", "+", "tel:", "112", "3456789", "12345", "call me", "8-800-FLOWERS", "Анна 89123456789", "89123456789 Анна",
		"8912345678", "891234567890", "+7 000 000 00 00", "0000000000", "+999 123 456", "8912345+6789", "++79123456789",
		"89123456789, 89123456780", "89123456789\x00", "\xff89123456789", "{phone}", "a@example.ru", strings.Repeat("8", 200), "8" + strings.Repeat("-", 100) + "9123456789",
	} {
		if got, err := contact.Phone(s); !errors.Is(err, contact.ErrPhone) || got != "" {
			t.Errorf("%q: got %q, %v, want ErrPhone", s, got, err)
		}
	}
}

func TestEmails(t *testing.T) {
	for s, want := range map[string]string{
		"anna@example.ru":               "anna@example.ru",
		"  Anna.Petrova@Example.RU ":    "anna.petrova@example.ru",
		"anna+leads@mail.example.co.uk": "anna+leads@mail.example.co.uk",
		"o'neil@example.ru":             "o'neil@example.ru",
		"anna@Пример.РФ":                "anna@пример.рф",
		"anna@xn--e1afmkfd.xn--p1ai":    "anna@пример.рф",
		"АННА@пример.рф":                "анна@пример.рф",
		"anna＠example．ru":               "anna@example.ru",
		"anna\u200b@example.ru":         "anna@example.ru",
		"a@b.c":                         "a@b.c",
		strings.Repeat("a", 64) + "@" + strings.Repeat("b", 63) + "." + strings.Repeat("c", 63) + "." + strings.Repeat("d", 61): strings.Repeat("a", 64) + "@" + strings.Repeat("b", 63) + "." + strings.Repeat("c", 63) + "." + strings.Repeat("d", 61),
	} {
		if got, err := contact.Email(s); err != nil || got != want {
			t.Errorf("%q: got %q, %v, want %q", s, got, err, want)
		}
	}
}

func TestNonsenseIsNoEmail(t *testing.T) {
	for _, s := range []string{
		"", "@", "anna", "anna@", "@example.ru", "anna@example", "anna@@example.ru", "anna@exa mple.ru", "an na@example.ru",
		"Anna <anna@example.ru>", "<anna@example.ru>", `"anna"@example.ru`, `"an na"@example.ru`, "anna(x)@example.ru",
		"anna@example.ru, b@example.ru", "anna@127.0.0.1", "anna@[127.0.0.1]", "anna@-example.ru", "anna@exa_mple.ru",
		"anna@example.ru.", "anna@example..ru", ".anna@example.ru", "anna.@example.ru", "an..na@example.ru",
		"anna\x00@example.ru", "anna\r\nBcc: b@example.ru", "anna@example.ru\tx", "\xff@example.ru", "{email}",
		strings.Repeat("a", 65) + "@example.ru", "a@" + strings.Repeat("b", 64) + ".ru",
		strings.Repeat("a", 64) + "@" + strings.Repeat("b", 63) + "." + strings.Repeat("c", 63) + "." + strings.Repeat("d", 62),
	} {
		if got, err := contact.Email(s); !errors.Is(err, contact.ErrEmail) || got != "" {
			t.Errorf("%q: got %q, %v, want ErrEmail", s, got, err)
		}
	}
}

func TestDomains(t *testing.T) {
	for s, want := range map[string]string{
		"Example.RU": "example.ru", "example.ru.": "example.ru", "ПРИМЕР.РФ": "пример.рф", "xn--e1afmkfd.xn--p1ai": "пример.рф",
	} {
		if got, err := contact.Domain(s); err != nil || got != want {
			t.Errorf("%q: got %q, %v, want %q", s, got, err, want)
		}
	}
	for _, s := range []string{"", ".", "ru", "a b.ru", "10.0.0.1", "example.ru..", "a/b.ru", "*.example.ru", "exa\x00mple.ru", strings.Repeat("ы", 100_000) + ".ru"} {
		if got, err := contact.Domain(s); !errors.Is(err, contact.ErrDomain) {
			t.Errorf("%q: got %q, %v, want ErrDomain", s, got, err)
		}
	}
}

func FuzzAnAnswerStaysAsItIs(f *testing.F) {
	for _, s := range []string{"8 (912) 345-67-89", "Anna@Пример.РФ", "İ@xn--e1afmkfd.xn--p1ai", "ǅ@ß.de", "+441481960194"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for name, normal := range map[string]func(string) (string, error){
			"phone": contact.Phone, "e-mail": contact.Email, "domain": contact.Domain,
		} {
			once, err := normal(s)
			if err != nil {
				continue
			}
			if twice, err := normal(once); err != nil || twice != once {
				t.Errorf("%s %q: got %q, then %q, %v", name, s, once, twice, err)
			}
		}
	})
}
