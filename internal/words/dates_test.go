package words_test

import (
	"fmt"
	"testing"

	"channelbook/internal/calendar"
	"channelbook/internal/words"
)

func date(t *testing.T, s string) calendar.Date {
	t.Helper()
	d, err := calendar.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDays(t *testing.T) {
	for _, c := range []struct{ day, short, written, formal string }{
		{"2026-11-26", "26.11.2026", "26 ноября 2026 г.", "«26» ноября 2026 г."},
		{"2027-01-01", "01.01.2027", "1 января 2027 г.", "«01» января 2027 г."},
	} {
		d := date(t, c.day)
		for got, want := range map[string]string{words.ShortDay(d): c.short, words.Day(d): c.written, words.FormalDay(d): c.formal} {
			if plain(got) != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
	}
	none := calendar.Date{}
	if got := words.ShortDay(none) + words.Day(none) + words.FormalDay(none); got != "" {
		t.Errorf("got %q for no day, want nothing", got)
	}
}

func TestMonthsOfADayAreInTheGenitive(t *testing.T) {
	for i, want := range []string{"января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"} {
		d := date(t, fmt.Sprintf("2026-%02d-05", i+1))
		if got := plain(words.Day(d)); got != "5 "+want+" 2026 г." {
			t.Errorf("got %q, want %s", got, want)
		}
	}
}

func TestPeriods(t *testing.T) {
	for _, c := range []struct {
		kind         calendar.Kind
		day          string
		name, during string
	}{
		{calendar.Month, "2026-11-26", "ноябрь 2026 г.", "за ноябрь 2026 г."},
		{calendar.Month, "2026-05-01", "май 2026 г.", "за май 2026 г."},
		{calendar.Quarter, "2026-11-26", "IV квартал 2026 г.", "за IV квартал 2026 г."},
		{calendar.Year, "2026-11-26", "2026 год", "за 2026 год"},
	} {
		p := calendar.PeriodOf(c.kind, date(t, c.day))
		if name, during := plain(words.Period(p)), plain(words.During(p)); name != c.name || during != c.during {
			t.Errorf("got %q and %q, want %q and %q", name, during, c.name, c.during)
		}
	}
}

func TestSpansOfDays(t *testing.T) {
	for _, c := range []struct{ from, to, between, span string }{
		{"2026-11-01", "2026-11-30", "с 1 по 30 ноября 2026 г.", "за ноябрь 2026 г."},
		{"2026-10-01", "2026-12-31", "с 1 октября по 31 декабря 2026 г.", "за IV квартал 2026 г."},
		{"2026-01-01", "2026-12-31", "с 1 января по 31 декабря 2026 г.", "за 2026 год"},
		{"2028-02-01", "2028-02-29", "с 1 по 29 февраля 2028 г.", "за февраль 2028 г."},
		{"2028-02-01", "2028-02-28", "с 1 по 28 февраля 2028 г.", "с 1 по 28 февраля 2028 г."},
		{"2026-10-28", "2026-11-03", "с 28 октября по 3 ноября 2026 г.", "с 28 октября по 3 ноября 2026 г."},
		{"2025-12-28", "2026-01-03", "с 28 декабря 2025 г. по 3 января 2026 г.", "с 28 декабря 2025 г. по 3 января 2026 г."},
		{"2025-11-01", "2026-11-30", "с 1 ноября 2025 г. по 30 ноября 2026 г.", "с 1 ноября 2025 г. по 30 ноября 2026 г."},
		{"2026-11-26", "2026-11-26", "за 26 ноября 2026 г.", "за 26 ноября 2026 г."},
	} {
		from, to := date(t, c.from), date(t, c.to)
		if between, span := plain(words.Between(from, to)), plain(words.Span(from, to)); between != c.between || span != c.span {
			t.Errorf("got %q and %q, want %q and %q", between, span, c.between, c.span)
		}
	}
}
