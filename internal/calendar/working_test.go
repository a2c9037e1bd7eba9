package calendar_test

import (
	"fmt"
	"regexp"
	"slices"
	"testing"
	"time"

	"channelbook/internal/calendar"
)

// published are the working days of each month, as the production calendars of these years have them.
var published = map[int][]int{
	2025: {17, 20, 21, 22, 18, 19, 23, 21, 22, 23, 19, 22},
	2026: {15, 19, 21, 22, 19, 21, 23, 21, 22, 22, 20, 22},
}

func TestTheMonthsHaveThePublishedWorkingDays(t *testing.T) {
	for year, want := range published {
		sum := 0
		for m, days := range want {
			month := calendar.PeriodOf(calendar.Month, date(t, fmt.Sprintf("%d-%02d-01", year, m+1)))
			got, provisional := calendar.WorkingDays(month.StartsOn, month.End())
			if got != days || provisional {
				t.Errorf("%s: got %d, provisional %v, want %d for certain", month, got, provisional, days)
			}
			sum += got
		}
		whole := calendar.PeriodOf(calendar.Year, date(t, fmt.Sprintf("%d-06-01", year)))
		if got, provisional := calendar.WorkingDays(whole.StartsOn, whole.End()); got != 247 || got != sum || provisional {
			t.Errorf("%d: got %d, provisional %v, want 247 for certain, the sum of its months", year, got, provisional)
		}
	}
}

func TestIsWorking(t *testing.T) {
	for day, want := range map[string]struct{ working, provisional bool }{
		"2025-01-08": {false, false}, "2025-01-09": {true, false},
		"2025-05-02": {false, false}, "2025-05-08": {false, false}, "2025-06-13": {false, false}, "2025-12-31": {false, false},
		"2025-01-04": {false, false}, // moved from, and a holiday
		"2025-02-24": {true, false},  // the decree moved the holiday elsewhere
		"2025-11-01": {true, false},  // a Saturday
		"2025-11-03": {false, false},
		"2026-01-09": {false, false}, "2026-01-12": {true, false}, "2026-12-31": {false, false},
		"2026-03-09": {false, false}, // Monday for Sunday
		"2026-05-11": {false, false}, // Monday for Saturday
		"2026-11-04": {false, false}, "2026-11-26": {true, false},
		"2024-01-01": {true, true}, "2027-01-01": {true, true}, "2027-01-02": {false, true},
		"2028-02-29": {true, true}, // a Tuesday
	} {
		if working, provisional := calendar.IsWorking(date(t, day)); working != want.working || provisional != want.provisional {
			t.Errorf("%s: got %v, provisional %v, want %v", day, working, provisional, want)
		}
	}
}

func TestWorkingDays(t *testing.T) {
	for name, c := range map[string]struct {
		from, to    string
		want        int
		provisional bool
	}{
		"an empty range":                         {"2026-11-23", "2026-11-23", 0, false},
		"a reversed range":                       {"2026-11-27", "2026-11-23", 0, false},
		"a reversed range of an unknown year":    {"2031-11-27", "2031-11-23", 0, false},
		"the end does not count":                 {"2026-11-23", "2026-11-27", 4, false},
		"a weekend":                              {"2026-11-28", "2026-11-30", 0, false},
		"the new year between two known":         {"2025-12-29", "2026-01-13", 3, false},
		"the whole of two known years":           {"2025-01-01", "2027-01-01", 494, false},
		"the new year into an unknown":           {"2026-12-28", "2027-01-04", 4, true},
		"the new year out of an unknown":         {"2024-12-30", "2025-01-10", 3, true},
		"up to an unknown year, without its day": {"2026-12-28", "2027-01-01", 3, false},
		"an unknown leap February":               {"2028-02-01", "2028-03-01", 21, true},
		"an unknown February":                    {"2027-02-01", "2027-03-01", 20, true},
		"an unknown leap year":                   {"2028-01-01", "2029-01-01", 260, true},
		"before 1970":                            {"1969-12-29", "1970-01-05", 5, true},
		"known years inside unknown ones":        {"2024-01-01", "2028-01-01", 262 + 494 + 261, true},
	} {
		if got, provisional := calendar.WorkingDays(date(t, c.from), date(t, c.to)); got != c.want || provisional != c.provisional {
			t.Errorf("%s: got %d, provisional %v, want %d, %v", name, got, provisional, c.want, c.provisional)
		}
	}
}

