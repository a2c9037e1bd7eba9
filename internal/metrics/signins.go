package metrics

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// SignIns observes attempts to sign in.
type SignIns struct{ results *prometheus.CounterVec }

func newSignIns(in promauto.Factory) *SignIns {
	s := &SignIns{in.NewCounterVec(prometheus.CounterOpts{
		Namespace: namespace, Name: "sign_ins_total",
		Help: "Attempts to sign in: ok, failed, and refused unseen after too many that failed.",
	}, []string{"result"})}
	for _, result := range []string{"ok", "failed", "refused"} {
		s.results.WithLabelValues(result)
	}
	return s
}

// Ok counts a session that has begun.
func (s *SignIns) Ok() { s.count("ok") }

// Failed counts a wrong login or password.
func (s *SignIns) Failed() { s.count("failed") }

// Refused counts an attempt that nobody looked at.
func (s *SignIns) Refused() { s.count("refused") }

func (s *SignIns) count(result string) {
	if s != nil {
		s.results.WithLabelValues(result).Inc()
	}
}
