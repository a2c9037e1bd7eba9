package live_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/coder/websocket"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"channelbook/graph/live"
	"channelbook/internal/auth"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/internal/reqctx"
)

// counting is a schema to stay connected for: ticks comes as often as something is sent to it.
type counting struct {
	ticks   chan string
	running atomic.Int64 // subscriptions that run
	begun   atomic.Int64
	stopped atomic.Int64 // mutations whose context has ended; they go on
}

var schema = gqlparser.MustLoadSchema(&ast.Source{Input: `type Query { one: Int! panics: Int! } type Mutation { waits: Int! } type Subscription { ticks: String! }`})

func (*counting) Schema() *ast.Schema { return schema }

func (*counting) Complexity(context.Context, string, string, int, map[string]any) (int, bool) {
	return 0, false
}

func (c *counting) Exec(ctx context.Context) graphql.ResponseHandler {
	switch graphql.GetOperationContext(ctx).Operation.SelectionSet[0].(*ast.Field).Name {
	case "one":
		return graphql.OneShot(&graphql.Response{Data: []byte(`{"one":1}`)})
	case "panics":
		panic("canary in a panic")
	case "waits":
		c.begun.Add(1)
		context.AfterFunc(ctx, func() { c.stopped.Add(1) })
		select {
		case text := <-c.ticks:
			return graphql.OneShot(&graphql.Response{Data: []byte(`{"waits":"` + text + `"}`)})
		case <-time.After(time.Minute): // a test that fails leaves it waiting, and its server waits for it
			return graphql.OneShot(&graphql.Response{Data: []byte(`{"waits":"in vain"}`)})
		}
	}
	c.begun.Add(1)
	c.running.Add(1)
	context.AfterFunc(ctx, func() { c.running.Add(-1) })
	return func(ctx context.Context) *graphql.Response {
		select {
		case text := <-c.ticks:
			return &graphql.Response{Data: []byte(`{"ticks":"` + text + `"}`)}
		case <-ctx.Done():
			return nil
		}
	}
}

// place is a server of connections.
type place struct {
	t           *testing.T
	schema      *counting
	connections *live.Connections
	url         string
	until       time.Time
	session     context.Context
	endSession  context.CancelFunc
	limited     atomic.Bool  // Charge refuses
	remote      atomic.Value // the address that requests come from
	mu          sync.Mutex
	left        int // watches of sessions that were let go of
}

// open serves connections; hasty ones reach their limits soon.
func open(t *testing.T, hasty bool) *place {
	t.Helper()
	p := &place{t: t, schema: &counting{ticks: make(chan string)}}
	p.session, p.endSession = context.WithCancel(context.WithoutCancel(t.Context()))
	t.Cleanup(p.endSession)
	p.connections = &live.Connections{
		Identify: p.identify, Stay: p.stay, Now: time.Now, Log: dbtest.Log(t), Origins: []string{"https://app.example.ru"},
		Parse: func(body []byte) (params graphql.RawParams, err error) {
			if json.Unmarshal(body, &params) != nil {
				err = fault.Coded(fault.Invalid, "BAD_REQUEST", "", "This is no request.")
			}
			return params, err
		},
		Begin: func(ctx context.Context, _ []byte) context.Context { return ctx },
		Charge: func(context.Context) error {
			if p.limited.Load() {
				return &fault.Error{Kind: fault.RateLimited, Code: "RATE_LIMITED", Message: "Slower."}
			}
			return nil
		},
		Refuse: func(w http.ResponseWriter, _ *http.Request, status int, f *fault.Error) {
			http.Error(w, f.Code+" "+f.Message, status)
		},
	}
	srv := handler.New(p.schema)
	socket := live.Socket{Connections: p.connections}
	stream := live.Stream{Connections: p.connections, Wanted: func(r *http.Request) bool { return r.Header.Get("Accept") == "text/event-stream" }}
	if hasty {
		socket, stream = socket.Within(live.Hasty()), stream.Within(live.Hasty())
	}
	srv.AddTransport(socket)
	srv.AddTransport(stream)
	srv.SetRecoverFunc(func(_ context.Context, p any) error { return errors.New("INTERNAL") })
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		remote, _ := p.remote.Load().(string)
		r = r.WithContext(reqctx.With(r.Context(), reqctx.Request{RemoteAddr: remote}))
		if r.Header.Get("Authorization") != "" {
			ctx, err := p.identify(r.Context(), r.Header)
			if err == nil {
				r = r.WithContext(ctx)
			}
		}
		srv.ServeHTTP(w, r)
	})
	server := httptest.NewUnstartedServer(h)
	server.Config.ReadTimeout = time.Second
	server.Start()
	t.Cleanup(server.Close)
	t.Cleanup(p.connections.Close)
	p.url = server.URL
	return p
}

