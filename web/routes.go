package web

import (
	"net/http"

	"channelbook/internal/problem"
)

// routes is a ServeMux whose refusals are problems as all others are.
type routes struct {
	*http.ServeMux
	refuse http.Handler // answers what no pattern matches
}

func (m routes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	handler, pattern := m.Handler(r)
	if pattern != "" {
		m.ServeMux.ServeHTTP(w, r)
		return
	}
	said := refusal{header: http.Header{}}
	handler.ServeHTTP(&said, r)
	if said.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", said.header.Get("Allow"))
	}
	m.refuse.ServeHTTP(w, r)
}

// refuseRoute answers a request that no route matches. Where Allow is set, another method would.
func refuseRoute(w http.ResponseWriter, r *http.Request) {
	if w.Header().Get("Allow") != "" {
		problem.Problem{Status: http.StatusMethodNotAllowed, Code: "METHOD_NOT_ALLOWED", Detail: "This path does not answer " + r.Method + "."}.Write(w, r)
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
