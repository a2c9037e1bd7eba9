package web_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestHealth(t *testing.T) {
	var log bytes.Buffer
	e := edge(&log)

	t.Run("alive", func(t *testing.T) {
		if w := answer(handler(t, e, nil), get("/healthz")); w.Code != 200 || w.Body.String() != "ok\n" {
			t.Errorf("got %d %q, want 200 ok", w.Code, w.Body)
		}
	})
	t.Run("ready", func(t *testing.T) {
		if w := answer(handler(t, e, nil), get("/readyz")); w.Code != 200 {
			t.Errorf("got %d %s, want 200", w.Code, w.Body)
		}
	})
	t.Run("not ready, without the driver's words", func(t *testing.T) {
		broken := e
		broken.Ready = func(context.Context) error { return errors.New("dial tcp 10.9.8.7: refused") }
		w := answer(handler(t, broken, nil), get("/readyz"))
		if w.Code != 503 || !strings.Contains(w.Body.String(), "The base does not answer") || strings.Contains(w.Body.String(), "10.9.8.7") {
			t.Errorf("got %d %s, want 503 and our own sentence", w.Code, w.Body)
		}
		if !strings.Contains(log.String(), "10.9.8.7") {
			t.Errorf("the log does not say why: %s", log.String())
		}
	})
	t.Run("not ready once it is stopping", func(t *testing.T) {
		stopping := edge(io.Discard)
		stopped := make(chan struct{})
		stopping.Stopping = stopped
		h := handler(t, stopping, nil)
		if w := answer(h, get("/readyz")); w.Code != 200 {
			t.Errorf("before the stop: got %d, want 200", w.Code)
		}
		close(stopped)
		if w := answer(h, get("/readyz")); w.Code != 503 || !strings.Contains(w.Body.String(), "stopping") {
			t.Errorf("after it: got %d %s, want 503", w.Code, w.Body)
		}
	})
}
