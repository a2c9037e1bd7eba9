package preferences_test

import (
	"testing"
	"time"

	"channelbook/notify/preferences"
)

func TestQuietHours(t *testing.T) {
	for name, c := range map[string]struct {
		zone     string
		from, to string
		at, end  string // end empty: not quiet
	}{
		"before a night":          {"Europe/Moscow", "22:00", "08:00", "2026-11-26T21:59:59+03:00", ""},
		"at its beginning":        {"Europe/Moscow", "22:00", "08:00", "2026-11-26T22:00:00+03:00", "2026-11-27T08:00:00+03:00"},
		"before midnight":         {"Europe/Moscow", "22:00", "08:00", "2026-11-26T23:30:00+03:00", "2026-11-27T08:00:00+03:00"},
		"after midnight":          {"Europe/Moscow", "22:00", "08:00", "2026-11-27T00:30:00+03:00", "2026-11-27T08:00:00+03:00"},
		"a moment before its end": {"Europe/Moscow", "22:00", "08:00", "2026-11-27T07:59:59+03:00", "2026-11-27T08:00:00+03:00"},
		"at its end":              {"Europe/Moscow", "22:00", "08:00", "2026-11-27T08:00:00+03:00", ""},
		"by the person's clock":   {"Asia/Vladivostok", "22:00", "08:00", "2026-11-26T13:00:00Z", "2026-11-26T22:00:00Z"},
		"within a day":            {"UTC", "13:00", "14:00", "2026-11-26T13:30:00Z", "2026-11-26T14:00:00Z"},
		"after that":              {"UTC", "13:00", "14:00", "2026-11-26T14:30:00Z", ""},
		"up to midnight":          {"UTC", "22:00", "00:00", "2026-11-26T23:30:00Z", "2026-11-27T00:00:00Z"},
		"from midnight":           {"UTC", "00:00", "07:00", "2026-11-27T00:00:00Z", "2026-11-27T07:00:00Z"},
		"over the end of a year":  {"UTC", "22:00", "08:00", "2026-12-31T23:00:00Z", "2027-01-01T08:00:00Z"},

		// 2026-03-08 02:00 EST -> 03:00 EDT; 2026-11-01 02:00 EDT -> 01:00 EST.
		"New York, forward":                           {"America/New_York", "22:00", "08:00", "2026-03-08T01:30:00-05:00", "2026-03-08T08:00:00-04:00"},
		"New York, back":                              {"America/New_York", "22:00", "08:00", "2026-11-01T01:30:00-04:00", "2026-11-01T08:00:00-05:00"},
		"its end in the gap":                          {"America/New_York", "22:00", "02:30", "2026-03-08T01:59:59-05:00", "2026-03-08T03:00:00-04:00"},
		"right after that":                            {"America/New_York", "22:00", "02:30", "2026-03-08T03:00:00-04:00", ""},
		"its end in the overlap":                      {"America/New_York", "22:00", "01:30", "2026-11-01T01:00:00-04:00", "2026-11-01T01:30:00-05:00"},
		"between the two times of that":               {"America/New_York", "22:00", "01:30", "2026-11-01T01:45:00-04:00", "2026-11-01T01:30:00-05:00"},
		"when it comes the second time":               {"America/New_York", "22:00", "01:30", "2026-11-01T01:30:00-05:00", ""},
		"its beginning in the gap":                    {"America/New_York", "02:30", "06:00", "2026-03-08T03:00:00-04:00", "2026-03-08T06:00:00-04:00"},
		"before that":                                 {"America/New_York", "02:30", "06:00", "2026-03-08T01:59:59-05:00", ""},
		"its beginning in the overlap":                {"America/New_York", "01:30", "06:00", "2026-11-01T01:30:00-04:00", "2026-11-01T06:00:00-05:00"},
		"the clock is set back into it":               {"America/New_York", "01:30", "06:00", "2026-11-01T01:10:00-05:00", "2026-11-01T06:00:00-05:00"},
		"before its beginning in the overlap":         {"America/New_York", "01:30", "06:00", "2026-11-01T01:29:59-04:00", ""},
		"both ends in the gap":                        {"America/New_York", "02:10", "02:50", "2026-03-08T03:00:00-04:00", ""},
		"all but the gap":                             {"America/New_York", "02:50", "02:10", "2026-03-08T01:30:00-05:00", "2026-03-09T02:10:00-04:00"},
		"both ends in the overlap, between its hours": {"America/New_York", "01:10", "01:50", "2026-11-01T01:05:00-05:00", "2026-11-01T01:50:00-05:00"},

		// 2026-03-29 02:00 CET -> 03:00 CEST; 2026-10-25 03:00 CEST -> 02:00 CET.
		"Berlin, forward":       {"Europe/Berlin", "23:00", "07:00", "2026-03-28T23:30:00+01:00", "2026-03-29T07:00:00+02:00"},
		"Berlin, back":          {"Europe/Berlin", "23:00", "07:00", "2026-10-24T23:30:00+02:00", "2026-10-25T07:00:00+01:00"},
		"Berlin, at the change": {"Europe/Berlin", "23:00", "02:00", "2026-03-29T01:30:00+01:00", "2026-03-29T03:00:00+02:00"},
		"Berlin, back at it":    {"Europe/Berlin", "23:00", "03:00", "2026-10-25T02:30:00+02:00", "2026-10-25T03:00:00+01:00"},
		// 2026-11-01 01:00 CDT -> 00:00 CST: midnight comes twice.
		"Havana, over midnight": {"America/Havana", "23:30", "00:30", "2026-11-01T00:45:00-04:00", "2026-11-01T00:30:00-05:00"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		s := preferences.Settings{TimeZone: zone, QuietFrom: minutes(t, c.from), QuietTo: minutes(t, c.to)}
		end, quiet := s.QuietUntil(instant(t, c.at))
		switch {
		case quiet != (c.end != ""):
			t.Errorf("%s: got quiet %v until %v", name, quiet, end.In(zone))
		case quiet && (!end.Equal(instant(t, c.end)) || end.Location() != time.UTC):
			t.Errorf("%s: got %v, want %s in UTC", name, end.In(zone), c.end)
		}
	}
	if _, quiet := (preferences.Settings{TimeZone: time.UTC}).QuietUntil(time.Now()); quiet {
		t.Error("it is quiet for who wants no quiet hours")
	}
}

// TestQuietHoursEnd after each moment of two weeks in which the clock is changed, and are over then.
func TestQuietHoursEnd(t *testing.T) {
	for _, name := range []string{"America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Havana", "Asia/Beirut", "America/St_Johns"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		for from := 0; from < 24*60; from += 170 {
			for to := 5; to < 24*60; to += 190 {
				if from == to {
					continue
				}
				s := preferences.Settings{TimeZone: zone, QuietFrom: &from, QuietTo: &to}
				for _, day := range []string{"2026-03-07T20:00:00Z", "2026-03-28T20:00:00Z", "2026-10-24T20:00:00Z", "2026-10-31T20:00:00Z", "2026-10-03T10:00:00Z", "2026-04-04T10:00:00Z"} {
					for at, n := instant(t, day), 0; n < 36; at, n = at.Add(17*time.Minute), n+1 {
						end, quiet := s.QuietUntil(at)
						if _, still := s.QuietUntil(end); quiet && (!end.After(at) || still || end.Sub(at) > 50*time.Hour) {
							t.Fatalf("%s, from %d to %d: %v is quiet until %v", name, from, to, at.In(zone), end.In(zone))
						}
					}
				}
			}
		}
	}
}

func minutes(t *testing.T, text string) *int {
	t.Helper()
	at, err := time.Parse("15:04", text)
	if err != nil {
		t.Fatal(err)
	}
	m := at.Hour()*60 + at.Minute()
	return &m
}

func instant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
