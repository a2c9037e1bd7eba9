package web

import (
	"net/http"

	"channelbook/internal/problem"
)

// routes is a ServeMux whose refusals are problems as all others are.
type routes struct{ *http.ServeMux }

func (m routes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	handler, pattern := m.Handler(r)
	if pattern != "" {
		m.ServeMux.ServeHTTP(w, r)
		return
	}
	refusal := refusal{header: http.Header{}}
	handler.ServeHTTP(&refusal, r)
	if refusal.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", refusal.header.Get("Allow"))
		problem.Problem{Status: refusal.status, Code: "METHOD_NOT_ALLOWED", Detail: "This path does not answer " + r.Method + "."}.Write(w, r)
		return
	}
	problem.Problem{Status: http.StatusNotFound, Code: "NOT_FOUND", Detail: "Nothing is served at this path."}.Write(w, r)
}

// refusal takes note of how the mux refuses, and drops its text.
type refusal struct {
	header http.Header
	status int
}

func (r *refusal) Header() http.Header         { return r.header }
func (r *refusal) WriteHeader(status int)      { r.status = status }
func (r *refusal) Write(b []byte) (int, error) { return len(b), nil }
