package reqctx_test

import (
	"log/slog"
	"strings"
	"testing"

	"channelbook/internal/reqctx"
)

func TestTheContextCarriesTheRequest(t *testing.T) {
	ctx := reqctx.With(t.Context(), reqctx.Request{ID: "r1", RemoteAddr: "203.0.113.7", UserAgent: "curl"})
	got := []string{reqctx.RequestID(ctx), reqctx.RemoteAddr(ctx), reqctx.UserAgent(ctx)}
	for i, want := range []string{"r1", "203.0.113.7", "curl"} {
		if got[i] != want {
			t.Errorf("got %q, want %q", got[i], want)
		}
	}
}

func TestNoRequestIsEmpty(t *testing.T) {
	if got := reqctx.From(t.Context()); got != (reqctx.Request{}) {
		t.Errorf("got %+v, want the zero request", got)
	}
}

func TestARecordCarriesTheRequest(t *testing.T) {
	var out strings.Builder
	log := slog.New(reqctx.LogHandler(slog.NewTextHandler(&out, nil))).With("part", "intake")
	log.InfoContext(reqctx.With(t.Context(), reqctx.Request{ID: "r1"}), "lead accepted")
	log.Info("sweep done")
	lines := strings.Split(out.String(), "\n")
	if !strings.HasSuffix(lines[0], `msg="lead accepted" part=intake request=r1`) {
		t.Errorf("got %q, want the request at its end", lines[0])
	}
	if !strings.HasSuffix(lines[1], `msg="sweep done" part=intake`) {
		t.Errorf("got %q, want no request", lines[1])
	}
}
