package goals

import (
	"math"
	"math/big"

	"channelbook/ent"
	"channelbook/internal/calendar"
)

// Standing is how far a distributor has come on the way to a goal, against the time that has gone.
type Standing string

// The standings. While a period goes on a goal is AHEAD, ON_TRACK or BEHIND until it is reached; afterwards it is REACHED or
// MISSED.
const (
	Ahead   Standing = "AHEAD"
	OnTrack Standing = "ON_TRACK"
	Behind  Standing = "BEHIND"
	Reached Standing = "REACHED"
	Missed  Standing = "MISSED"
)

// Progress is how far a distributor has come on the way to a goal.
type Progress struct {
	Actual            int64    // in kopecks or pieces, as the target
	Percent           *float64 // of the target, rounded down to two decimals, so that 100 says that it is reached; nil where the target is 0
	Forecast          *int64   // what it comes to at this pace by the period's end; nil before the first working day
	Standing          Standing
	WorkingDays       int  // of the period
	WorkingDaysPassed int  // of these, those that are over: not today
	Provisional       bool // the production calendar of some of these days is not known yet
}

// pace is how much of a period has gone.
type pace struct {
	begun, over bool
	days        int64 // working days in all
	passed      int64 // up to yesterday
	withToday   int64 // up to today
	provisional bool
}

func paceOf(p calendar.Period, today calendar.Date) pace {
	days, provisional := calendar.WorkingDays(p.StartsOn, p.End())
	out := pace{begun: !p.StartsOn.After(today), over: !p.End().After(today), days: int64(days), provisional: provisional}
	switch {
	case out.over:
		out.passed, out.withToday = out.days, out.days
	case out.begun:
		passed, _ := calendar.WorkingDays(p.StartsOn, today)
		now, _ := calendar.WorkingDays(today, today.AddDays(1))
		out.passed, out.withToday = int64(passed), int64(passed+now)
	}
	return out
}

// progress of a goal whose fact stands at actual.
func (p pace) progress(target, actual int64) Progress {
	return Progress{
		Actual: actual, Percent: percent(target, actual), Forecast: p.forecast(actual), Standing: p.standing(target, actual),
		WorkingDays: int(p.days), WorkingDaysPassed: int(p.passed), Provisional: p.provisional,
	}
}

// of is the progress of a goal, by what was achieved in its period.
func (p pace) of(g *ent.Goal, achieved Fact) Progress {
	if g.ClosedAt != nil {
		return p.frozen(g)
	}
	return p.progress(g.Target, achieved.Of(g.Metric))
}

// frozen is the progress of a goal whose period is closed.
func (p pace) frozen(g *ent.Goal) Progress {
	var actual int64
	if g.ClosedActual != nil {
		actual = *g.ClosedActual
	}
	p.over, p.begun = true, true
	out := p.progress(g.Target, actual)
	out.Forecast = &actual
	return out
}

// standing by working days: behind is who has less than what was to be there by the end of yesterday, ahead who has more
// than what is to be there by the end of today. Both bounds are rounded in favour of being on track.
func (p pace) standing(target, actual int64) Standing {
	return standingOf(target, actual, p.over, p.due(target))
}

// bounds are between what a goal that is on track stands.
type bounds struct{ least, most *big.Int }

// due is what is to be there of a target by now. Of a period that has not begun, or has no working days, nothing is missing
// and nothing too much.
func (p pace) due(target int64) bounds {
	switch {
	case p.over:
		return bounds{big.NewInt(target), big.NewInt(target)}
	case !p.begun || p.days == 0:
		return bounds{new(big.Int), big.NewInt(target)}
	}
	days := big.NewInt(p.days)
	return bounds{floor(product(target, p.passed), days), ceil(product(target, p.withToday), days)}
}

func standingOf(target, actual int64, over bool, due bounds) Standing {
	switch at := big.NewInt(actual); {
	case actual >= target:
		return Reached
	case over:
		return Missed
	case at.Cmp(due.least) < 0:
		return Behind
	case at.Cmp(due.most) > 0:
		return Ahead
	}
	return OnTrack
}

func (p pace) forecast(actual int64) *int64 {
	if p.withToday == 0 {
		return nil
	}
	// Half a unit more and rounded down is rounded.
	doubled := new(big.Int).Lsh(product(actual, p.days), 1)
	n := floor(doubled.Add(doubled, big.NewInt(p.withToday)), big.NewInt(2*p.withToday))
	out := saturated(n)
	return &out
}

// hundredths is how many of them make a hundred percent.
const hundredths = 100 * 100

func percent(target, actual int64) *float64 {
	if target == 0 {
		return nil
	}
	n, _ := new(big.Float).SetInt(floor(product(actual, hundredths), big.NewInt(target))).Float64()
	n /= 100
	return &n
}

func product(a, b int64) *big.Int { return new(big.Int).Mul(big.NewInt(a), big.NewInt(b)) }

// floor and ceil divide by what is above 0.
func floor(a, b *big.Int) *big.Int { return new(big.Int).Div(a, b) }
func ceil(a, b *big.Int) *big.Int {
	n := floor(new(big.Int).Neg(a), b)
	return n.Neg(n)
}

// saturated is n, or the nearest number that can be told.
func saturated(n *big.Int) int64 {
	switch {
	case n.IsInt64():
		return n.Int64()
	case n.Sign() < 0:
		return math.MinInt64
	}
	return math.MaxInt64
}
