// Package web is the HTTP edge besides GraphQL and intake: what every request passes through, health, GraphiQL and
// the schema. Read Edge.Handler first; Serve runs it.
package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"

	"channelbook/internal/metrics"
)

// Edge is what the HTTP edge is made of.
type Edge struct {
	Log            *slog.Logger
	Metrics        *metrics.HTTP               // told of each request; nil: nobody is
	TrustedProxies []netip.Prefix              // whose X-Forwarded-For and X-Request-Id are believed
	CORSOrigins    []string                    // whose pages may call the API
	Schema         []byte                      // the SDL, for /schema.graphql
	Ready          func(context.Context) error // nil where requests can be served
	Stopping       <-chan struct{}             // closed when the server is asked to stop; nil: never
}

// Routes are handlers by their patterns, as http.ServeMux reads them.
type Routes map[string]http.Handler

// Handler serves the edge's own routes and those of the other edges. A request gets an id and its client's address
// (reqctx) before anything is logged of it, and a panic below becomes an answer before the log line is written.
func (e Edge) Handler(others Routes) (http.Handler, error) {
	graphiql, err := newGraphiql()
	if err != nil {
		return nil, fmt.Errorf("the embedded GraphiQL: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", graphiql.servePage)
	mux.HandleFunc("GET "+graphiql.path+"{file...}", graphiql.serveFile)
	mux.HandleFunc("GET /schema.graphql", e.schema)
	mux.HandleFunc("GET /healthz", healthz)
	mux.HandleFunc("GET /readyz", e.readyz)
	for pattern, handler := range others {
		mux.Handle(pattern, handler)
	}

	h := http.Handler(routes{mux})
	h = boundedBodies(h)
	h = allowOrigins(e.CORSOrigins, h)
	h = secure(h)
	h = recovered(e.Log, h)
	h = observed(e.Log, e.Metrics, h)
	return identified(e.TrustedProxies, h), nil
}

// MetricsHandler serves scrapes at GET /metrics, and nothing else.
func MetricsHandler(scrapes http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", scrapes)
	return secure(routes{mux})
}
