package main

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"channelbook/internal/dbtest"
	"channelbook/internal/jobs"
	"channelbook/internal/metrics"
	"channelbook/internal/metrics/metricstest"
)

func TestMetricsCountWhatTheServerAnswered(t *testing.T) {
	each(t, func(t *testing.T, v vars) {
		s := start(t, v.with(vars{"ADMIN_PASSWORD": adminPassword, "METRICS_ADDR": "127.0.0.1:0"}))
		key := newSource(t, s.url) // signs in and makes the source: two requests
		site, stranger := newSender(t, key, 1), newSender(t, "no-such-key", 1)
		for _, c := range []struct {
			sender *sender
			lead   string
			status int
		}{
			{site, `{"firstName":"Anna","phone":"+79123456789"}`, 201},
			{site, `{"firstName":"Anna","phone":"+79123456789"}`, 200},
			{site, `{"phone":"+79123456789"}`, 422},
			{stranger, `{"firstName":"Anna","phone":"+79123456789"}`, 401},
		} {
			if a, err := c.sender.send(t.Context(), s.url, c.lead, ""); err != nil || a.status != c.status {
				t.Fatalf("%s: got %d, %v, want %d", c.lead, a.status, err, c.status)
			}
		}
		ask(t, s.url, "", viewerQuery, nil)
		get(t, s.url+"/79123456789?key="+key)

		status, scrape := get(t, s.metrics)
		if status != 200 {
			t.Fatalf("got %d %s, want 200", status, scrape)
		}
		for name, want := range map[string]map[string]string{
			"channelbook_http_requests_total": {
				`method="POST",route="/query",status="200"`:             "3",
				`method="POST",route="POST /api/v1/leads",status="201"`: "1",
				`method="POST",route="POST /api/v1/leads",status="200"`: "1",
				`method="POST",route="POST /api/v1/leads",status="422"`: "1",
				`method="POST",route="POST /api/v1/leads",status="401"`: "1",
				`method="GET",route="none",status="404"`:                "1",
			},
			"channelbook_http_request_duration_seconds_count": {`route="/query"`: "3", `route="POST /api/v1/leads"`: "4", `route="none"`: "1"},
			"channelbook_http_requests_in_flight":             {"": "0"},
			"channelbook_intake_attempts_total": {
				`outcome="ACCEPTED"`: "1", `outcome="DUPLICATE"`: "1", `outcome="INVALID"`: "1", `outcome="UNAUTHENTICATED"`: "1",
				`outcome="BLACKLISTED"`: "0", `outcome="OVER_CAP"`: "0", `outcome="QUARANTINED"`: "0", `outcome="REPLAYED"`: "0", `outcome="KEY_REUSED"`: "0",
				`outcome="MALFORMED"`: "0", `outcome="TOO_LARGE"`: "0", `outcome="UNSUPPORTED_TYPE"`: "0", `outcome="RATE_LIMITED"`: "0",
			},
			"channelbook_db_connections_max": {"": "20"},
		} {
			if got := metricstest.Samples(scrape, name); !maps.Equal(got, want) {
				t.Errorf("%s: got %v, want %v", name, got, want)
			}
		}
		if got := metricstest.Samples(scrape, "channelbook_db_transactions_total")[`result="committed"`]; got == "0" {
			t.Error("no transaction was counted")
		}
		reader := expfmt.NewTextParser(model.LegacyValidation)
		if _, err := reader.TextToMetricFamilies(strings.NewReader(scrape)); err != nil {
			t.Errorf("a scrape cannot be read: %v", err)
		}
		for _, not := range []string{"9123456789", "Anna", key, "no-such-key", adminPassword, v["PERSONAL_DATA_KEYS"], "127.0.0.1"} {
			if not != "" && strings.Contains(scrape, not) {
				t.Errorf("%q is in the scrape", not)
			}
		}
	})
}

func TestMetricsAreOffUnlessAnAddressIsSet(t *testing.T) {
	s := start(t, onSQLite(t))
	if s.metrics != "" {
		t.Errorf("got metrics at %s, want none", s.metrics)
	}
	if status, _ := get(t, s.url+"/metrics"); status != 404 {
		t.Errorf("/metrics of the API: got %d, want 404", status)
	}
}

func TestMetricsOfHousekeeping(t *testing.T) {
	d, m := dbtest.SQLite(t), metrics.New()
	log := slog.New(slog.DiscardHandler)
	s := &services{ground: ground{db: d, log: log, metrics: m}, jobs: &jobs.Queue{DB: d, Log: log, Poll: 5 * time.Millisecond, Ran: m.Jobs.Ran}}
	var broke atomic.Bool
	lasts := make(chan struct{})
	s.keepHouse([]job{
		{"lasts", func(ctx context.Context) error { close(lasts); <-ctx.Done(); return ctx.Err() }},
		{"breaks", func(context.Context) error {
			if broke.Swap(true) {
				return nil
			}
			return errors.New("broken")
		}},
		{"works", func(context.Context) error { return nil }},
	})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { s.jobs.Run(ctx); close(done) }()
	defer func() { stop(); <-done }()
	want := map[string]string{
		`job="breaks",result="failed"`: "1", `job="breaks",result="ok"`: "1",
		`job="works",result="failed"`: "0", `job="works",result="ok"`: "1",
	}
	runs := func() map[string]string {
		return metricstest.Samples(metricstest.Scrape(t, m), "channelbook_job_runs_total")
	}
	<-lasts
	eventually(t, "a run of each, and another one of what failed", patience, func() bool { return maps.Equal(runs(), want) })
	stop() // breaks "lasts" off
	<-done
	if got := runs(); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v: a stop is no failure", got, want)
	}
}

func TestTheSealingOfTheAuditIsMeasured(t *testing.T) {
	s := start(t, onSQLite(t).with(vars{"METRICS_ADDR": "127.0.0.1:0"}))
	eventually(t, "a pass of the sealer in the metrics", patience, func() bool {
		_, text := get(t, s.metrics)
		return strings.Contains(text, `channelbook_job_runs_total{job="audit_seal",result="failed"} 0`) &&
			strings.Contains(text, `channelbook_job_last_success_timestamp_seconds{job="audit_seal"}`)
	})
}
