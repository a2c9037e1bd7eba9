package notify

import (
	"channelbook/internal/calendar"
	"channelbook/internal/words"
)

// day writes a day as people read it.
func day(d calendar.Date) string { return words.ShortDay(d) }
