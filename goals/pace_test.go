package goals_test

import (
	"fmt"
	"math"
	"testing"

	"channelbook/goals"
	"channelbook/internal/calendar"
)

// told is a progress in one line.
func told(p goals.Progress) string {
	percent, forecast := "-", "-"
	if p.Percent != nil {
		percent = fmt.Sprint(*p.Percent)
	}
	if p.Forecast != nil {
		forecast = fmt.Sprint(*p.Forecast)
	}
	return fmt.Sprintf("%s %s%% →%s %d/%d", p.Standing, percent, forecast, p.WorkingDaysPassed, p.WorkingDays)
}

// The months here have no holidays between Monday and Friday, so that each has the working days that anybody can count.
func TestPace(t *testing.T) {
	september, august := month("2026-09"), month("2026-08") // 22 working days from a Tuesday on; 21 from Monday the 3rd on
	for name, c := range map[string]struct {
		period         calendar.Period
		today          string
		target, actual int64
		want           string
	}{
		"before it begins":                             {september, "2026-08-31", 100, 0, "ON_TRACK 0% →- 0/22"},
		"reached before it begins":                     {september, "2026-08-31", 0, 0, "REACHED -% →- 0/22"},
		"the first working day, nothing yet":           {september, "2026-09-01", 100, 0, "ON_TRACK 0% →0 0/22"},
		"the first working day, more than a day's":     {september, "2026-09-01", 100, 6, "AHEAD 6% →132 0/22"},
		"a day's rounded up is on track":               {september, "2026-09-01", 100, 5, "ON_TRACK 5% →110 0/22"},
		"a weekend before any working day":             {august, "2026-08-02", 100, 50, "AHEAD 50% →- 0/21"},
		"a weekend before any working day, nothing":    {august, "2026-08-02", 100, 0, "ON_TRACK 0% →- 0/21"},
		"the second day, nothing":                      {september, "2026-09-02", 100, 0, "BEHIND 0% →0 1/22"},
		"just below the floor":                         {september, "2026-09-02", 100, 3, "BEHIND 3% →33 1/22"},
		"the floor itself":                             {september, "2026-09-02", 100, 4, "ON_TRACK 4% →44 1/22"},
		"a Sunday has no working day":                  {september, "2026-09-06", 110, 20, "ON_TRACK 18.18% →110 4/22"},
		"the last day, a little missing":               {september, "2026-09-30", 10_000, 9_999, "ON_TRACK 99.99% →9999 21/22"},
		"the last day, reached":                        {september, "2026-09-30", 100, 100, "REACHED 100% →100 21/22"},
		"percent is rounded down":                      {september, "2026-09-30", 3, 2, "ON_TRACK 66.66% →2 21/22"},
		"nearly all is not all":                        {september, "2026-09-30", 1_000_000_000, 999_999_999, "ON_TRACK 99.99% →999999999 21/22"},
		"over and missed":                              {september, "2026-10-01", 100, 99, "MISSED 99% →99 22/22"},
		"over and reached":                             {september, "2026-10-15", 100, 100, "REACHED 100% →100 22/22"},
		"a target of nothing":                          {september, "2026-09-15", 0, 0, "REACHED -% →0 10/22"},
		"a target of nothing, below it":                {september, "2026-09-15", 0, -5, "BEHIND -% →-10 10/22"},
		"more reversed than sold":                      {september, "2026-09-15", 300, -1, "BEHIND -0.34% →-2 10/22"},
		"more reversed than sold, over":                {september, "2026-10-01", 300, -1, "MISSED -0.34% →-1 22/22"},
		"a forecast is rounded":                        {september, "2026-09-04", 1000, 1, "BEHIND 0.1% →6 3/22"},
		"a month of 30 days ends on the 30th":          {september, "2026-09-30", 100, 0, "BEHIND 0% →0 21/22"},
		"a leap February has a 29th":                   {month("2028-02"), "2028-02-29", 100, 100, "REACHED 100% →100 20/21"},
		"a leap February is over on the 1st of March":  {month("2028-02"), "2028-03-01", 100, 1, "MISSED 1% →1 21/21"},
		"a quadrillion overflows nothing":              {september, "2026-09-15", 1_000_000_000_000_000, 500_000_000_000_000, "ON_TRACK 50% →1000000000000000 10/22"},
		"what no number holds is the largest there is": {september, "2026-09-01", 1, math.MaxInt64, "REACHED 9.223372036854776e+20% →9223372036854775807 0/22"},
		"what no number holds is the least there is":   {september, "2026-09-01", 1, math.MinInt64, "BEHIND -9.223372036854776e+20% →-9223372036854775808 0/22"},
	} {
		if c.period == month("2028-02") {
			n, _ := calendar.WorkingDays(c.period.StartsOn, c.period.End())
			passed, _ := calendar.WorkingDays(c.period.StartsOn, earlier(day(c.today), c.period.End()))
			c.want = c.want[:len(c.want)-len("20/21")] + fmt.Sprintf("%d/%d", passed, n) // by whatever is known of 2028
		}
		equal(t, name, told(goals.ProgressAt(c.period, day(c.today), c.target, c.actual)), c.want)
	}
}

func earlier(a, b calendar.Date) calendar.Date {
	if a.After(b) {
		return b
	}
	return a
}

// TestTheHolidaysOfJanuary: there is no pace before the year's first working day, whichever that is.
func TestTheHolidaysOfJanuary(t *testing.T) {
	january := month("2026-01")
	for d := january.StartsOn; !d.After(day("2026-01-12")); d = d.AddDays(1) {
		begun, _ := calendar.WorkingDays(january.StartsOn, d.AddDays(1))
		over, _ := calendar.WorkingDays(january.StartsOn, d)
		got := goals.ProgressAt(january, d, 1_000_000, 1)
		if (got.Forecast == nil) != (begun == 0) || (got.Standing == goals.Behind) != (over > 0) || got.WorkingDaysPassed != over {
			t.Errorf("%s: got %s, want a forecast once a working day has begun and to be behind once one is over (%d, %d)", d, told(got), begun, over)
		}
	}
}

// TestUnevenMonths: a quarter's pace goes by its working days, not by thirds.
func TestUnevenMonths(t *testing.T) {
	quarter := whole(calendar.Quarter, "2026-07-01")
	all, _ := calendar.WorkingDays(quarter.StartsOn, quarter.End())
	july, _ := calendar.WorkingDays(quarter.StartsOn, day("2026-08-01"))
	target := int64(all)
	// On Saturday the 1st of August what was due is what July's working days come to, and nothing is due that day.
	equal(t, "July's share", goals.ProgressAt(quarter, day("2026-08-01"), target, int64(july)).Standing, goals.OnTrack)
	equal(t, "one less", goals.ProgressAt(quarter, day("2026-08-01"), target, int64(july)-1).Standing, goals.Behind)
	equal(t, "one more", goals.ProgressAt(quarter, day("2026-08-01"), target, int64(july)+1).Standing, goals.Ahead)
}
