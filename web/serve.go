package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// NewServer is a server with the limits that keep slow and idle clients from holding it. Answers have none: a
// subscription writes as long as it lives, and each handler has its own deadline.
func NewServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// Stop is how a server ends once it is asked to.
type Stop struct {
	// Delay is how long it goes on as before. Whoever sends it requests sees meanwhile that it is not ready.
	Delay time.Duration
	// Grace is how long after that the requests that run may take to finish.
	Grace time.Duration
}

// Serve serves on ln until ctx is done and the stop's delay has passed, then takes no new connections and lets running
// requests finish within its grace; what still runs then is cut off, and the error says so. It returns nil after a stop
// that cut nothing.
func Serve(ctx context.Context, srv *http.Server, ln net.Listener, stop Stop, log *slog.Logger) error {
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ln) }()
	select {
	case err := <-served:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	log.Info("stopping", "delay", stop.Delay, "grace", stop.Grace)
	select {
	case err := <-served:
		return fmt.Errorf("serve: %w", err)
	case <-time.After(stop.Delay):
	}
	finish, cancel := context.WithTimeout(context.WithoutCancel(ctx), stop.Grace)
	defer cancel()
	if err := srv.Shutdown(finish); err != nil {
		return errors.Join(fmt.Errorf("requests were cut off at the stop: %w", err), srv.Close())
	}
	return nil
}
