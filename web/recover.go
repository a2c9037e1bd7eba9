package web

import (
	"log/slog"
	"net/http"
	"runtime/debug"

	"channelbook/internal/problem"
	"channelbook/internal/reqctx"
)

// recovered answers 500 where a handler panics, and logs the panic. An answer that has begun cannot become another:
// its connection is cut, so that the client does not take it for whole.
func recovered(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			reason := recover()
			switch {
			case reason == nil:
				return
			case reason == http.ErrAbortHandler:
				panic(reason) // a handler's own way of cutting the connection
			}
			log.ErrorContext(r.Context(), "panic in a handler", "route", r.Pattern, "panic", reqctx.Panic(reason), "stack", string(debug.Stack()))
			if begun(w) {
				panic(http.ErrAbortHandler)
			}
			problem.Problem{
				Status: http.StatusInternalServerError, Code: "INTERNAL",
				Detail: "The server failed. Its log has the details under this request id.",
			}.Write(w, r)
		}()
		next.ServeHTTP(w, r)
	})
}

func begun(w http.ResponseWriter) bool {
	watched, ok := w.(*watchedWriter)
	return ok && watched.status != 0
}
