package metrics

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// Webhooks observes what is sent to integrators' systems.
type Webhooks struct{ attempts *prometheus.CounterVec }

func newWebhooks(in promauto.Factory) *Webhooks {
	w := &Webhooks{in.NewCounterVec(prometheus.CounterOpts{
		Namespace: namespace, Name: "webhook_attempts_total",
		Help: "Attempts to send an event to a webhook: delivered, again where it is tried again, and failed where it is given up.",
	}, []string{"outcome"})}
	for _, outcome := range []string{"delivered", "again", "failed"} {
		w.attempts.WithLabelValues(outcome)
	}
	return w
}

// Attempted counts an attempt by its outcome, one of those above.
func (w *Webhooks) Attempted(outcome string) {
	if w != nil {
		w.attempts.WithLabelValues(outcome).Inc()
	}
}
