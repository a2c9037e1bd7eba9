package figures

import (
	"time"

	"channelbook/internal/calendar"
)

// Group is what figures are told apart by.
type Group string

// The groups.
const (
	ByDay         Group = "DAY"
	ByWeek        Group = "WEEK"
	ByMonth       Group = "MONTH"
	ByDistributor Group = "DISTRIBUTOR"
	ByStatus      Group = "STATUS"
	BySource      Group = "SOURCE"
	ByUTMSource   Group = "UTM_SOURCE"
	ByCampaign    Group = "CAMPAIGN"
	ByRegion      Group = "REGION"
	ByFunnel      Group = "FUNNEL"
)

// Groups are all of them.
var Groups = []Group{ByDay, ByWeek, ByMonth, ByDistributor, ByStatus, BySource, ByUTMSource, ByCampaign, ByRegion, ByFunnel}

func (g Group) isTime() bool { return g == ByDay || g == ByWeek || g == ByMonth }

// start is the first day of the group that a day belongs to; weeks begin on Mondays.
func (g Group) start(d calendar.Date) calendar.Date {
	switch g {
	case ByWeek:
		return d.AddDays(-(int(d.Start(time.UTC).Weekday()) + 6) % 7)
	case ByMonth:
		return calendar.PeriodOf(calendar.Month, d).StartsOn
	}
	return d
}

// next is the first day of the group after that which begins on d.
func (g Group) next(d calendar.Date) calendar.Date {
	switch g {
	case ByWeek:
		return d.AddDays(7)
	case ByMonth:
		return calendar.PeriodOf(calendar.Month, d).End()
	}
	return d.AddDays(1)
}

// key of the group that begins on d.
func (g Group) key(d calendar.Date) string {
	if g == ByMonth {
		return d.String()[:len("2006-01")]
	}
	return d.String()
}

// rowsBetween is how many groups of time days lie in; it counts no further than there may be.
func rowsBetween(g Group, first, last calendar.Date) (n int) {
	for d := g.start(first); !d.After(last) && n <= maxRows; d = g.next(d) {
		n++
	}
	return n
}

// daysFrom is how many days later the second one is.
func daysFrom(first, second calendar.Date) int {
	return int(second.Start(time.UTC).Sub(first.Start(time.UTC)) / (24 * time.Hour))
}

// byTime puts the figures of days, moved some days on, into all groups of time of a stretch.
func byTime(g Group, t stretch, cells []cell, later int) []Row {
	first, last := t.first(), t.last()
	var rows []Row
	at := map[calendar.Date]int{}
	for d := g.start(first); !d.After(last); d = g.next(d) {
		at[d] = len(rows)
		rows = append(rows, Row{Key: g.key(d)})
	}
	for _, c := range cells {
		day := c.day.AddDays(later)
		if day.After(last) { // an earlier stretch of hours may touch a day more
			day = last
		}
		row := &rows[at[g.start(day)]]
		row.Figures = row.Add(c.Figures)
	}
	return rows
}
