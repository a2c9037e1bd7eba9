package metrics_test

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"channelbook/internal/metrics"
	"channelbook/internal/metrics/metricstest"
)

// use calls each instrument of m at least once.
func use(m *metrics.Metrics) {
	m.HTTP.Begun()
	m.HTTP.Answered(metrics.Answer{Route: "GET /x/{id}", Method: "GET", Status: 200, Took: 20 * time.Millisecond})
	m.DB.Queried("SELECT 1", time.Now())
	m.DB.WaitedToConnect(time.Now())
	m.DB.WaitedToWrite(time.Now())
	m.DB.Committed()
	m.DB.RolledBack()
	m.DB.Retried()
	m.DB.WatchPool(func() sql.DBStats { return sql.DBStats{MaxOpenConnections: 20, InUse: 3, Idle: 2} })
	m.Intake.Logged("ACCEPTED")
	m.Jobs.Ran("sessions", time.Now(), nil)
	m.Jobs.Ran("sessions", time.Now(), errors.New("broken"))
	m.Deliveries.Came("EMAIL", "sent")
	m.Deliveries.Watch(func(context.Context) ([]metrics.Standing, error) {
		return []metrics.Standing{{Channel: "EMAIL", Dead: 2, Stopped: true}}, nil
	})
	m.Live.Connected()
	m.Live.Connected()()
	m.Live.Subscribed()
	m.Live.Subscribed()()
}

// same compares what a scrape shows under a name.
func same(t *testing.T, scrape, name string, want map[string]string) {
	t.Helper()
	if got := metricstest.Samples(scrape, name); !maps.Equal(got, want) {
		t.Errorf("%s: got %v, want %v", name, got, want)
	}
}

func TestNilInstrumentsObserveNothing(*testing.T) {
	use(&metrics.Metrics{})
}

func TestAScrapeIsAsPrometheusLikesIt(t *testing.T) {
	m := metrics.New()
	use(m)
	problems, err := promlint.New(strings.NewReader(metricstest.Scrape(t, m))).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

func TestAScrapeShowsWhatWasObserved(t *testing.T) {
	m := metrics.New()
	use(m)
	scrape := metricstest.Scrape(t, m)
	for name, want := range map[string]map[string]string{
		"channelbook_http_requests_total":                 {`method="GET",route="GET /x/{id}",status="200"`: "1"},
		"channelbook_http_request_duration_seconds_sum":   {`route="GET /x/{id}"`: "0.02"},
		"channelbook_http_requests_in_flight":             {"": "0"},
		"channelbook_db_pool_wait_seconds_count":          {`for="connection"`: "1", `for="write"`: "1"},
		"channelbook_db_transactions_total":               {`result="committed"`: "1", `result="rolled_back"`: "1", `result="retried"`: "1"},
		"channelbook_db_connections":                      {`state="in_use"`: "3", `state="idle"`: "2"},
		"channelbook_db_connections_max":                  {"": "20"},
		"channelbook_live_connections":                    {"": "1"},
		"channelbook_deliveries_unresolved":               {`channel="EMAIL",status="DEAD"`: "2", `channel="EMAIL",status="UNKNOWN"`: "0"},
		"channelbook_channel_stopped":                     {`channel="EMAIL"`: "1"},
		"channelbook_live_subscriptions":                  {"": "1"},
		"channelbook_job_runs_total":                      {`job="sessions",result="ok"`: "1", `job="sessions",result="failed"`: "1"},
		"channelbook_job_duration_seconds_count":          {`job="sessions"`: "2"},
		"channelbook_http_request_duration_seconds_count": {`route="GET /x/{id}"`: "1"},
	} {
		same(t, scrape, name, want)
	}
	if got := metricstest.Samples(scrape, "channelbook_job_last_success_timestamp_seconds"); len(got) != 1 {
		t.Errorf("the last success: got %v, want one instant", got)
	}
	for _, name := range []string{"go_build_info", "go_goroutines", "process_start_time_seconds"} {
		if len(metricstest.Samples(scrape, name)) != 1 {
			t.Errorf("%s is not shown", name)
		}
	}
}

func TestBeforeAnythingIsObserved(t *testing.T) {
	scrape := metricstest.Scrape(t, metrics.New())
	t.Run("outcomes stand at zero", func(t *testing.T) {
		got := metricstest.Samples(scrape, "channelbook_intake_attempts_total")
		if len(got) != 13 || got[`outcome="TOO_LARGE"`] != "0" {
			t.Errorf("got %v, want 13 zeros", got)
		}
	})
	t.Run("transactions stand at zero", func(t *testing.T) {
		same(t, scrape, "channelbook_db_transactions_total", map[string]string{`result="committed"`: "0", `result="rolled_back"`: "0", `result="retried"`: "0"})
	})
	t.Run("there is no pool", func(t *testing.T) {
		same(t, scrape, "channelbook_db_connections", map[string]string{})
	})
}

func TestStrangeRequestsShareOneSeries(t *testing.T) {
	m := metrics.New()
	for _, method := range []string{"BREW", "WHEN"} {
		m.HTTP.Begun()
		m.HTTP.Answered(metrics.Answer{Method: method, Status: 404})
	}
	same(t, metricstest.Scrape(t, m), "channelbook_http_requests_total", map[string]string{`method="other",route="none",status="404"`: "2"})
}

func TestAStreamHasNoDuration(t *testing.T) {
	m := metrics.New()
	m.HTTP.Begun()
	same(t, metricstest.Scrape(t, m), "channelbook_http_requests_in_flight", map[string]string{"": "1"})
	m.HTTP.Answered(metrics.Answer{Route: "/query", Method: "GET", Status: 101, Took: time.Hour, Stream: true})
	scrape := metricstest.Scrape(t, m)
	same(t, scrape, "channelbook_http_requests_total", map[string]string{`method="GET",route="/query",status="101"`: "1"})
	same(t, scrape, "channelbook_http_request_duration_seconds_count", map[string]string{})
}

func TestVerbs(t *testing.T) {
	for query, want := range map[string]string{
		"SELECT id FROM leads":        "select",
		"select 1":                    "select",
		"WITH x AS (…) SELECT 1":      "select",
		"(SELECT 1) UNION (SELECT 2)": "select",
		"\n\t\tSELECT\n1":             "select",
		"INSERT INTO leads":           "insert",
		"UPDATE a SET b RETURNING c":  "update",
		"DELETE FROM leads":           "delete",
		"PRAGMA foreign_keys":         "other",
		"SELECTED":                    "other",
		"UPDATE":                      "other",
		"":                            "other",
	} {
		m := metrics.New()
		m.DB.Queried(query, time.Now())
		got := metricstest.Samples(metricstest.Scrape(t, m), "channelbook_db_query_duration_seconds_count")
		if len(got) != 5 || got[`verb="`+want+`"`] != "1" {
			t.Errorf("%q: got %v, want one %s", query, got, want)
		}
	}
}

func TestObservingAStatementAllocatesNothing(t *testing.T) {
	m := metrics.New()
	if n := testing.AllocsPerRun(100, func() { m.DB.Queried("SELECT id FROM leads", time.Now()) }); n != 0 {
		t.Errorf("got %v allocations, want none", n)
	}
}

func BenchmarkObserving(b *testing.B) {
	m := metrics.New()
	b.Run("statement", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			m.DB.Queried("SELECT id FROM leads", time.Now())
		}
	})
	b.Run("request", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			m.HTTP.Begun()
			m.HTTP.Answered(metrics.Answer{Route: "POST /api/v1/leads", Method: "POST", Status: 201, Took: time.Millisecond})
		}
	})
}
