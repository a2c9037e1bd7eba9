package preferences

import "time"

// QuietUntil is the end of the quiet hours that a moment falls into, in UTC; false where it falls into none. The end is after at and
// is no quiet moment itself.
//
// The quiet hours of a night are one stretch: from the first moment at which the clock of the person's zone shows QuietFrom, to the
// last at which it shows QuietTo. Where the clock is set forward over one of them, that is the moment at which it is set; where it is
// set back over one, so that it comes twice, the stretch is the longer one.
func (s Settings) QuietUntil(at time.Time) (time.Time, bool) {
	if s.QuietFrom == nil || s.QuietTo == nil {
		return time.Time{}, false
	}
	end, quiet := s.quietEnd(at)
	if !quiet {
		return time.Time{}, false
	}
	for range 2 { // a clock that is set forward over the time between two stretches makes one of them
		further, still := s.quietEnd(end)
		if !still {
			break
		}
		end = further
	}
	return end.UTC(), true
}

// quietEnd is the end of the stretch that a moment falls into.
func (s Settings) quietEnd(at time.Time) (time.Time, bool) {
	year, month, today := at.In(s.TimeZone).Date()
	for day := today - 1; day <= today+1; day++ { // a clock that is set back at midnight shows a day that has ended
		last := day
		if *s.QuietTo <= *s.QuietFrom {
			last++
		}
		from, _ := shown(time.Date(year, month, day, 0, *s.QuietFrom, 0, 0, time.UTC), s.TimeZone)
		_, to := shown(time.Date(year, month, last, 0, *s.QuietTo, 0, 0, time.UTC), s.TimeZone)
		if !at.Before(from) && at.Before(to) {
			return to, true
		}
	}
	return time.Time{}, false
}

// shown are the first and the last moment at which the clock of a zone shows what wall does. Where it never does, as it is set
// forward over that, both are the moment at which it is set.
func shown(wall time.Time, zone *time.Location) (first, last time.Time) {
	y, m, d := wall.Date()
	at := time.Date(y, m, d, wall.Hour(), wall.Minute(), 0, 0, zone)
	begin, end := at.ZoneBounds()
	switch shift := reading(at).Sub(wall); {
	case shift > 0: // at is behind the change
		return begin, begin
	case shift < 0:
		return end, end
	}
	first, last = at, at
	if !begin.IsZero() {
		if earlier := wall.Add(-offset(begin.Add(-time.Nanosecond))); earlier.Before(begin) {
			first = earlier
		}
	}
	if !end.IsZero() {
		if later := wall.Add(-offset(end)); !later.Before(end) {
			last = later
		}
	}
	return first, last
}

// reading is what the clock of a moment's zone shows, written as UTC.
func reading(at time.Time) time.Time { return at.UTC().Add(offset(at)) }

// offset is how far the clock of a moment's zone is before UTC then.
func offset(at time.Time) time.Duration {
	_, seconds := at.Zone()
	return time.Duration(seconds) * time.Second
}
