package live_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"channelbook/graph/live"
)

// open opens a stream that is expected to begin.
func (p *place) follow(query string) (*http.Response, context.CancelFunc) {
	p.t.Helper()
	ctx, cancel := context.WithCancel(p.t.Context())
	p.t.Cleanup(cancel)
	answer, err := p.stream(ctx, query)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = answer.Body.Close() })
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != "text/event-stream; charset=utf-8" {
		p.t.Fatalf("got %d %s, want a stream of events", answer.StatusCode, answer.Header.Get("Content-Type"))
	}
	return answer, cancel
}

func TestAStreamSendsWhatComes(t *testing.T) {
	p := open(t, false)
	answer, _ := p.follow("{ one }")
	if got, want := text(t, answer.Body, ""), ":\n\nevent: next\ndata: {\"data\":{\"one\":1}}\n\nevent: complete\ndata:\n\n"; got != want {
		t.Errorf("a query: got %q, want %q", got, want)
	}
	answer, leave := p.follow("subscription { ticks }")
	for _, tick := range []string{"a", "b"} {
		p.schema.ticks <- tick
		text(t, answer.Body, "event: next\ndata: {\"data\":{\"ticks\":\""+tick+"\"}}\n\n")
	}
	leave()
	eventually(t, "the end of the subscription", func() bool { return p.schema.running.Load() == 0 })
}

// TestAStreamOutlivesTheTimeToRead that the server gives to requests, which is a second here.
func TestAStreamOutlivesTheTimeToRead(t *testing.T) {
	p := open(t, false)
	answer, _ := p.follow("subscription { ticks }")
	time.Sleep(1500 * time.Millisecond)
	p.schema.ticks <- "late"
	text(t, answer.Body, "late")
}

func TestAStreamEnds(t *testing.T) {
	t.Run("with the session, and says so", func(t *testing.T) {
		p := open(t, false)
		answer, _ := p.follow("subscription { ticks }")
		p.endSession()
		got := text(t, answer.Body, "")
		if !strings.Contains(got, `event: next`+"\n"+`data: {"errors":[{"message":"This session has ended. Sign in again."`) || !strings.HasSuffix(got, "event: complete\ndata:\n\n") {
			t.Errorf("got %q, want the reason and the end", got)
		}
	})
	t.Run("with the token, and says so", func(t *testing.T) {
		p := open(t, false)
		p.until = time.Now().Add(300 * time.Millisecond)
		answer, _ := p.follow("subscription { ticks }")
		if got := text(t, answer.Body, ""); !strings.Contains(got, "The access token has expired.") {
			t.Errorf("got %q, want the reason", got)
		}
	})
	t.Run("with the server, for the client to come again", func(t *testing.T) {
		p := open(t, false)
		answer, _ := p.follow("subscription { ticks }")
		eventually(t, "the subscription", func() bool { return p.schema.running.Load() == 1 })
		p.connections.Close()
		if got := text(t, answer.Body, ""); strings.Contains(got, "complete") {
			t.Errorf("got %q, which a client takes for the end of the subscription", got)
		}
		again, err := p.stream(t.Context(), "subscription { ticks }")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = again.Body.Close() }()
		if again.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("got %d from a server that stops, want 503", again.StatusCode)
		}
	})
}

func TestAStreamThatIsSilentBeats(t *testing.T) {
	answer, _ := open(t, true).follow("subscription { ticks }")
	text(t, answer.Body, ":\n\n:\n\n:\n\n")
}

func TestWhoeverDoesNotReadAStreamIsCutOff(t *testing.T) {
	p := open(t, true)
	_, _ = p.follow("subscription { ticks }")
	eventually(t, "the subscription", func() bool { return p.schema.running.Load() == 1 })
	go func() { p.schema.ticks <- strings.Repeat("x", 16<<20) }()
	eventually(t, "its end", func() bool { return p.schema.running.Load() == 0 })
}

func TestWhatIsNoOperationIsAnsweredAsUsual(t *testing.T) {
	p := open(t, false)
	for query, status := range map[string]int{"{ two }": 400, "{": 400} {
		answer, err := p.stream(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		if got := text(t, answer.Body, ""); answer.StatusCode != status || !strings.HasPrefix(got, `{"errors":[{`) {
			t.Errorf("%s: got %d %s, want %d and the errors", query, answer.StatusCode, got, status)
		}
		_ = answer.Body.Close()
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url, strings.NewReader(`{"query": canary`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "text/event-stream")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if got := text(t, answer.Body, ""); answer.StatusCode != 400 || strings.Contains(got, "canary") {
		t.Errorf("got %d %s, want 400 without an echo", answer.StatusCode, got)
	}
}

func TestNoConnectionStaysBehind(t *testing.T) {
	p := open(t, false)
	for range live.MaxPerGuest + 10 { // counts would not allow so many
		answer, leave := p.follow("{ one }")
		text(t, answer.Body, "complete")
		leave()
		_ = answer.Body.Close()
	}
}
