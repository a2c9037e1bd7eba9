package metrics

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// Live observes what stays connected.
type Live struct {
	connections, subscriptions prometheus.Gauge
}

func newLive(in promauto.Factory) *Live {
	return &Live{
		connections: in.NewGauge(prometheus.GaugeOpts{
			Namespace: namespace, Name: "live_connections", Help: "WebSockets and event streams that are open.",
		}),
		subscriptions: in.NewGauge(prometheus.GaugeOpts{
			Namespace: namespace, Name: "live_subscriptions", Help: "Subscriptions that run over them.",
		}),
	}
}

// Connected counts a connection until it is closed.
func (l *Live) Connected() (closed func()) {
	if l == nil {
		return func() {}
	}
	l.connections.Inc()
	return l.connections.Dec
}

// Subscribed counts a subscription until it has ended.
func (l *Live) Subscribed() (ended func()) {
	if l == nil {
		return func() {}
	}
	l.subscriptions.Inc()
	return l.subscriptions.Dec
}
