package goals

import (
	"channelbook/ent/goal"
	"channelbook/ent/predicate"
	"channelbook/internal/calendar"
)

// of are the goals of a period.
func of(p calendar.Period) predicate.Goal {
	return goal.And(goal.PeriodKindEQ(goal.PeriodKind(p.Kind)), goal.StartsOn(&p.StartsOn))
}

// Overlapping are the goals whose periods have a day in [from, to).
func Overlapping(from, to calendar.Date) predicate.Goal {
	var any []predicate.Goal
	for _, p := range calendar.Covering(from) {
		any = append(any, goal.And(goal.PeriodKindEQ(goal.PeriodKind(p.Kind)), goal.StartsOnGTE(&p.StartsOn)))
	}
	return goal.And(goal.StartsOnLT(&to), goal.Or(any...))
}

// Periods are those of a kind that have a day in [from, to).
func Periods(k calendar.Kind, from, to calendar.Date) (all []calendar.Period) {
	if !to.After(from) {
		return nil
	}
	for p := calendar.PeriodOf(k, from); to.After(p.StartsOn); p = p.Next() {
		all = append(all, p)
	}
	return all
}
