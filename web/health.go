package web

import (
	"context"
	"io"
	"net/http"
	"sync"
	"time"

	"channelbook/internal/problem"
)

// readyLimit is how long a probe waits for the base.
const readyLimit = 2 * time.Second

// probe asks the base once a second at most, however many ask whether it answers.
type probe struct {
	mu    sync.Mutex
	asked time.Time
	last  error
}

func (p *probe) ready(ctx context.Context, ask func(context.Context) error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Since(p.asked) < time.Second {
		return p.last
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyLimit) // the answer is for others too
	defer cancel()
	p.last = ask(ctx)
	p.asked = time.Now()
	return p.last
}

// healthz answers as long as the process lives.
func healthz(w http.ResponseWriter, _ *http.Request) { writeOK(w) }

// readyz answers 200 where requests can be served, and 503 from the moment the server is asked to stop.
func (e Edge) readyz(w http.ResponseWriter, r *http.Request) {
	select {
	case <-e.Stopping:
		notReady(w, r, "The server is stopping.")
		return
	default:
	}
	if err := e.probe.ready(r.Context(), e.Ready); err != nil {
		e.Log.WarnContext(r.Context(), "not ready", "error", err)
		notReady(w, r, "The base does not answer, or its migrations are not applied.")
		return
	}
	writeOK(w)
}

func notReady(w http.ResponseWriter, r *http.Request, detail string) {
	problem.Problem{Status: http.StatusServiceUnavailable, Code: "NOT_READY", Detail: detail}.Write(w, r)
}

func writeOK(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, "ok\n") // a probe that has left needs no answer
}
