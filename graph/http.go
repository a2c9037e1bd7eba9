package graph

import (
	"bytes"
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
// another method or type, a body that is too large, and one that is not a JSON object.
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
		case err != nil || !isObject(body):
			refuse(w, r, http.StatusBadRequest, "The body is not a JSON object.")
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

// isObject tells whether the whole body is one JSON object.
func isObject(body []byte) bool {
	return json.Valid(body) && bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{"))
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
