package graph_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"channelbook/accounts"
	"channelbook/internal/auth"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/internal/ratelimit"
)

// line is a socket to a house that is really served.
type line struct {
	t    *testing.T
	conn *websocket.Conn
}

// served serves the house at an address, and lets it learn of sessions and notices as a server does.
func (h *house) served(t *testing.T) (url string) {
	t.Helper()
	h.learns(t)
	server := httptest.NewServer(h.handler)
	t.Cleanup(server.Close)
	return server.URL
}

func (h *house) learns(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ran := make(chan error, 1)
	var told sync.WaitGroup
	told.Go(func() { h.notify.Run(ctx) })
	told.Go(func() { h.watch.Run(ctx) })
	go func() { ran <- h.revocations.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		told.Wait()
		if err := <-ran; err != nil {
			t.Error(err)
		}
	})
}

func call(t *testing.T, url string, payload string) *line {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), url, &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
	l := &line{t, conn}
	l.say(`{"type":"connection_init","payload":` + payload + `}`)
	return l
}

func (l *line) say(text string) {
	l.t.Helper()
	if err := l.conn.Write(l.t.Context(), websocket.MessageText, []byte(text)); err != nil {
		l.t.Fatal(err)
	}
}

func (l *line) ask(id, query string) {
	l.t.Helper()
	text, _ := json.Marshal(map[string]any{"id": id, "type": "subscribe", "payload": map[string]string{"query": query}})
	l.say(string(text))
}

// hear is the next message, or the code and reason that the socket was closed with.
func (l *line) hear() (text string, closed websocket.CloseError) {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.t.Context(), 20*time.Second)
	defer cancel()
	_, body, err := l.conn.Read(ctx)
	if err != nil && !errors.As(err, &closed) {
		l.t.Fatal(err)
	}
	return string(body), closed
}

func (l *line) expect(parts ...string) string {
	l.t.Helper()
	got, closed := l.hear()
	for _, part := range parts {
		if !strings.Contains(got, part) {
			l.t.Fatalf("got %s %v, want %q in it", got, closed, part)
		}
	}
	return got
}

// until is the first message to come that has all parts: a subscription may tell the same twice.
func (l *line) until(parts ...string) string {
	l.t.Helper()
	for {
		got, closed := l.hear()
		if closed.Code != 0 {
			l.t.Fatalf("it closed with %v, want %q", closed, parts)
		}
		if !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(got, p) }) {
			return got
		}
	}
}

// entered signs somebody in who has a session of their own, and returns it with its bearer.
func (h *house) entered(login string) (accounts.SignedIn, string) {
	h.t.Helper()
	in, err := h.accounts.SignIn(h.t.Context(), accounts.SignIn{Login: login, Password: "a long enough password", UserAgent: "canary agent of " + login})
	if err != nil {
		h.t.Fatal(err)
	}
	return in, `{"Authorization":"Bearer ` + in.Session.AccessToken + `"}`
}

const mySessions = `subscription { sessionsChanged { totalCount edges { node { id current } } } }`

func TestSessionsAreToldAsTheyChange(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ours, theirs := h.distributor("Ромашка"), h.distributor("Василёк")
		h.worker("roma", ours)
		h.worker("vasya", theirs)
		mine, bearer := h.entered("roma")
		l := call(t, h.served(t), bearer)
		l.expect("connection_ack")
		l.ask("s", mySessions)
		l.expect(`"totalCount":1`, gid.Session.Format(mine.Viewer.SessionID), `"current":true`)
		h.entered("vasya") // somebody else's is nothing to tell
		other, _ := h.entered("roma")
		l.until(`"totalCount":2`, gid.Session.Format(other.Viewer.SessionID))
		if err := h.accounts.SignOut(auth.With(t.Context(), other.Viewer)); err != nil {
			t.Fatal(err)
		}
		if got := l.until(`"totalCount":1`); strings.Contains(got, gid.Session.Format(other.Viewer.SessionID)) {
			t.Errorf("got %s, want the ended session gone", got)
		}
	})
}

