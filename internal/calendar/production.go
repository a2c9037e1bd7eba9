package calendar

import (
	"fmt"
	"slices"
	"time"
)

// production is what makes the production calendar of a year: the decree by which the Government moved its days off, and
// what it moved. The holidays themselves and the weekends are the same in each year (article 112 of the Labour Code).
//
// A later year is added here once its decree is out, with the decree named, and nothing else changes: until then it counts
// Monday to Friday and is marked provisional.
type production struct {
	year   int
	decree string
	moved  []move
}

// move is a day off that the decree has moved.
type move struct{ from, to day }

// day is one of the year.
type day struct {
	month time.Month
	of    int
}

var productions = []production{
	{2025, "Decree of the Government of the Russian Federation of 04.10.2024 No. 1335", []move{
		{day{time.January, 4}, day{time.May, 2}},
		{day{time.January, 5}, day{time.December, 31}},
		{day{time.February, 23}, day{time.May, 8}},
		{day{time.March, 8}, day{time.June, 13}},
		{day{time.November, 1}, day{time.November, 3}}, // a Saturday that is worked
	}},
	{2026, "Decree of the Government of the Russian Federation of 24.09.2025 No. 1466", []move{
		{day{time.January, 3}, day{time.January, 9}},
		{day{time.January, 4}, day{time.December, 31}},
	}},
}

// holidays of article 112 but for those of January, which the decrees move.
var holidays = []day{
	{time.February, 23}, {time.March, 8}, {time.May, 1}, {time.May, 9}, {time.June, 12}, {time.November, 4},
}

// lastOfJanuary is the last of the holidays that begin the year.
const lastOfJanuary = 8

func isHoliday(d Date) bool {
	_, month, of := d.t.Date()
	return month == time.January && of <= lastOfJanuary || slices.Contains(holidays, day{month, of})
}

func (p production) date(d day) Date {
	return Date{time.Date(p.year, d.month, d.of, 0, 0, 0, 0, time.UTC)}
}

// off are the days off of the year. A day from which a day off was moved is worked, unless it is a holiday. A holiday on a
// weekend that the decree leaves alone moves to the next working day by itself.
func (p production) off() map[Date]bool {
	off := map[Date]bool{}
	for d := p.date(day{time.January, 1}); d.t.Year() == p.year; d = d.AddDays(1) {
		off[d] = isHoliday(d) || isWeekend(d)
	}
	decreed := map[Date]bool{}
	for _, m := range p.moved {
		from, to := p.date(m.from), p.date(m.to)
		if !off[from] || off[to] {
			panic(fmt.Sprintf("calendar: %s moves no day off from %s to %s", p.decree, from, to)) // a slip in the table
		}
		decreed[from], off[from], off[to] = true, isHoliday(from), true
	}
	for _, h := range holidays {
		if d := p.date(h); isWeekend(d) && !decreed[d] {
			for off[d] {
				d = d.AddDays(1)
			}
			off[d] = true
		}
	}
	return off
}

func isWeekend(d Date) bool {
	weekday := d.t.Weekday()
	return weekday == time.Saturday || weekday == time.Sunday
}
