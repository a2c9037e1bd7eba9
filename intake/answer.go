package intake

import (
	"context"
	"encoding/json"
	"net/http"

	"channelbook/internal/fault"
	"channelbook/internal/problem"
	"channelbook/internal/ratelimit"
)

const outcomeInvalid = "INVALID"

type result struct {
	Outcome   string       `json:"outcome,omitempty"`
	Reference string       `json:"reference,omitempty"`
	Errors    []fieldError `json:"errors,omitempty"`
}

type fieldError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Field   string `json:"field,omitempty"`
}

type batchAnswer struct {
	Results       []batchResult `json:"results"`
	AcceptedCount int           `json:"acceptedCount"`
}

type batchResult struct {
	Index int `json:"index"`
	result
}

func fieldErrors(faults []*fault.Error) []fieldError {
	out := make([]fieldError, len(faults))
	for i, f := range faults {
		out[i] = fieldError{f.Code, f.Message, f.Field}
	}
	return out
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a client that has left needs no answer
}

// fail puts an error into HTTP: what the source can mend as it is, everything else as 500 with the details in the log.
func (e Edge) fail(w http.ResponseWriter, r *http.Request, err error) {
	faults, ok := fault.All(err)
	if !ok {
		e.Log.ErrorContext(r.Context(), "intake failed", "error", err)
		problem.Write(w, r, http.StatusInternalServerError, "", "Something went wrong on our side. Send the lead again.")
		return
	}
	first := faults[0]
	if first.Kind == fault.Invalid {
		answer(w, http.StatusUnprocessableEntity, result{Outcome: outcomeInvalid, Errors: fieldErrors(faults)})
		return
	}
	if first.RetryAfter > 0 {
		w.Header().Set("Retry-After", ratelimit.RetryAfter(first))
	}
	if first.Kind == fault.Unauthenticated {
		w.Header().Set("WWW-Authenticate", `ApiKey header="X-Api-Key"`)
	}
	problem.Problem{Status: problem.StatusOf(first.Kind), Detail: first.Message, Code: first.Code}.Write(w, r)
}

// limited answers 429 where count refuses the request, and tells that it did.
func (e Edge) limited(w http.ResponseWriter, r *http.Request, count func(context.Context) error) bool {
	err := count(r.Context())
	if err != nil {
		e.fail(w, r, err)
	}
	return err != nil
}
