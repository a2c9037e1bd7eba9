package figures

import (
	"errors"
	"time"

	"channelbook/internal/calendar"
	"channelbook/internal/fault"
)

const (
	// usualDays is how many days figures are of where nobody says of which.
	usualDays = 30
	// maxFiltered is how many days the dates of a filter may be apart that no figures are kept by: the leads are walked.
	maxFiltered = 92
	// maxRows is how many rows figures have at most.
	maxRows = 1000
)

// Of what there is nothing to count.
var (
	firstInstant = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)
	lastInstant  = time.Date(3000, 1, 1, 0, 0, 0, 0, time.UTC)
)

// stretch is the time that figures are of, half-open. Leads are counted by their instants, sales by the days that it
// touches.
type stretch struct {
	from, to time.Time
	zone     *time.Location
}

// stretchOf: without receivedTo it ends with today, and without receivedFrom it is the last 30 days before its end.
func (s *Service) stretchOf(q Question) (stretch, error) {
	tomorrow := calendar.DateOf(s.Now(), s.TimeZone).AddDays(1)
	t := stretch{to: tomorrow.Start(s.TimeZone), zone: s.TimeZone}
	if q.To != nil {
		t.to = *q.To
	}
	t.from = t.to.In(s.TimeZone).AddDate(0, 0, -usualDays)
	if q.From != nil {
		t.from = *q.From
	}
	t.from, t.to = within(t.from), within(t.to)
	var wrong []error
	if q.Where != nil && t.to.After(t.from.In(s.TimeZone).AddDate(0, 0, maxFiltered)) {
		wrong = append(wrong, fault.Coded(fault.Invalid, "DATE_RANGE_TOO_LONG", "filter.receivedFrom",
			"With a filter on more than distributors and dates at most 92 days may be between receivedFrom and receivedTo."))
	}
	if q.Group.isTime() && !t.empty() && rowsBetween(q.Group, t.first(), t.last()) > maxRows {
		wrong = append(wrong, fault.Coded(fault.Invalid, "TOO_MANY_ROWS", "filter.receivedFrom",
			"There would be more than 1000 rows: take longer ones, or dates that are closer to each other."))
	}
	return t, errors.Join(wrong...)
}

func within(at time.Time) time.Time {
	if at.Before(firstInstant) {
		return firstInstant
	}
	if at.After(lastInstant) {
		return lastInstant
	}
	return at
}

func (t stretch) empty() bool { return !t.from.Before(t.to) }

// first and last are the days that it touches.
func (t stretch) first() calendar.Date { return calendar.DateOf(t.from, t.zone) }
func (t stretch) last() calendar.Date  { return calendar.DateOf(t.to.Add(-time.Microsecond), t.zone) }

// whole are the days that lie in it from beginning to end, half-open; none where the second is not after the first.
func (t stretch) whole() (from, to calendar.Date) {
	from, to = t.first(), calendar.DateOf(t.to, t.zone)
	if t.from.After(from.Start(t.zone)) {
		from = from.AddDays(1)
	}
	return from, to
}

// edges are what lies beside the whole days.
func (t stretch) edges() (edges [][2]time.Time) {
	from, to := t.whole()
	begin, end := from.Start(t.zone), to.Start(t.zone)
	if from.After(to) { // within one day
		return [][2]time.Time{{t.from, t.to}}
	}
	if t.from.Before(begin) {
		edges = append(edges, [2]time.Time{t.from, begin})
	}
	if end.Before(t.to) {
		edges = append(edges, [2]time.Time{end, t.to})
	}
	return edges
}

// before is the equally long stretch just before: of as many days, where it is one of whole days.
func (t stretch) before() stretch {
	from, to := t.whole()
	if len(t.edges()) > 0 {
		return stretch{t.from.Add(-t.to.Sub(t.from)), t.from, t.zone}
	}
	days := 0
	for d := from; to.After(d); d = d.AddDays(1) {
		days++
	}
	return stretch{from.AddDays(-days).Start(t.zone), t.from, t.zone}
}
