// Package problem writes the plain HTTP errors of every edge in one form: application/problem+json (RFC 9457).
package problem

import (
	"encoding/json"
	"net/http"
	"strconv"

	"channelbook/internal/fault"
	"channelbook/internal/reqctx"
)

// Problem is what an answer says of an error. It holds sentences for people and codes for programs, never the text
// of a driver or a path of ours.
type Problem struct {
	Status int     `json:"status"`
	Title  string  `json:"title"` // the kind of problem; the status in words where empty
	Detail string  `json:"detail,omitempty"`
	Code   string  `json:"code,omitempty"`   // where a client could treat it differently from others of its status
	Errors []Fault `json:"errors,omitempty"` // all that is wrong, where there may be several things
}

// Fault is one of several things that are wrong.
type Fault struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Field   string `json:"field,omitempty"`
}

// List are faults as a problem tells them.
func List(faults []*fault.Error) []Fault {
	list := make([]Fault, len(faults))
	for i, f := range faults {
		list[i] = Fault{f.Code, f.Message, f.Field}
	}
	return list
}

// Write answers with a problem that has no code.
func Write(w http.ResponseWriter, r *http.Request, status int, title, detail string) {
	Problem{Status: status, Title: title, Detail: detail}.Write(w, r)
}

// Write answers with the problem. Headers that go with it, Retry-After or Allow, are set before.
func (p Problem) Write(w http.ResponseWriter, r *http.Request) {
	if p.Title == "" {
		p.Title = http.StatusText(p.Status)
	}
	body, _ := json.Marshal(struct { // strings and a number always marshal
		Type string `json:"type"`
		Problem
		RequestID string `json:"requestId,omitempty"`
	}{"about:blank", p, reqctx.RequestID(r.Context())})
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_, _ = w.Write(body) // a client that has left needs no answer
}

// StatusOf is the status that REST answers a kind of fault with.
func StatusOf(k fault.Kind) int {
	switch k {
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict, fault.Stale:
		return http.StatusConflict
	case fault.Limit, fault.RateLimited:
		return http.StatusTooManyRequests
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.Forbidden:
		return http.StatusForbidden
	}
	return http.StatusInternalServerError
}
