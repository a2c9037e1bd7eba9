package web

import (
	"log/slog"
	"net/http"

	"channelbook/accounts"
	"channelbook/internal/auth"
	"channelbook/internal/fault"
	"channelbook/internal/problem"
	"channelbook/internal/ratelimit"
	"channelbook/personaldata/audit"
)

// admitted is a request with who sends it, by the access token; an Unauthenticated fault where that is nobody, and RateLimited where it is one
// of too many. What is returned with a fault names the viewer too, where there is one.
func admitted(r *http.Request, bearer accounts.Bearer, requests ratelimit.Requests) (*http.Request, error) {
	viewer, named, err := bearer.Viewer(r.Header.Get("Authorization"))
	if named {
		r = r.WithContext(auth.With(r.Context(), viewer))
	} else if err == nil {
		err = fault.New(fault.Unauthenticated, "", "Sign in first: send Authorization: Bearer and the access token.")
	}
	if limited := requests.Charge(r.Context()); limited != nil {
		err = limited
	}
	return r, err
}

// faultAnswer answers errors as problems: all faults that there are, by the first of them; of any other error nothing but that there was one.
type faultAnswer struct {
	audit  *audit.Log // told of what somebody may not do
	log    *slog.Logger
	failed string                   // what could not be done, for the log
	status func(f *fault.Error) int // of a fault
}

func (f faultAnswer) write(w http.ResponseWriter, r *http.Request, err error) {
	faults, isFault := fault.All(err)
	if isFault {
		if unrecorded := recordRefusal(r.Context(), f.audit, r.Pattern, faults[0]); unrecorded != nil {
			err, isFault = unrecorded, false
		}
	}
	if !isFault {
		f.log.ErrorContext(r.Context(), f.failed, "error", err, "route", r.Pattern)
		problem.Problem{Status: http.StatusInternalServerError, Code: "INTERNAL", Detail: "Something went wrong on our side."}.Write(w, r)
		return
	}
	first := faults[0]
	if first.RetryAfter > 0 {
		w.Header().Set("Retry-After", ratelimit.RetryAfter(first))
	}
	if first.Kind == fault.Unauthenticated {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	problem.Problem{Status: f.status(first), Code: first.Code, Detail: first.Message, Errors: problem.List(faults)}.Write(w, r)
}

// byKind is the status of a fault's kind.
func byKind(f *fault.Error) int { return problem.StatusOf(f.Kind) }
