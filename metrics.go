package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"time"

	"channelbook/internal/config"
	"channelbook/internal/metrics"
	"channelbook/web"
)

// scrapeGrace is how long a scrape may go on after the last request has ended.
const scrapeGrace = 2 * time.Second

// newMetrics makes instruments where there is an address to read them at, and else none.
func newMetrics(cfg config.Config) *metrics.Metrics {
	if cfg.MetricsAddr == "" {
		return &metrics.Metrics{}
	}
	return metrics.New()
}

// serveMetrics serves scrapes at addr until stop is called, which waits for those that run; nothing where addr is empty.
func serveMetrics(addr string, m *metrics.Metrics, log *slog.Logger) (stop func(), err error) {
	if addr == "" {
		return func() {}, nil
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen at METRICS_ADDR: %w", err)
	}
	log = log.With("server", "metrics")
	log.Info("serving metrics", "address", listener.Addr().String())
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		srv := web.NewServer(web.MetricsHandler(m.Handler(log)), log)
		if err := web.Serve(ctx, srv, listener, web.Stop{Grace: scrapeGrace}, log); err != nil {
			log.Error("metrics are not served any more", "error", err)
		}
	}()
	return func() {
		cancel()
		<-ended
	}, nil
}
