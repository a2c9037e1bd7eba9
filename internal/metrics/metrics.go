// Package metrics counts what the server does, for Prometheus to collect. New makes the instruments, and each is given
// to who observes with it. A nil instrument observes nothing: tests, and commands that do not serve, pass none.
//
// Labels hold what the program itself names, such as routes, statuses and outcomes; never what a client chose, and
// nothing personal.
package metrics

import (
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const namespace = "channelbook"

// scrapesAtOnce is how many scrapes are answered at once; one more gets 503.
const scrapesAtOnce = 4

// Metrics are the instruments; those of the zero Metrics are nil.
type Metrics struct {
	HTTP       *HTTP
	DB         *DB
	Intake     *Intake
	SignIns    *SignIns
	Jobs       *Jobs
	Live       *Live
	Deliveries *Deliveries
	Webhooks   *Webhooks

	registry *prometheus.Registry
}

// New makes instruments that stand at zero, in a registry of their own, beside which a scrape shows the process, the
// Go runtime and the build.
func New() *Metrics {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		collectors.NewBuildInfoCollector(),
	)
	in := promauto.With(registry)
	m := &Metrics{HTTP: newHTTP(in), DB: newDB(in), Intake: newIntake(in), SignIns: newSignIns(in), Jobs: newJobs(in), Live: newLive(in), Deliveries: newDeliveries(in), Webhooks: newWebhooks(in), registry: registry}
	registry.MustRegister(&m.DB.connections, &m.Deliveries.stand)
	return m
}

// Handler answers a scrape, in Prometheus' text format unless the scraper asks for another one. It is for metrics that
// New made.
func (m *Metrics) Handler(log *slog.Logger) http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn), MaxRequestsInFlight: scrapesAtOnce,
	})
}
