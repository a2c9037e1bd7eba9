package calendar

import "time"

// WorkingDays counts the working days of [from, to). provisional tells that the production calendar of some of these days is
// not known: Monday to Friday are counted there.
func WorkingDays(from, to Date) (n int, provisional bool) {
	for d := from; to.After(d); d = d.AddDays(1) {
		if w := d.t.Weekday(); w != time.Saturday && w != time.Sunday {
			n++
		}
	}
	return n, true
}
