package webhooks

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// TargetRefused is the code of an attempt at an address that nobody outside should reach by us.
const TargetRefused = "TARGET_REFUSED"

// tryFor is how long an event is tried, from the beginning of its round.
const tryFor = 24 * time.Hour

// pauses are between one attempt and the next; the last one goes on.
var pauses = []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour}

// passes tells whether another attempt may come to something else.
func (a Answer) passes() bool {
	switch {
	case a.Code == TargetRefused:
		return false
	case a.Status == 0, a.Status >= 500:
		return true
	}
	return a.Status == http.StatusRequestTimeout || a.Status == http.StatusTooManyRequests
}

// pause is how long to wait after so many attempts: a tenth more or less, so that what failed together does not come together
// again, and no less than the receiver asks for.
func pause(attempts int, asked time.Duration) time.Duration {
	usual := pauses[min(max(attempts, 1), len(pauses))-1]
	usual += time.Duration((rand.Float64() - 0.5) / 5 * float64(usual)) // #nosec G404 -- how long one waits is no secret
	return max(usual, min(asked, pauses[len(pauses)-1]))
}

// retryAfter reads the header, in seconds or as a date; 0 where it says nothing.
func retryAfter(text string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second // #nosec G115 -- of 31 bits
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
