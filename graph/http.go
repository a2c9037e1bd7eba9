package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"channelbook/graph/live"
	"channelbook/internal/fault"
	"channelbook/internal/ratelimit"
	"channelbook/internal/reqctx"
)

// checked answers what is not a GraphQL request before gqlgen sees it, which would echo the body in the error:
// another method or type, a body that is too large, and one that is no request.
func checked(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !live.IsUpgrade(r) {
			r.Header.Del("Upgrade") // Java's client asks for h2c by itself, and does without
		}
		switch r.Method {
		case http.MethodPost:
		case http.MethodGet, http.MethodOptions:
			next.ServeHTTP(w, r)
			return
		default:
			w.Header().Set("Allow", "GET, POST, OPTIONS")
			refuse(w, r, http.StatusMethodNotAllowed, "Send a GraphQL request by POST, or a query by GET.")
			return
		}
		if mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || mediaType != "application/json" {
			refuse(w, r, http.StatusUnsupportedMediaType, "Send the request as application/json.")
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		var tooLarge *http.MaxBytesError
		switch {
		case errors.As(err, &tooLarge):
			refuse(w, r, http.StatusRequestEntityTooLarge, fmt.Sprintf("A request has at most %d bytes.", maxBody))
			return
		case err != nil || !isRequest(body):
			refuse(w, r, http.StatusBadRequest, "The body is not a GraphQL request: {\"query\", \"operationName\", \"variables\"} as JSON, the query of at most 32 KiB.")
			return
		}
		_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // it has arrived; the server's own would end the work
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), bodyKey{}, body)))
	})
}

type bodyKey struct{}

// bodyFrom is what was posted, for the intake log.
func bodyFrom(ctx context.Context) []byte {
	body, _ := ctx.Value(bodyKey{}).([]byte)
	return body
}

// isRequest tells whether the whole body is one request, each member of its type.
func isRequest(body []byte) bool {
	var request struct {
		Query         string         `json:"query"`
		OperationName string         `json:"operationName"`
		Variables     map[string]any `json:"variables"`
		Extensions    map[string]any `json:"extensions"`
	}
	return bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")) &&
		json.Unmarshal(body, &request) == nil && len(request.Query) <= maxQuery
}

// wantsEvents tells whether the answer is to come as server-sent events.
func wantsEvents(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/event-stream")
}

// refuse answers with a GraphQL error that names no part of the request.
func refuse(w http.ResponseWriter, r *http.Request, status int, message string) {
	refuseFault(w, r, status, fault.Coded(fault.Invalid, codeBadRequest, "", message))
}

// refuseFault is refuse for a fault with a code of its own.
func refuseFault(w http.ResponseWriter, r *http.Request, status int, f *fault.Error) {
	extensions := map[string]any{"code": f.Code, "requestId": reqctx.RequestID(r.Context())}
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", ratelimit.RetryAfter(f))
		extensions["retryAfterSeconds"] = int(f.RetryAfter.Seconds() + 1)
	}
	mediaType := "application/json; charset=utf-8"
	if strings.Contains(r.Header.Get("Accept"), "application/graphql-response+json") {
		mediaType = "application/graphql-response+json; charset=utf-8"
	}
	w.Header().Set("Content-Type", mediaType)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": gqlerror.List{{ // a client that has left needs no answer
		Message: f.Message, Extensions: extensions,
	}}})
}
