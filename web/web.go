// Package web is the HTTP edge besides GraphQL and intake: what every request passes through, health, GraphiQL and
// the schema. Read Edge.Handler first; Serve runs it.
package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"

	"channelbook/internal/fault"
	"channelbook/internal/metrics"
	"channelbook/internal/problem"
	"channelbook/internal/ratelimit"
)

// Edge is what the HTTP edge is made of.
type Edge struct {
	Log            *slog.Logger
	Metrics        *metrics.HTTP               // told of each request; nil: nobody is
	TrustedProxies []netip.Prefix              // whose X-Forwarded-For and X-Request-Id are believed
	CORSOrigins    []string                    // whose pages may call the API
	Requests       ratelimit.Requests          // how many each address may send to what is served here
	PublicURL      string                      // how the outside reaches the server; its own pages may call the API
	NoGraphiQL     bool                        // nothing is served at /
	Schema         []byte                      // the SDL, for /schema.graphql; nil: it is not served
	Ready          func(context.Context) error // nil where requests can be served
	Stopping       <-chan struct{}             // closed when the server is asked to stop; nil: never

	probe *probe
}

// Routes are handlers by their patterns, as http.ServeMux reads them.
type Routes map[string]http.Handler

// Handler serves the edge's own routes and those of the other edges. A request gets an id and its client's address
// (reqctx) before anything is logged of it, and a panic below becomes an answer before the log line is written.
func (e Edge) Handler(others Routes) (http.Handler, error) {
	e.probe = &probe{}
	mux := http.NewServeMux()
	if !e.NoGraphiQL {
		graphiql, err := newGraphiql()
		if err != nil {
			return nil, fmt.Errorf("the embedded GraphiQL: %w", err)
		}
		mux.Handle("GET /{$}", e.limited(graphiql.servePage))
		mux.Handle("GET "+graphiql.path+"{file...}", e.limited(graphiql.serveFile))
	}
	if e.Schema != nil {
		mux.Handle("GET /schema.graphql", e.limited(e.schema))
	}
	mux.HandleFunc("GET /healthz", healthz)
	mux.HandleFunc("GET /readyz", e.readyz)
	for pattern, handler := range others {
		mux.Handle(pattern, handler)
	}

	h := http.Handler(routes{mux, e.limited(refuseRoute)})
	h, err := refuseOtherOrigins(append([]string{OriginOf(e.PublicURL)}, e.CORSOrigins...), h)
	if err != nil {
		return nil, err
	}
	h = boundedBodies(h)
	h = allowOrigins(e.CORSOrigins, h)
	h = secure(strings.HasPrefix(e.PublicURL, "https://"), h)
	h = recovered(e.Log, h)
	h = observed(e.Log, e.Metrics, h)
	return identified(e.TrustedProxies, h), nil
}

// MetricsHandler serves scrapes at GET /metrics, and nothing else.
func MetricsHandler(scrapes http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", scrapes)
	return secure(false, routes{mux, http.HandlerFunc(refuseRoute)})
}

// limited counts the requests of each address that are for nobody in particular. Probes are not counted, nor are the routes
// of the other edges, which know whom to count them for.
func (e Edge) limited(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if faults, limited := fault.All(e.Requests.Charge(r.Context())); limited {
			w.Header().Set("Retry-After", ratelimit.RetryAfter(faults[0]))
			problem.Problem{Status: http.StatusTooManyRequests, Code: faults[0].Code, Detail: faults[0].Message}.Write(w, r)
			return
		}
		next(w, r)
	})
}