func (p *place) identify(ctx context.Context, h http.Header) (context.Context, error) {
	switch h.Get("Authorization") {
	case "good":
		return auth.With(ctx, auth.Viewer{Role: auth.Admin, UserID: person, SessionID: gid.New()}), nil
	case "old":
		return ctx, auth.ErrTokenExpired()
	case "":
		return ctx, nil
	}
	return ctx, fault.New(fault.Unauthenticated, "", "No.")
}

func (p *place) stay(context.Context) live.Stay {
	return live.Stay{Until: p.until, Session: p.session, Leave: func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.left++
	}}
}

// client is one end of a socket.
type client struct {
	t    *testing.T
	conn *websocket.Conn
}

func (p *place) dial(protocols ...string) *client {
	p.t.Helper()
	if protocols == nil {
		protocols = []string{"graphql-transport-ws"}
	}
	conn, _, err := websocket.Dial(p.t.Context(), p.url, &websocket.DialOptions{Subprotocols: protocols})
	if err != nil {
		p.t.Fatal(err)
	}
	conn.SetReadLimit(-1)
	p.t.Cleanup(func() { _ = conn.CloseNow() })
	return &client{p.t, conn}
}

// signedIn is a socket whose guest is known.
func (p *place) signedIn() *client {
	p.t.Helper()
	c := p.dial()
	c.say(`{"type":"connection_init","payload":{"Authorization":"good"}}`)
	c.expect(`{"type":"connection_ack"}`)
	return c
}

func (c *client) say(text string) {
	c.t.Helper()
	if err := c.conn.Write(c.t.Context(), websocket.MessageText, []byte(text)); err != nil {
		c.t.Fatal(err)
	}
}

// hear is the next message, or how the socket was closed.
func (c *client) hear() (string, websocket.CloseError) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 10*time.Second)
	defer cancel()
	_, body, err := c.conn.Read(ctx)
	var closed websocket.CloseError
	if err != nil && !errors.As(err, &closed) {
		closed.Reason = err.Error()
	}
	return string(body), closed
}

func (c *client) expect(want string) {
	c.t.Helper()
	got, closed := c.hear()
	if got != want {
		c.t.Fatalf("got %s %v, want %s", got, closed, want)
	}
}

func (c *client) expectClosed(code int, reason string) {
	c.t.Helper()
	got, closed := c.hear()
	if got != "" || int(closed.Code) != code || closed.Reason != reason {
		c.t.Fatalf("got %q %v, want it closed with %d %s", got, closed, code, reason)
	}
}

// eventually waits for something that comes about beside the test.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s did not come about", what)
		}
	}
}

var person = gid.New()

const subscribe = `{"id":"%s","type":"subscribe","payload":{"query":"subscription { ticks }"}}`

// stream opens server-sent events; they are read up to the end of the answer.
func (p *place) stream(ctx context.Context, query string) (*http.Response, error) {
	body, _ := json.Marshal(map[string]string{"query": query})
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, strings.NewReader(string(body)))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "text/event-stream")
	r.Header.Set("Authorization", "good")
	return http.DefaultClient.Do(r)
}

// text is what a stream says, up to the first time that it holds until; all of it where that is empty.
func text(t *testing.T, from io.Reader, until string) string {
	t.Helper()
	if until == "" {
		whole, err := io.ReadAll(from)
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatal(err)
		}
		return string(whole)
	}
	var all strings.Builder
	buffer := make([]byte, 4096)
	for !strings.Contains(all.String(), until) {
		n, err := from.Read(buffer)
		all.Write(buffer[:n])
		if err != nil && !strings.Contains(all.String(), until) {
			t.Fatalf("got %q and %v, want %q", all.String(), err, until)
		}
	}
	return all.String()
}
