package problem_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"channelbook/internal/problem"
	"channelbook/internal/reqctx"
)

func TestWrite(t *testing.T) {
	request := httptest.NewRequest("POST", "/api/v1/leads", nil)
	request = request.WithContext(reqctx.With(request.Context(), reqctx.Request{ID: "r1"}))

	for name, c := range map[string]struct {
		write func(http.ResponseWriter)
		want  string
	}{
		"with a title and a detail": {
			func(w http.ResponseWriter) { problem.Write(w, request, 415, "Wrong type", "Send application/json.") },
			`{"type":"about:blank","status":415,"title":"Wrong type","detail":"Send application/json.","requestId":"r1"}`,
		},
		"with a code, titled by its status": {
			func(w http.ResponseWriter) { problem.Problem{Status: 429, Code: "RATE_LIMITED"}.Write(w, request) },
			`{"type":"about:blank","status":429,"title":"Too Many Requests","code":"RATE_LIMITED","requestId":"r1"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := httptest.NewRecorder()
			c.write(w)
			if got := w.Body.String(); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
				t.Errorf("got the type %q, want application/problem+json", got)
			}
		})
	}
}
