package metrics

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// outcomes are those of the intake log; a test of leads compares them. Each is shown from the start, since a rate
// misses the first step of a series that begins at one.
var outcomes = []string{
	"ACCEPTED", "DUPLICATE", "BLACKLISTED", "INVALID", "OVER_CAP", "QUARANTINED", "REPLAYED", "KEY_REUSED",
	"UNAUTHENTICATED", "MALFORMED", "TOO_LARGE", "UNSUPPORTED_TYPE", "RATE_LIMITED",
}

// Intake observes the intake log.
type Intake struct{ attempts *prometheus.CounterVec }

func newIntake(in promauto.Factory) *Intake {
	i := &Intake{in.NewCounterVec(prometheus.CounterOpts{
		Namespace: namespace, Name: "intake_attempts_total",
		Help: "Lines of the intake log by outcome: one for each lead of a batch, one for what was refused before it was read as leads.",
	}, []string{"outcome"})}
	for _, outcome := range outcomes {
		i.attempts.WithLabelValues(outcome)
	}
	return i
}

// Logged counts a line of the intake log that has been committed.
func (i *Intake) Logged(outcome string) {
	if i != nil {
		i.attempts.WithLabelValues(outcome).Inc()
	}
}
