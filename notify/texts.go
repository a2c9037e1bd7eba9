package notify

import (
	"time"

	"channelbook/internal/calendar"
)

// day writes a day as people read it.
func day(d calendar.Date) string { return d.Start(time.UTC).Format("02.01.2006") }
