package fold_test

import (
	"testing"

	"channelbook/internal/fold"
)

func TestName(t *testing.T) {
	for in, want := range map[string]string{
		"":           "",
		" \t\u00a0 ": "",
		"ООО «Ёлка»": "ооо «елка»",
		"  Анна\t Мария \n Петрова  ": "анна мария петрова",
		"КОРОЛЁВ":           "королев",
		"ACME Ltd":          "acme ltd",
		"Anna\u00a0Smith":   "anna smith",
		"Андре\u0438\u0306": "андре\u0439",
		"Ал\u0435\u0308на":  "алена",
		"Ren\u0065\u0301":   "ren\u00e9",
	} {
		got := fold.Name(in)
		if got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
		if again := fold.Name(got); again != got {
			t.Errorf("%q folded twice: got %q, want %q", in, again, got)
		}
	}
}
