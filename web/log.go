package web

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"channelbook/internal/reqctx"
)

// logged writes one line for each request. It names the route's pattern and neither path nor query, which may hold
// tokens and personal data; the client's address stands there only at DEBUG. Probes of health are DEBUG as a whole.
func logged(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		watched := &watchedWriter{ResponseWriter: w}
		defer func() { // also where the answer was cut off by a panic
			level := levelOf(r.Pattern)
			attrs := []slog.Attr{
				slog.String("method", r.Method),
				slog.String("route", r.Pattern),
				slog.Int("status", watched.answered()),
				slog.Int64("bytes", watched.bytes),
				slog.Duration("duration", time.Since(start)),
			}
			if log.Enabled(r.Context(), slog.LevelDebug) {
				attrs = append(attrs, slog.String("remote", reqctx.RemoteAddr(r.Context())))
			}
			log.LogAttrs(context.WithoutCancel(r.Context()), level, "request", attrs...)
		}()
		next.ServeHTTP(watched, r)
	})
}

func levelOf(pattern string) slog.Level {
	if pattern == "GET /healthz" || pattern == "GET /readyz" {
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

// watchedWriter counts what is written. It flushes, and unwraps for http.ResponseController and WebSockets.
type watchedWriter struct {
	http.ResponseWriter
	status int // 0 before the answer has begun
	bytes  int64
}

func (w *watchedWriter) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK || status == http.StatusSwitchingProtocols {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *watchedWriter) Write(b []byte) (int, error) {
	w.status = w.answered()
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

func (w *watchedWriter) Flush() {
	w.status = w.answered()
	_ = http.NewResponseController(w.ResponseWriter).Flush() // a client that has left gets nothing more
}

func (w *watchedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// answered is the status of the answer: net/http sends 200 where a handler writes none.
func (w *watchedWriter) answered() int {
	if w.status == 0 {
		return http.StatusOK
	}
	return w.status
}
