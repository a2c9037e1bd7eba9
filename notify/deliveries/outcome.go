package deliveries

import (
	"math/rand/v2"
	"time"

	"channelbook/ent"
	"channelbook/ent/delivery"
	"channelbook/notify/channel"
)

// How long a message is tried.
const (
	firstWait   = 5 * time.Second
	longestWait = time.Hour
	// mostAttempts are what a round has at most, and oldAttempts what it has once the message is a day old: by then another channel is
	// to bring it. What waits for a channel that has stopped makes no attempts.
	mostAttempts = 20
	oldAttempts  = 5
	old          = 24 * time.Hour
)

// outcome is what an attempt came to: where the delivery stands then, what is to follow, and when it is tried again.
type outcome struct {
	status   delivery.Status
	wait     time.Duration // before the delivery's next attempt
	next     bool          // the recipient's next channel takes over
	suppress bool          // the address gets nothing more
	slow     bool          // the recipient is to have more time
	hold     bool          // the template is
}

// outcomeOf judges an attempt by the class of its failure; nil is none.
func (s *Service) outcomeOf(row *ent.Delivery, number int, f *channel.Failure) outcome {
	if f == nil {
		return outcome{status: delivery.StatusSENT}
	}
	switch f.Class {
	case channel.Passing:
		return s.again(row, number, outcome{status: delivery.StatusQUEUED, wait: max(f.After, backOff(number))})
	case channel.Crowded:
		return s.again(row, number, outcome{status: delivery.StatusQUEUED, slow: true})
	case channel.Held, channel.Refused: // the channel has to wait, not the message
		return outcome{status: delivery.StatusQUEUED}
	case channel.TemplateHeld:
		return outcome{status: delivery.StatusQUEUED, hold: true}
	case channel.NotToday, channel.Unreachable:
		return outcome{status: delivery.StatusFAILED, next: true}
	case channel.Unwanted:
		return outcome{status: delivery.StatusFAILED, next: true, suppress: true}
	case channel.Unfit:
		return outcome{status: delivery.StatusDEAD, next: true}
	case channel.Unclear:
	}
	if row.Unclear == 0 {
		return outcome{status: delivery.StatusQUEUED, wait: max(f.After, s.unclearWait())}
	}
	return outcome{status: delivery.StatusUNKNOWN}
}

// again is an outcome that has the message tried again, or its end after too many attempts.
func (s *Service) again(row *ent.Delivery, number int, o outcome) outcome {
	aged := row.Round == 0 && s.Now().Sub(row.CreatedAt) > old && number >= oldAttempts
	if number >= mostAttempts || aged {
		return outcome{status: delivery.StatusDEAD, next: true, slow: o.slow}
	}
	return o
}

// unclearWait is how long a report is waited for that says what became of an attempt, before the one repeat: as long as three jobs may
// take.
func (s *Service) unclearWait() time.Duration { return 3 * s.timeout() }

// backOff is a random time up to a bound that doubles with each attempt, so that those that failed together do not come together.
func backOff(number int) time.Duration {
	return time.Second + rand.N(doubled(firstWait, number-1, longestWait)) // #nosec G404 -- how long one waits is no secret
}

// doubled is a duration doubled so many times, up to a bound.
func doubled(d time.Duration, times int, most time.Duration) time.Duration {
	for ; times > 0 && d < most; times-- {
		d *= 2
	}
	return min(d, most)
}

// jitter is a wait that is a little longer for some than for others.
func jitter(wait time.Duration) time.Duration {
	return max(wait, 0) + rand.N(max(wait, 0)/10+time.Second) // #nosec G404 -- how long one waits is no secret
}
