package goals

import "channelbook/internal/calendar"

// ProgressAt is the progress of a goal on a day, for tests of its arithmetic.
func ProgressAt(p calendar.Period, today calendar.Date, target, actual int64) Progress {
	return paceOf(p, today).progress(target, actual)
}
