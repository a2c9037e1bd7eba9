package notify

import (
	"fmt"
	"strings"
	"time"

	"channelbook/internal/calendar"
)

// Roubles writes kopecks as 12 345,60 ₽, with spaces that do not break.
func Roubles(kopecks int64) string {
	whole := fmt.Sprint(kopecks / 100)
	var out strings.Builder
	for i, digit := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			out.WriteString("\u00a0")
		}
		out.WriteRune(digit)
	}
	return fmt.Sprintf("%s,%02d\u00a0₽", out.String(), kopecks%100)
}

// day writes a day as people read it.
func day(d calendar.Date) string { return d.Start(time.UTC).Format("02.01.2006") }
