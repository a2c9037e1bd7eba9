package calendar_test

import (
	"testing"
	"time"

	"channelbook/internal/calendar"
)

func date(t *testing.T, s string) calendar.Date {
	t.Helper()
	d, err := calendar.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestParseDate(t *testing.T) {
	if got := date(t, "2028-02-29").String(); got != "2028-02-29" {
		t.Errorf("got %s, want the leap day", got)
	}
	for _, s := range []string{"", "2026-02-29", "2026-2-1", "01.02.2026", "2026-02-01T00:00:00Z", "0000-01-01", "0001-01-01", "1899-12-31"} {
		if d, err := calendar.ParseDate(s); err == nil {
			t.Errorf("%q: got %s, want an error", s, d)
		}
	}
}

// TestADayBeginsInItsTimeZone: the same instant is another day in Moscow and in UTC.
func TestADayBeginsInItsTimeZone(t *testing.T) {
	moscow, err := time.LoadLocation("Europe/Moscow")
	if err != nil {
		t.Fatal(err)
	}
	evening := time.Date(2026, 12, 31, 21, 30, 0, 0, time.UTC)
	if got := calendar.DateOf(evening, moscow).String(); got != "2027-01-01" {
		t.Errorf("got %s, want the new year in Moscow", got)
	}
	if got := calendar.DateOf(evening, time.UTC).String(); got != "2026-12-31" {
		t.Errorf("got %s, want the old year in UTC", got)
	}
	if got := date(t, "2027-01-01").Start(moscow); !got.Equal(time.Date(2026, 12, 31, 21, 0, 0, 0, time.UTC)) {
		t.Errorf("got %s, want midnight in Moscow", got)
	}
}

func TestAddDaysAndAfter(t *testing.T) {
	d := date(t, "2026-02-28").AddDays(1)
	if d.String() != "2026-03-01" || !d.After(date(t, "2026-02-28")) || d.After(d) {
		t.Errorf("got %s, want the first of March, after the day before", d)
	}
}

func TestValueAndScan(t *testing.T) {
	d := date(t, "2026-11-23")
	for _, stored := range []any{"2026-11-23", []byte("2026-11-23"), time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)} {
		var got calendar.Date
		if err := got.Scan(stored); err != nil || got != d {
			t.Errorf("%v: got %s, %v, want %s", stored, got, err, d)
		}
	}
	got := d
	if err := got.Scan(nil); err != nil || got.Known() != nil {
		t.Errorf("got %s, %v, want no day", got, err)
	}
	if v, err := got.Value(); v != nil || err != nil {
		t.Errorf("got %v, %v, want null", v, err)
	}
	if err := got.Scan(5); err == nil {
		t.Error("got a day from a number, want an error")
	}
}
