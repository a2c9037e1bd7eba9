package web

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"channelbook/internal/metrics"
	"channelbook/internal/reqctx"
)

// observed counts each request and writes one line for it. Both name the route's pattern and neither path nor query,
// which may hold tokens and personal data.
func observed(log *slog.Logger, m *metrics.HTTP, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		watched := &watchedWriter{ResponseWriter: w}
		m.Begun()
		defer func() { // also where the answer was cut off by a panic
			took := time.Since(start)
			m.Answered(metrics.Answer{
				Route: r.Pattern, Method: r.Method, Status: watched.answered(), Took: took, Stream: watched.streams(),
			})
			writeLine(log, r, watched, took)
		}()
		next.ServeHTTP(watched, r)
	})
}

// writeLine writes the client's address only at DEBUG. Probes of health are DEBUG as a whole.
func writeLine(log *slog.Logger, r *http.Request, answer *watchedWriter, took time.Duration) {
	attrs := []slog.Attr{
		slog.String("method", r.Method),
		slog.String("route", r.Pattern),
		slog.Int("status", answer.answered()),
		slog.Int64("bytes", answer.bytes),
		slog.Duration("duration", took),
	}
	if log.Enabled(r.Context(), slog.LevelDebug) {
		attrs = append(attrs, slog.String("remote", reqctx.RemoteAddr(r.Context())))
	}
	log.LogAttrs(context.WithoutCancel(r.Context()), levelOf(r.Pattern), "request", attrs...)
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
	status  int // 0 before the answer has begun
	bytes   int64
	flushed bool
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
	w.status, w.flushed = w.answered(), true
	_ = http.NewResponseController(w.ResponseWriter).Flush() // a client that has left gets nothing more
}

func (w *watchedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// streams tells of an answer that is sent as it comes about, and of a connection that became a WebSocket.
func (w *watchedWriter) streams() bool { return w.flushed || w.status == http.StatusSwitchingProtocols }

// answered is the status of the answer: net/http sends 200 where a handler writes none.
func (w *watchedWriter) answered() int {
	if w.status == 0 {
		return http.StatusOK
	}
	return w.status
}
