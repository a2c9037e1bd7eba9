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

	"github.com/vektah/gqlparser/v2/gqlerror"

	"channelbook/internal/reqctx"
)

// checked answers what is not a GraphQL request before gqlgen sees it, which would echo the body in the error:
// another method or type, a body that is too large, and one that is no request.
func checked(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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

// refuse answers with a GraphQL error that names no part of the request.
func refuse(w http.ResponseWriter, r *http.Request, status int, message string) {
	mediaType := "application/json; charset=utf-8"
	if strings.Contains(r.Header.Get("Accept"), "application/graphql-response+json") {
		mediaType = "application/graphql-response+json; charset=utf-8"
	}
	w.Header().Set("Content-Type", mediaType)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": gqlerror.List{{ // a client that has left needs no answer
		Message: message, Extensions: map[string]any{"code": codeBadRequest, "requestId": reqctx.RequestID(r.Context())},
	}}})
}
