package graph

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"channelbook/graph/live"
	"channelbook/internal/fault"
	"channelbook/internal/ratelimit"
	"channelbook/internal/reqctx"
)

const allowed = "GET, HEAD, POST, OPTIONS"

// checked lets GraphQL requests through, read, and answers everything else before gqlgen sees it, which would echo
// the body in an error. What wants to become a WebSocket passes: its transport reads it.
func checked(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Vary", "Accept")
		if live.IsUpgrade(r) { // other upgrades, such as the h2c that Java's client asks for by itself, nobody heeds
			next.ServeHTTP(w, r)
			return
		}
		asked := &request{answerAs: negotiate(r.Header.Values("Accept"), typeGraphQL, typeJSON)}
		switch r.Method {
		case http.MethodGet, http.MethodHead:
			asked.safe = true
		case http.MethodPost:
			asked.answerAs = negotiate(r.Header.Values("Accept"), typeGraphQL, typeJSON, typeStream)
		case http.MethodOptions:
			w.Header().Set("Allow", allowed)
			w.WriteHeader(http.StatusNoContent)
			return
		default:
			w.Header().Set("Allow", allowed)
			refuse(w, r, asked, &refusal{http.StatusMethodNotAllowed, "Send a GraphQL request by POST, or a query by GET."})
			return
		}
		if asked.answerAs == "" {
			refuse(w, r, asked, &refusal{http.StatusNotAcceptable, "Answers are " + typeGraphQL + ", " + typeJSON + " or, by POST, " + typeStream + ", in UTF-8."})
			return
		}
		sent := r.Body
		if err := asked.read(w, r); err != nil {
			refuse(w, r, asked, err)
			return
		}
		if asked.answerAs == typeStream {
			_ = sent.Close() // it is read, and the answer goes on
		}
		_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // it has arrived; the server's own would end the work
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestKey{}, asked)))
	})
}

// overHTTP answers requests by plain HTTP. It comes after the other transports and takes what they leave.
//
// What cannot be begun is 400 for who reads application/graphql-response+json, and has no data; for who reads
// application/json it is 200, as such clients take any other status for a failure of the network.
type overHTTP struct{}

var _ graphql.Transport = overHTTP{}

// Supports for gqlgen.
func (overHTTP) Supports(*http.Request) bool { return true }

// Do answers one request.
func (overHTTP) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	ctx, asked := r.Context(), requestFrom(r.Context())
	if asked == nil {
		refuse(w, r, &request{}, &refusal{http.StatusBadRequest, "There is no such protocol to change to here."})
		return
	}
	w.Header().Set("Content-Type", asked.answerAs+"; charset=utf-8") // also of gqlgen's answer to a panic
	params := asked.RawParams
	params.Headers = r.Header
	op, errs := exec.CreateOperationContext(ctx, &params)
	if len(errs) == 0 && op.Operation.Operation == ast.Subscription {
		err := gqlerror.Errorf("Subscribe over a WebSocket, or with Accept: %s by POST.", typeStream)
		errcode.Set(err, codeBadRequest)
		errs = gqlerror.List{err}
	}
	if len(errs) > 0 {
		status := http.StatusOK
		if asked.answerAs == typeGraphQL {
			status = http.StatusBadRequest
		}
		response := exec.DispatchError(graphql.WithOperationContext(ctx, op), errs)
		answer(w, asked.answerAs, status, notBegun{response.Errors, response.Extensions})
		return
	}
	if op.Operation.Operation != ast.Query && asked.safe {
		w.Header().Set("Allow", http.MethodPost)
		refuse(w, r, asked, &refusal{http.StatusMethodNotAllowed, "Send a mutation by POST."})
		return
	}
	responses, ctx := exec.DispatchOperation(ctx, op)
	answer(w, asked.answerAs, http.StatusOK, responses(ctx))
}

// notBegun is the answer to what was not executed.
type notBegun struct {
	Errors     gqlerror.List  `json:"errors"`
	Extensions map[string]any `json:"extensions,omitempty"`
}

// wantsEvents tells whether the answer is to come as server-sent events.
func wantsEvents(r *http.Request) bool {
	asked := requestFrom(r.Context())
	return asked != nil && asked.answerAs == typeStream
}

// refuse answers with a GraphQL error that names no part of the request.
func refuse(w http.ResponseWriter, r *http.Request, asked *request, err error) {
	why := badRequest("it cannot be read")
	errors.As(err, &why)
	refuseAs(w, r, asked.answerAs, why.status, fault.Coded(fault.Invalid, codeBadRequest, "", why.message))
}

// refuseFault answers a request with a fault that has a code of its own.
func refuseFault(w http.ResponseWriter, r *http.Request, status int, f *fault.Error) {
	w.Header().Set("Vary", "Accept")
	refuseAs(w, r, negotiate(r.Header.Values("Accept"), typeGraphQL, typeJSON), status, f)
}

func refuseAs(w http.ResponseWriter, r *http.Request, mediaType string, status int, f *fault.Error) {
	if mediaType != typeGraphQL {
		mediaType = typeJSON // also for who would read a stream, or nothing that we write
	}
	extensions := map[string]any{"code": f.Code, "requestId": reqctx.RequestID(r.Context())}
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", ratelimit.RetryAfter(f))
		extensions["retryAfterSeconds"] = ratelimit.Seconds(f)
	}
	answer(w, mediaType, status, notBegun{Errors: gqlerror.List{{Message: f.Message, Extensions: extensions}}})
}

func answer(w http.ResponseWriter, mediaType string, status int, body any) {
	b, err := json.Marshal(body)
	if err != nil {
		panic(err) // what a resolver wrote is no JSON; gqlgen's server answers and logs it
	}
	w.Header().Set("Content-Type", mediaType+"; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b) // a client that has left needs no answer
}
