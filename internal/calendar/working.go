package calendar

// WorkingDays counts the working days of [from, to) by the production calendar; none where the range is empty or reversed.
// provisional tells that the calendar of some of these days is not known: Monday to Friday are counted there. It takes as
// long for a week as for a century.
func WorkingDays(from, to Date) (n int, provisional bool) {
	if !to.After(from) {
		return 0, false
	}
	first, end := from.number(), to.number()
	n, unknown := weekdays(first, end), end-first
	for i := range known {
		y := &known[i]
		if a, b := max(first, y.first), min(end, y.end()); a < b {
			n += y.before[b-y.first] - y.before[a-y.first] - weekdays(a, b)
			unknown -= b - a
		}
	}
	return n, unknown > 0
}

// IsWorking tells whether a day is worked; provisional, that this goes by Monday to Friday alone.
func IsWorking(d Date) (working, provisional bool) {
	n, provisional := WorkingDays(d, d.AddDays(1))
	return n > 0, provisional
}

// AddWorkingDays is the n-th working day after d, or before it where n is negative; d itself, worked or not, where n is 0.
// provisional tells that the calendar of some of the days in between, or of the answer, is not known.
func AddWorkingDays(d Date, n int) (to Date, provisional bool) {
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	for n > 0 {
		d = d.AddDays(step)
		working, guessed := IsWorking(d)
		provisional = provisional || guessed
		if working {
			n--
		}
	}
	return d, provisional
}

// Decree names what the production calendar of a year stands on; empty for a year whose calendar is not known.
func Decree(year int) string {
	for _, p := range productions {
		if p.year == year {
			return p.decree
		}
	}
	return ""
}

// counted is a year whose production calendar is known.
type counted struct {
	first  int   // the number of its first day
	before []int // how many working days the year has before each of its days, and before its end
}

func (y *counted) end() int { return y.first + len(y.before) - 1 }

var known = count(productions)

func count(productions []production) []counted {
	years := make([]counted, len(productions))
	for i, p := range productions {
		off, n := p.off(), 0
		first := p.date(day{1, 1})
		y := counted{first: first.number(), before: []int{0}}
		for d := first; d.t.Year() == p.year; d = d.AddDays(1) {
			if !off[d] {
				n++
			}
			y.before = append(y.before, n)
		}
		years[i] = y
	}
	return years
}

const (
	daySeconds = 24 * 60 * 60
	week       = 7
	worked     = 5 // days of a week, from Monday on
	// monday is the number of days from a Monday, 1 January of the year 1, to 1 January 1970.
	monday = 719162
)

// number counts days from a Monday before all of them.
func (d Date) number() int { return int(d.t.Unix()/daySeconds) + monday }

// weekdays counts Monday to Friday between two days by number.
func weekdays(from, to int) int {
	before := func(n int) int { return n/week*worked + min(n%week, worked) }
	return before(to) - before(from)
}
