package goals

import (
	"math/big"

	"channelbook/internal/calendar"
)

// Part is one of several goals that are looked at together: of one metric, each of its own distributor or period. What was
// achieved without a goal is a part too.
type Part struct {
	Period         calendar.Period
	Closed         bool // see Goal.ClosedAt
	Target, Actual int64
}

// Together is how far several goals have come together by a day: as one goal, of which that is to be there by now which is to be
// there of its parts. Neither is there a forecast, nor are working days counted.
func Together(parts []Part, today calendar.Date) Progress {
	var target int64
	var out Progress
	over, due := true, bounds{new(big.Int), new(big.Int)}
	for _, part := range parts {
		p := paceOf(part.Period, today)
		p.over = p.over || part.Closed
		d := p.due(part.Target)
		due.least.Add(due.least, d.least)
		due.most.Add(due.most, d.most)
		target, out.Actual, over = target+part.Target, out.Actual+part.Actual, over && p.over
		out.Provisional = out.Provisional || p.provisional
	}
	out.Percent, out.Standing = percent(target, out.Actual), standingOf(target, out.Actual, over, due)
	return out
}
