package calendar

import (
	"fmt"
	"strings"
	"time"
)

// Kind is how long a reporting period is.
type Kind string

// The kinds of reporting periods.
const (
	Month   Kind = "MONTH"
	Quarter Kind = "QUARTER"
	Year    Kind = "YEAR"
)

// Kinds are all of them, the shortest first.
var Kinds = []Kind{Month, Quarter, Year}

// months is how many a period of the kind has; 0 for no kind.
func (k Kind) months() int {
	switch k {
	case Month:
		return 1
	case Quarter:
		return 3
	case Year:
		return 12
	}
	return 0
}

// Period is a reporting period by the calendar: a month, a quarter from January, April, July or October on, or a year.
type Period struct {
	Kind     Kind
	StartsOn Date
}

// PeriodOf is the period of a kind that a day belongs to.
func PeriodOf(k Kind, d Date) Period {
	month := int(d.t.Month()) - 1
	if n := k.months(); n > 0 {
		month -= month % n
	}
	return Period{k, Date{time.Date(d.t.Year(), time.Month(month+1), 1, 0, 0, 0, 0, time.UTC)}}
}

// ParsePeriod is the period of a kind that starts on a day; an error where none of the kind starts then.
func ParsePeriod(k Kind, startsOn Date) (Period, error) {
	if k.months() == 0 {
		return Period{}, fmt.Errorf("%q is none of MONTH, QUARTER, YEAR", k)
	}
	if p := PeriodOf(k, startsOn); p.StartsOn != startsOn {
		return Period{}, fmt.Errorf("no %s starts on %s: the nearest starts on %s", strings.ToLower(string(k)), startsOn, p.StartsOn)
	}
	return Period{k, startsOn}, nil
}

// Covering are the periods, one of each kind, that a day belongs to.
func Covering(d Date) []Period {
	all := make([]Period, len(Kinds))
	for i, k := range Kinds {
		all[i] = PeriodOf(k, d)
	}
	return all
}

// End is the first day after the period.
func (p Period) End() Date { return p.add(1) }

// EndsOn is the last day of the period.
func (p Period) EndsOn() Date { return p.End().AddDays(-1) }

// Next is the period after this one, Previous the one before.
func (p Period) Next() Period { return Period{p.Kind, p.add(1)} }

// Previous is the period before this one.
func (p Period) Previous() Period { return Period{p.Kind, p.add(-1)} }

func (p Period) add(n int) Date { return Date{p.StartsOn.t.AddDate(0, n*p.Kind.months(), 0)} }

// Contains tells whether a day belongs to the period.
func (p Period) Contains(d Date) bool { return !p.StartsOn.After(d) && p.End().After(d) }

// String is such as "month from 2026-11-01".
func (p Period) String() string {
	return strings.ToLower(string(p.Kind)) + " from " + p.StartsOn.String()
}
