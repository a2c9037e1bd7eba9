package calendar_test

import (
	"testing"

	"channelbook/internal/calendar"
)

func TestPeriodsHaveNames(t *testing.T) {
	for _, c := range []struct {
		kind        calendar.Kind
		day         string
		name, title string
	}{
		{calendar.Month, "2026-05-31", "май 2026", "Май 2026"},
		{calendar.Quarter, "2026-10-01", "IV квартал 2026", "IV квартал 2026"},
		{calendar.Year, "2026-02-28", "2026 год", "2026 год"},
	} {
		day, err := calendar.ParseDate(c.day)
		if err != nil {
			t.Fatal(err)
		}
		p := calendar.PeriodOf(c.kind, day)
		if p.Name() != c.name || p.Title() != c.title {
			t.Errorf("%s of %s: got %q and %q, want %q and %q", c.kind, c.day, p.Name(), p.Title(), c.name, c.title)
		}
	}
}
