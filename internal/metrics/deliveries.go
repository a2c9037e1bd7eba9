package metrics

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// deliveryOutcomes and deliveryChannels are those of package notify/deliveries. Each pair is shown from the start.
var (
	deliveryOutcomes = []string{"sent", "again", "failed", "dead", "unknown", "suppressed", "skipped", "cancelled", "delivered", "read"}
	deliveryChannels = []string{"EMAIL", "WHATSAPP"}
)

// Deliveries observes messages that leave the house.
type Deliveries struct {
	came  *prometheus.CounterVec
	stand standing
}

// Standing is how the messages of a channel stand.
type Standing struct {
	Channel       string
	Dead, Unknown int  // that wait for a person
	Stopped       bool // the provider takes none
}

func newDeliveries(in promauto.Factory) *Deliveries {
	d := &Deliveries{came: in.NewCounterVec(prometheus.CounterOpts{
		Namespace: namespace, Name: "deliveries_total",
		Help: "Messages that leave the house, by channel and by what an attempt, a report or a person made of them.",
	}, []string{"channel", "outcome"})}
	for _, channel := range deliveryChannels {
		for _, outcome := range deliveryOutcomes {
			d.came.WithLabelValues(channel, outcome)
		}
	}
	return d
}

// Came counts what a message came to, after the commit.
func (d *Deliveries) Came(channel, outcome string) {
	if d != nil {
		d.came.WithLabelValues(channel, outcome).Inc()
	}
}

// Watch says where a scrape reads how things stand. It is asked once in fifteen seconds at most.
func (d *Deliveries) Watch(read func(context.Context) ([]Standing, error)) {
	if d == nil {
		return
	}
	d.stand.mu.Lock()
	defer d.stand.mu.Unlock()
	d.stand.read = read
}

// standing reads the base at a scrape.
type standing struct {
	mu   sync.Mutex
	read func(context.Context) ([]Standing, error)
	at   time.Time
	last []Standing
}

// What a scrape may cost.
const (
	standingEvery  = 15 * time.Second
	standingWithin = 2 * time.Second
)

var (
	unresolvedDesc = prometheus.NewDesc(namespace+"_deliveries_unresolved",
		"Messages that wait for a person: DEAD ones have nothing left to try, of UNKNOWN ones nobody knows whether they went.", []string{"channel", "status"}, nil)
	stoppedDesc = prometheus.NewDesc(namespace+"_channel_stopped", "1 while the channel's provider takes no messages, else 0.", []string{"channel"}, nil)
)

// Describe for Prometheus.
func (s *standing) Describe(out chan<- *prometheus.Desc) {
	out <- unresolvedDesc
	out <- stoppedDesc
}

// Collect for Prometheus. Where the base does not answer, nothing is shown.
func (s *standing) Collect(out chan<- prometheus.Metric) {
	for _, of := range s.now() {
		stopped := 0.0
		if of.Stopped {
			stopped = 1
		}
		out <- prometheus.MustNewConstMetric(unresolvedDesc, prometheus.GaugeValue, float64(of.Dead), of.Channel, "DEAD")
		out <- prometheus.MustNewConstMetric(unresolvedDesc, prometheus.GaugeValue, float64(of.Unknown), of.Channel, "UNKNOWN")
		out <- prometheus.MustNewConstMetric(stoppedDesc, prometheus.GaugeValue, stopped, of.Channel)
	}
}

func (s *standing) now() []Standing {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.read == nil {
		return nil
	}
	if time.Since(s.at) < standingEvery {
		return s.last
	}
	ctx, cancel := context.WithTimeout(context.Background(), standingWithin)
	defer cancel()
	found, err := s.read(ctx)
	if err != nil {
		return nil
	}
	s.at, s.last = time.Now(), found
	return found
}