// TestARangeIsTheSumOfItsDays compares every range of a stretch around the new years with a count day by day.
func TestARangeIsTheSumOfItsDays(t *testing.T) {
	for from := date(t, "2024-12-20"); !from.After(date(t, "2027-01-10")); from = from.AddDays(13) {
		want := 0
		for to := from; !to.After(date(t, "2027-01-20")); to = to.AddDays(1) {
			if got, _ := calendar.WorkingDays(from, to); got != want {
				t.Fatalf("%s to %s: got %d, want %d", from, to, got, want)
			}
			if working, _ := calendar.IsWorking(to); working {
				want++
			}
		}
	}
}

func TestAddWorkingDays(t *testing.T) {
	for name, c := range map[string]struct {
		from        string
		n           int
		want        string
		provisional bool
	}{
		"the next day":                  {"2026-11-23", 1, "2026-11-24", false},
		"over a weekend":                {"2026-11-27", 1, "2026-11-30", false},
		"over the holidays of January":  {"2025-12-30", 1, "2026-01-12", false},
		"over those of May":             {"2026-05-08", 1, "2026-05-12", false},
		"to a Saturday that is worked":  {"2025-10-31", 1, "2025-11-01", false},
		"back over a moved day off":     {"2025-11-05", -1, "2025-11-01", false},
		"back over the new year":        {"2026-01-12", -2, "2025-12-29", false},
		"none, from a day off":          {"2026-11-28", 0, "2026-11-28", false},
		"one, from a day off":           {"2026-11-28", 1, "2026-11-30", false},
		"a year of working days":        {"2024-12-31", 247, "2025-12-30", false},
		"into a year that is not known": {"2026-12-30", 1, "2027-01-01", true},
		"out of one":                    {"2024-12-31", 1, "2025-01-09", false},
		"back into one":                 {"2025-01-09", -1, "2024-12-31", true},
	} {
		if got, provisional := calendar.AddWorkingDays(date(t, c.from), c.n); got != date(t, c.want) || provisional != c.provisional {
			t.Errorf("%s: got %s, provisional %v, want %s, %v", name, got, provisional, c.want, c.provisional)
		}
	}
}

var decree = regexp.MustCompile(`^Decree of the Government of the Russian Federation of \d\d\.\d\d\.(\d{4}) No\. \d+$`)

// TestAYearIsKnownByItsDecreeOnly: whoever adds a year says which decree it goes by, and checks it by its months.
func TestAYearIsKnownByItsDecreeOnly(t *testing.T) {
	var years []int
	for year := 1990; year < 2100; year++ {
		middle := calendar.DateOf(time.Date(year, 7, 1, 12, 0, 0, 0, time.UTC), time.UTC)
		_, provisional := calendar.IsWorking(middle)
		name := calendar.Decree(year)
		if provisional {
			if name != "" {
				t.Errorf("%d has a decree, %q, and is provisional", year, name)
			}
			continue
		}
		years = append(years, year)
		found := decree.FindStringSubmatch(name)
		if found == nil || found[1] != fmt.Sprint(year-1) {
			t.Errorf("%d is known by %q, want a decree of the year before, with its number", year, name)
		}
		if len(published[year]) != 12 {
			t.Errorf("%d is known, and this test does not know the working days of its months", year)
		}
	}
	if !slices.Equal(years, []int{2025, 2026}) {
		t.Errorf("got the years %v, want 2025 and 2026", years)
	}
}

func TestWorkingDaysAllocateNothing(t *testing.T) {
	from, to := date(t, "2025-01-01"), date(t, "2027-12-31")
	if got := testing.AllocsPerRun(100, func() { calendar.WorkingDays(from, to) }); got != 0 {
		t.Errorf("got %v allocations, want none", got)
	}
}
