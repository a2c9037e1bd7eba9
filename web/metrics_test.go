package web_test

import (
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"channelbook/internal/metrics"
	"channelbook/internal/metrics/metricstest"
	"channelbook/web"
)

func TestRequestsAreCounted(t *testing.T) {
	m := metrics.New()
	e := edge(io.Discard)
	e.Metrics = m.HTTP
	h := handler(t, e, web.Routes{
		"GET /files/{id}": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if got := metricstest.Samples(metricstest.Scrape(t, m), "channelbook_http_requests_in_flight")[""]; got != "1" {
				t.Errorf("in flight: got %s, want 1", got)
			}
			w.WriteHeader(http.StatusTeapot)
		}),
		"GET /panic": http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("broken") }),
		"GET /stream": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_ = http.NewResponseController(w).Flush()
		}),
		"GET /socket": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusSwitchingProtocols)
		}),
	})
	strange := get("/files/79123456789?token=secret")
	strange.Method = "BREW79123456789"
	for _, r := range []*http.Request{
		get("/files/79123456789?token=secret"), get("/files/2"), get("/panic"), get("/stream"), get("/socket"), get("/79123456789"), strange,
	} {
		answer(h, r)
	}
	scrape := metricstest.Scrape(t, m)
	for name, want := range map[string]map[string]string{
		"channelbook_http_requests_total": {
			`method="GET",route="GET /files/{id}",status="418"`: "2",
			`method="GET",route="GET /panic",status="500"`:      "1",
			`method="GET",route="GET /stream",status="200"`:     "1",
			`method="GET",route="GET /socket",status="101"`:     "1",
			`method="GET",route="none",status="404"`:            "1",
			`method="other",route="none",status="405"`:          "1",
		},
		"channelbook_http_request_duration_seconds_count": {
			`route="GET /files/{id}"`: "2", `route="GET /panic"`: "1", `route="none"`: "2",
		},
		"channelbook_http_requests_in_flight": {"": "0"},
	} {
		if got := metricstest.Samples(scrape, name); !maps.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	for _, not := range []string{"79123456789", "secret"} {
		if strings.Contains(scrape, not) {
			t.Errorf("%q is in the scrape", not)
		}
	}
}

func TestMetricsAreServedAtOnePath(t *testing.T) {
	h := web.MetricsHandler(metrics.New().Handler(slog.New(slog.DiscardHandler)))
	for _, c := range []struct {
		method, path, want string
		status             int
	}{
		{"GET", "/metrics", "channelbook_http_requests_in_flight 0", 200},
		{"GET", "/", `"code":"NOT_FOUND"`, 404},
		{"GET", "/debug/pprof/", `"code":"NOT_FOUND"`, 404},
		{"POST", "/metrics", `"code":"METHOD_NOT_ALLOWED"`, 405},
	} {
		if w := answer(h, httptest.NewRequest(c.method, c.path, nil)); w.Code != c.status || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s %s: got %d %.200s, want %d and %s in it", c.method, c.path, w.Code, w.Body, c.status, c.want)
		}
	}
}
