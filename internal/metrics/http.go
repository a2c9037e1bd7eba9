package metrics

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// What stands for routes and methods that are not ours: a client may invent any number of them.
const (
	noRoute     = "none"
	otherMethod = "other"
)

// HTTP observes requests.
type HTTP struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	inFlight prometheus.Gauge
}

func newHTTP(in promauto.Factory) *HTTP {
	return &HTTP{
		requests: in.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "http_requests_total",
			Help: "Requests that were answered, by the pattern of their route, method and status.",
		}, []string{"route", "method", "status"}),
		duration: in.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "http_request_duration_seconds",
			Help:    "How long a request took from its header to the end of its answer. Streams and WebSockets are not among them.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 15},
		}, []string{"route"}),
		inFlight: in.NewGauge(prometheus.GaugeOpts{
			Namespace: namespace, Name: "http_requests_in_flight",
			Help: "Requests that are being answered, open event streams among them; WebSockets are not.",
		}),
	}
}

// Answer is what a request came to.
type Answer struct {
	Route  string // the pattern of its route; empty where there was none
	Method string
	Status int
	Took   time.Duration
	Stream bool // it lasted as long as its client liked
}

// Begun counts a request as in flight until it is Answered.
func (h *HTTP) Begun() {
	if h != nil {
		h.inFlight.Inc()
	}
}

// Answered counts a request that has Begun.
func (h *HTTP) Answered(a Answer) {
	if h == nil {
		return
	}
	h.inFlight.Dec()
	if a.Route == "" {
		a.Route = noRoute
	}
	h.requests.WithLabelValues(a.Route, knownMethod(a.Method), strconv.Itoa(a.Status)).Inc()
	if !a.Stream {
		h.duration.WithLabelValues(a.Route).Observe(a.Took.Seconds())
	}
}

func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return otherMethod
}
