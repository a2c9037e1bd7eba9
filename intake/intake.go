// Package intake is the REST edge for lead sources: POST /api/v1/leads and /api/v1/leads/batch, and the lead forms of
// VK and Google (form.go). It reads a request (decode.go), hands it to leads.Accept, and puts the outcome into HTTP.
// What it refuses before a submission can be read, the intake log keeps as well (refuse.go).
package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"time"
	"unicode/utf8"

	"channelbook/ent/intakeattempt"
	"channelbook/internal/auth"
	"channelbook/internal/fault"
	"channelbook/internal/problem"
	"channelbook/internal/ratelimit"
	"channelbook/leads"
)

// The largest bodies, in bytes.
const (
	maxLead  = leads.MaxBody
	maxBatch = 1 << 20
)

// patience is how long the work on a request may take: less than the server gives requests at its stop.
const patience = 15 * time.Second

// Edge is the REST edge.
type Edge struct {
	Leads    *leads.Service
	Requests ratelimit.Requests // how many an address may send that is no source
	Log      *slog.Logger
}

// Routes of the edge by their patterns.
func (e Edge) Routes() map[string]http.Handler {
	return map[string]http.Handler{
		"POST /api/v1/leads":          e.reading(maxLead, e.lead),
		"POST /api/v1/leads/batch":    e.reading(maxBatch, e.batch),
		"GET /api/v1/openapi.json":    http.HandlerFunc(e.describe),
		"POST /hooks/vk/{source}":     e.form(vk),
		"POST /hooks/google/{source}": e.form(google),
	}
}

// reading lets a request of a known source with a JSON body of at most limit bytes through to next. What has arrived
// is worked to its end even where the sender no longer waits: not every one sends a lead twice.
func (e Edge) reading(limit int64, next func(w http.ResponseWriter, r *http.Request, body []byte)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if e.limited(w, r, e.Requests.Begin) {
			return
		}
		body, tooLarge, broken := read(w, r, limit)
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), patience)
		defer cancel()
		r = r.WithContext(ctx)
		source, err := e.Leads.AuthenticateSource(r.Context(), r.Header.Get("X-Api-Key"))
		if err != nil {
			e.refuse(w, r, source, body, err)
			return
		}
		r = r.WithContext(auth.With(r.Context(), auth.Viewer{Role: auth.Source, SourceID: source.ID}))
		switch {
		case broken != nil:
			e.malformed(w, r, body, errors.New("it broke off before its end"))
		case !isJSON(r.Header.Get("Content-Type")):
			e.turnAway(w, r, source.ID, intakeattempt.OutcomeUNSUPPORTED_TYPE, body, problem.Problem{
				Status: http.StatusUnsupportedMediaType, Detail: "Send the lead as application/json."})
		case tooLarge:
			e.turnAway(w, r, source.ID, intakeattempt.OutcomeTOO_LARGE, body, problem.Problem{
				Status: http.StatusRequestEntityTooLarge, Detail: fmt.Sprintf("The body has at most %d bytes.", limit)})
		case !utf8.Valid(body):
			e.malformed(w, r, body, errors.New("it is not UTF-8"))
		default:
			next(w, r, body)
		}
	})
}

// read reads at most limit bytes. What is over is left, and the connection closed after the answer; broken says that
// the body ended too soon.
func read(w http.ResponseWriter, r *http.Request, limit int64) (body []byte, tooLarge bool, broken error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var over *http.MaxBytesError
	if errors.As(err, &over) {
		return body, true, nil
	}
	return body, false, err
}

func isJSON(contentType string) bool {
	mediaType, _, err := mime.ParseMediaType(contentType)
	return err == nil && mediaType == "application/json"
}

func (e Edge) lead(w http.ResponseWriter, r *http.Request, body []byte) {
	in, err := decodeLead(body)
	if err != nil && !fault.Is(err, fault.Invalid) {
		e.malformed(w, r, body, err)
		return
	}
	in.IdempotencyKey, in.RawBody, in.Unreadable = r.Header.Get("Idempotency-Key"), body, err
	accepted, err := e.Leads.Accept(r.Context(), in)
	if err != nil {
		e.fail(w, r, err)
		return
	}
	if accepted.Replayed {
		w.Header().Set("Idempotent-Replayed", "true")
	}
	answer(w, accepted.HTTPStatus(), result{Outcome: accepted.Outcome, Reference: accepted.Reference})
}

func (e Edge) batch(w http.ResponseWriter, r *http.Request, body []byte) {
	batch, err := decodeBatch(body)
	if err != nil {
		e.malformed(w, r, body, err)
		return
	}
	results, err := e.Leads.AcceptBatch(r.Context(), batch)
	if err != nil {
		e.fail(w, r, err)
		return
	}
	out := batchAnswer{Results: make([]batchResult, len(results))}
	for i, res := range results {
		out.Results[i] = e.batchResult(r, res)
		if out.Results[i].Outcome == string(intakeattempt.OutcomeACCEPTED) {
			out.AcceptedCount++
		}
	}
	answer(w, http.StatusOK, out)
}

func (e Edge) batchResult(r *http.Request, res leads.Result) batchResult {
	out := batchResult{Index: res.Index, result: result{Outcome: res.Accepted.Outcome, Reference: res.Accepted.Reference}}
	if res.Err == nil {
		return out
	}
	faults, ok := fault.All(res.Err)
	if !ok {
		e.Log.ErrorContext(r.Context(), "lead of a batch failed", "index", res.Index, "error", res.Err)
		out.Errors = []fieldError{{Code: "INTERNAL", Message: "Something went wrong on our side. Send this lead again."}}
		return out
	}
	out.Errors = fieldErrors(faults)
	if fault.Is(res.Err, fault.Invalid) {
		out.Outcome = outcomeInvalid
	}
	return out
}
