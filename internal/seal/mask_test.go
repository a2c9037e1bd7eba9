package seal_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"channelbook/internal/seal"
)

func TestMasks(t *testing.T) {
	for name, c := range map[string]struct {
		masked fmt.Stringer
		want   string
	}{
		"phone":                      {seal.Phone("+79123456789"), "+7912•••••89"},
		"phone of another length":    {seal.Phone("+4930123456"), "+4930••••56"},
		"phone too short for a mask": {seal.Phone("+79123"), "••••••"},
		"no phone":                   {seal.Phone(""), ""},
		"e-mail":                     {seal.Email("anna@example.ru"), "a•••@example.ru"},
		"e-mail in Cyrillic":         {seal.Email("анна@пример.рф"), "а•••@пример.рф"},
		"not an e-mail":              {seal.Email("anna"), "a•••"},
		"e-mail without a name":      {seal.Email("@example.ru"), "@•••"},
		"name":                       {seal.Name("Анна"), "А•••"},
		"no name":                    {seal.Name(""), ""},
		"name in broken UTF-8":       {seal.Name("\xff\xfe"), "•••"},
		"secret":                     {seal.Secret("correct horse"), "***"},
		"no secret":                  {seal.Secret(""), ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.masked.String(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestNoWayOfPrintingShowsTheValue(t *testing.T) {
	lead := struct {
		Phone  seal.Phone
		Email  seal.Email
		Name   seal.Name
		Secret seal.Secret
	}{"+79123456789", "anna@example.ru", "Anna", "horse"}

	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+"\n", lead)
	}
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(h).Info("lead", "whole", lead, "phone", lead.Phone, "email", lead.Email, "name", lead.Name, "secret", lead.Secret)
	}
	if err := json.NewEncoder(&out).Encode(lead); err != nil {
		t.Fatal(err)
	}
	for _, value := range []string{"3456789", "anna", "Anna", "horse", fmt.Sprintf("%x", "Anna")} {
		if strings.Contains(out.String(), value) {
			t.Errorf("%q is shown in:\n%s", value, out.String())
		}
	}
}