// TestWhoeverStaysConnectedEndsWith the session or the user, and is told why.
func TestWhoeverStaysConnectedEnds(t *testing.T) {
	for name, end := range map[string]func(h *house, in accounts.SignedIn) error{
		"with the session": func(h *house, in accounts.SignedIn) error {
			return h.accounts.SignOut(auth.With(h.t.Context(), in.Viewer))
		},
		"with all sessions": func(h *house, in accounts.SignedIn) error {
			return h.accounts.SignOutEverywhere(auth.With(h.t.Context(), in.Viewer))
		},
		"with the user": func(h *house, in accounts.SignedIn) error {
			_, err := h.accounts.DisableUser(h.system(), in.Viewer.UserID)
			return err
		},
		"with the password": func(h *house, in accounts.SignedIn) error {
			_, _, err := h.accounts.ResetPassword(h.system(), in.Viewer.UserID)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				h.worker("roma", h.distributor("Ромашка"))
				in, bearer := h.entered("roma")
				url := h.served(t)
				l := call(t, url, bearer)
				l.expect("connection_ack")
				l.ask("s", mySessions)
				l.expect(`"totalCount":1`)
				stream := follow(t, url, in.Session.AccessToken, mySessions)
				if err := end(h, in); err != nil {
					t.Fatal(err)
				}
				for got, closed := l.hear(); ; got, closed = l.hear() {
					if closed.Code != 0 {
						t.Fatalf("it closed with %v, and nobody was told why", closed)
					}
					if strings.Contains(got, `"type":"error"`) {
						if !strings.Contains(got, `"code":"UNAUTHENTICATED"`) {
							t.Errorf("got %s, want UNAUTHENTICATED", got)
						}
						break
					}
				}
				if _, closed := l.hear(); closed.Code != 4401 || closed.Reason != "UNAUTHENTICATED" {
					t.Errorf("got it closed with %v, want 4401", closed)
				}
				rest, err := io.ReadAll(stream)
				if err != nil || !strings.Contains(string(rest), `"code":"UNAUTHENTICATED"`) || !strings.HasSuffix(string(rest), "event: complete\ndata:\n\n") {
					t.Errorf("the stream: got %q, %v, want the reason and its end", rest, err)
				}
				again := call(t, url, bearer)
				if _, closed := again.hear(); closed.Code != 4401 {
					t.Errorf("again: got %v, want 4401", closed)
				}
			})
		})
	}
}

// follow opens a stream of events.
func follow(t *testing.T, url, token, query string) io.Reader {
	t.Helper()
	body, _ := json.Marshal(map[string]string{"query": query})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "text/event-stream")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = answer.Body.Close() })
	if got := answer.Header.Get("Content-Type"); !strings.HasPrefix(got, "text/event-stream") {
		t.Fatalf("got %d %s, want a stream", answer.StatusCode, got)
	}
	return answer.Body
}

func TestAStreamTellsOfSessions(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.admin("boss")
		in, _ := h.entered("boss")
		stream := follow(t, h.served(t), in.Session.AccessToken, mySessions)
		wait := func(part string) {
			t.Helper()
			var all strings.Builder
			for buffer := make([]byte, 4096); !strings.Contains(all.String(), part); {
				n, err := stream.Read(buffer)
				all.Write(buffer[:n])
				if err != nil {
					t.Fatalf("got %q and %v, want %q", all.String(), err, part)
				}
			}
		}
		wait(`"totalCount":1`)
		h.entered("boss")
		wait(`"totalCount":2`)
	})
}

// TestASocketKnowsTheLimitsOfARequest: what is refused over HTTP is refused over a socket, and the socket goes on.
func TestASocketKnowsTheLimitsOfARequest(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.worker("roma", h.distributor("Ромашка"))
		_, bearer := h.entered("roma")
		l := call(t, h.served(t), bearer)
		l.expect("connection_ack")
		for query, code := range map[string]string{
			`{ distributors(first: 100) { edges { node { leads(first: 100) { edges { node { id firstName events(first: 100) { edges { node { id } } } } } } } } } }`: "QUERY_TOO_COMPLEX",
			`{`:           "GRAPHQL_PARSE_FAILED",
			`{ nothing }`: "GRAPHQL_VALIDATION_FAILED",
			`subscription { sessionsChanged(first: -1) { totalCount } }`:                                                               "BAD_REQUEST",
			`subscription { a: sessionsChanged { totalCount } b: sessionsChanged { totalCount } }`:                                     "GRAPHQL_VALIDATION_FAILED",
			`subscription { ...f } fragment f on Subscription { a: sessionsChanged { totalCount } b: sessionsChanged { totalCount } }`: "GRAPHQL_VALIDATION_FAILED",
			`subscription { sessionsChanged @skip(if: true) { totalCount } }`:                                                          "GRAPHQL_VALIDATION_FAILED",
			"subscription { sessionsChanged(first: 100) { edges { node {" + times(60, numbered("a%d: id ")) + "} } } }":                "QUERY_TOO_COMPLEX",
		} {
			l.ask("a", query)
			l.expect(`"code":"` + code + `"`)
			if code == "BAD_REQUEST" {
				l.expect(`"type":"complete"`)
			}
		}
		l.ask("a", `{ users { totalCount } }`)
		l.expect(`"type":"next"`, `"code":"FORBIDDEN"`)
		l.expect(`"type":"complete"`)
		l.ask("b", `mutation { signOut { userErrors { code } } }`)
		for got, closed := l.hear(); closed.Code != 4401; got, closed = l.hear() {
			if closed.Code != 0 {
				t.Fatalf("got %s %v, want 4401 in the end", got, closed)
			}
		}
	})
}

