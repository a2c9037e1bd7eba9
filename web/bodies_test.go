package web_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"channelbook/web"
)

// TestLargeBodiesAreFewAtOnce: so many from an address, so many in all, and small ones pass by.
func TestLargeBodiesAreFewAtOnce(t *testing.T) {
	release, arrived := make(chan struct{}), make(chan struct{})
	h := handler(t, edge(io.Discard), web.Routes{"POST /x": http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		arrived <- struct{}{}
		<-release
	})})
	begun := 0
	send := func(from int, size int64) *httptest.ResponseRecorder {
		var body io.Reader
		if size < 0 {
			body = strings.NewReader(strings.Repeat("x", 70_000))
		}
		r := httptest.NewRequest("POST", "/x", body)
		r.RemoteAddr, r.ContentLength = fmt.Sprintf("203.0.113.%d:5000", from), size
		w, done := httptest.NewRecorder(), make(chan struct{})
		go func() { defer close(done); h.ServeHTTP(w, r) }()
		select {
		case <-arrived:
			begun++
			return nil
		case <-done:
			return w
		}
	}
	const megabyte = 1 << 20
	for from := range 4 {
		for range 16 {
			if got := send(from, megabyte); got != nil {
				t.Fatalf("address %d: got %d, want the body taken", from, got.Code)
			}
		}
		if got := send(from, megabyte); got == nil || got.Code != 503 || got.Header().Get("Retry-After") != "5" {
			t.Errorf("address %d: got %v, want 503 for its seventeenth", from, got)
		}
	}
	if got := send(9, -1); got == nil || got.Code != 503 {
		t.Errorf("one without a length: got %v, want 503 where there are too many in all", got)
	}
	small := httptest.NewRequest("POST", "/x", strings.NewReader("a lead in chunks"))
	small.RemoteAddr, small.ContentLength = "203.0.113.9:5000", -1
	taken := make(chan int, 1)
	go func() { w := httptest.NewRecorder(); h.ServeHTTP(w, small); taken <- w.Code }()
	select {
	case <-arrived:
		begun++
	case code := <-taken:
		t.Errorf("a small one without a length: got %d, want it taken", code)
	}
	if got := send(9, 64<<10); got != nil {
		t.Errorf("a small one: got %d, want it taken", got.Code)
	}
	for range begun {
		release <- struct{}{}
	}
	for deadline := 0; ; deadline++ { // the last handlers may be on their way out
		got := send(0, megabyte)
		if got == nil {
			release <- struct{}{}
			return
		}
		if deadline == 1_000_000 {
			t.Fatalf("got %d once the others are through, want the body taken", got.Code)
		}
	}
}