func TestForgedTokensOpenNoSocket(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.admin("boss")
		in, _ := h.entered("boss")
		_, claims, _ := strings.Cut(in.Session.AccessToken, ".")
		url := h.served(t)
		for name, payload := range map[string]string{
			"none":               `{}`,
			"no signature":       `{"Authorization":"Bearer eyJhbGciOiJub25lIn0.` + claims + `"}`,
			"a refresh token":    `{"Authorization":"Bearer ` + in.Session.RefreshToken + `"}`,
			"a key that is none": `{"X-Api-Key":"canary"}`,
			"another scheme":     `{"Authorization":"Basic Ym9zczpib3Nz"}`,
			"no text":            `{"Authorization":["Bearer"]}`,
		} {
			t.Run(name, func(t *testing.T) {
				if got, closed := call(t, url, payload).hear(); closed.Code != 4401 || closed.Reason != "UNAUTHENTICATED" {
					t.Errorf("got %s %v, want it closed with 4401", got, closed)
				}
			})
		}
		t.Run("one that has ended", func(t *testing.T) {
			_, bearer := h.entered("boss")
			now := h.now()
			h.tokens.Now = func() time.Time { return now.Add(time.Hour) }
			defer func() { h.tokens.Now = h.now }()
			if got, closed := call(t, url, bearer).hear(); closed.Code != 4403 || closed.Reason != auth.TokenExpired {
				t.Errorf("got %s %v, want it closed with 4403", got, closed)
			}
		})
	})
}

func TestASubscriptionByPlainHTTPIsRefused(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	admin := h.admin("boss")
	if got := h.ask(admin, mySessions, nil); got.code() != "BAD_REQUEST" || !strings.Contains(got.raw, "WebSocket") {
		t.Errorf("got %s, want to be told how to subscribe", got.raw)
	}
	stranger := follow(t, h.served(t), "", mySessions)
	if got, err := io.ReadAll(stranger); err != nil || !strings.Contains(string(got), `"code":"UNAUTHENTICATED"`) {
		t.Errorf("nobody: got %s, %v, want UNAUTHENTICATED", got, err)
	}
}

// TestRequestsAreCounted for each person, and for each address of those who are nobody.
func TestRequestsAreCounted(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	h.edge.Requests = ratelimit.NewRequests(1, 1, h.now) // 30 and 20 at once
	h.handler = handlerOf(t, h.edge)
	boss, other := h.admin("boss"), h.admin("other")
	count := func(c caller) (passed int) {
		for range 50 {
			got := h.ask(c, `{ __typename }`, nil)
			switch got.code() {
			case "":
				passed++
			case "RATE_LIMITED":
				if !strings.Contains(got.raw, `"retryAfterSeconds":1`) {
					t.Fatalf("got %s, want to be told how long to wait", got.raw)
				}
				return passed
			default:
				t.Fatal(got.raw)
			}
		}
		return passed
	}
	for _, c := range []struct {
		name string
		who  caller
		want int
	}{{"a person", boss, 30}, {"another", other, 30}, {"nobody", caller{}, 20}, {"a forged token is nobody", caller{"Authorization", "Bearer x.y.z"}, 0}} {
		if got := count(c.who); got != c.want {
			t.Errorf("%s: %d requests passed, want %d", c.name, got, c.want)
		}
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/query", strings.NewReader(`{"query":"{ __typename }"}`))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "1" {
		t.Errorf("got %d and Retry-After %q, want 429 and 1", w.Code, w.Header().Get("Retry-After"))
	}
	if got := h.ask(caller{"X-Api-Key", "cbk_unknown"}, `{ __typename }`, nil); got.code() != "RATE_LIMITED" {
		t.Errorf("a key at an address that has nothing left: got %s, want RATE_LIMITED", got.raw)
	}
}
