package live

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/coder/websocket"
	"golang.org/x/time/rate"

	"channelbook/internal/auth"
	"channelbook/internal/fault"
	"channelbook/internal/reqctx"
)

// protocol is the one subprotocol: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md.
const protocol = "graphql-transport-ws"

// The protocol's close codes, and those of RFC 6455 that are sent besides.
const (
	closeGoingAway     websocket.StatusCode = 1001
	closeTryAgainLater websocket.StatusCode = 1013 // IANA's registry
	closeInvalid       websocket.StatusCode = 4400
	closeUnauthorized  websocket.StatusCode = 4401
	closeForbidden     websocket.StatusCode = 4403 // what clients take for: get another token and come again
	closeSubprotocol   websocket.StatusCode = 4406
	closeInitTimeout   websocket.StatusCode = 4408
	closeDuplicateID   websocket.StatusCode = 4409
	closeTooManyInits  websocket.StatusCode = 4429
)

// Limits of one socket.
type limits struct {
	message      int64         // bytes of one that comes in
	initWithin   time.Duration // from the upgrade to connection_init
	pingEvery    time.Duration
	pongWithin   time.Duration
	writeWithin  time.Duration // whoever does not read is let go
	operations   int           // at once
	closeWithin  time.Duration // from why it ends to its end
	perSecond    rate.Limit    // messages that come in; more wait in the network
	messagesOnce int
}

var ordinary = limits{
	message: 64 << 10, initWithin: 5 * time.Second, pingEvery: 15 * time.Second, pongWithin: 10 * time.Second,
	writeWithin: 10 * time.Second, closeWithin: time.Second, operations: 20, perSecond: 100, messagesOnce: 200,
}

// Socket is the transport over WebSockets.
type Socket struct {
	*Connections
	limits *limits // tests have others; nil: ordinary
}

// Supports tells an upgrade to a WebSocket. Other upgrades, such as the h2c that Java's client asks for by itself, are not
// heeded by anybody (RFC 9110, 7.8).
func (Socket) Supports(r *http.Request) bool { return IsUpgrade(r) }

// IsUpgrade tells whether a request asks for a WebSocket.
func IsUpgrade(r *http.Request) bool {
	for _, line := range r.Header.Values("Upgrade") {
		for name := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(name), "websocket") {
				return true
			}
		}
	}
	return false
}

// Do upgrades the request, waits for the socket to say who it is, and lets it be served beside the request: what that took of
// memory is free again for as long as the socket stays.
func (s Socket) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	leave, ok := s.enter()
	if !ok {
		s.Refuse(w, r, http.StatusServiceUnavailable, tooMany("Too many connections are open here. Try again later."))
		return
	}
	stays := false
	defer func() {
		if !stays {
			leave()
		}
	}()
	in, ok := s.knock(r.Context())
	if !ok {
		s.Refuse(w, r, http.StatusServiceUnavailable, tooMany("Too many sockets that have not begun are open here. Try again later."))
		return
	}
	defer in()
	answer := &handshake{ResponseWriter: w}
	var conn *websocket.Conn
	conn, err := websocket.Accept(answer, r, &websocket.AcceptOptions{
		Subprotocols: []string{protocol}, OriginPatterns: s.Origins,
		OnPingReceived: fewPings(func() { _ = conn.CloseNow() }),
	})
	if err != nil {
		status, message := answer.status, "This is no WebSocket handshake that can be accepted: version 13, by GET."
		if status == http.StatusForbidden {
			message = "Pages of this origin may not open a socket here; CORS_ORIGINS names those that may."
		}
		s.Refuse(w, r, status, fault.Coded(fault.Invalid, "BAD_REQUEST", "", message))
		return
	}
	defer func() {
		if !stays {
			_ = conn.CloseNow()
		}
	}()
	sock := s.socket(conn, exec)
	sock.wire = answer.wire
	if conn.Subprotocol() == "" {
		sock.close(closing{closeSubprotocol, "Subprotocol not acceptable: " + protocol})
		return
	}
	ctx, err := sock.welcome(context.WithoutCancel(r.Context()), r.Header.Values("Authorization"))
	if err != nil {
		sock.close(err)
		return
	}
	unname, ok := s.name(ctx)
	if !ok {
		sock.close(closing{closeTryAgainLater, string(fault.RateLimited)})
		return
	}
	stays = true
	go func() {
		defer leave()
		defer unname()
		sock.serve(ctx)
	}()
}

func (s Socket) socket(conn *websocket.Conn, exec graphql.GraphExecutor) *socket {
	of := s.limits
	if of == nil {
		of = &ordinary
	}
	conn.SetReadLimit(of.message)
	return &socket{
		Connections: s.Connections, limits: of, conn: conn, exec: exec,
		pace: rate.NewLimiter(of.perSecond, of.messagesOnce), running: map[string]*operation{}, dismissed: make(chan struct{}),
	}
}

// fewPings lets ten pings of the client a second through, which no messages are: they are answered where they are read.
func fewPings(cut func()) func(context.Context, []byte) bool {
	pings := rate.NewLimiter(10, 50)
	return func(context.Context, []byte) bool {
		if pings.Allow() {
			return true
		}
		go cut()
		return false
	}
}

// handshake keeps a refusal's text from the client, for one that is written as all others are, and the connection for who has
// to cut it.
type handshake struct {
	http.ResponseWriter
	status int
	wire   net.Conn
}

func (h *handshake) WriteHeader(status int) {
	if status == http.StatusSwitchingProtocols {
		h.ResponseWriter.WriteHeader(status)
		return
	}
	h.status = status
}

func (h *handshake) Write(b []byte) (int, error) { return len(b), nil }

// Hijack hands the connection over.
func (h *handshake) Hijack() (wire net.Conn, rw *bufio.ReadWriter, err error) {
	wire, rw, err = http.NewResponseController(h.ResponseWriter).Hijack()
	h.wire = wire
	return wire, rw, err
}

func (h *handshake) Unwrap() http.ResponseWriter { return h.ResponseWriter }

// socket is one connection.
type socket struct {
	*Connections
	*limits
	conn  *websocket.Conn
	wire  net.Conn // of conn, which waits for its client once it is being closed, and would not be closed otherwise
	exec  graphql.GraphExecutor
	pace  *rate.Limiter
	heart *time.Timer // pings

	dismissed chan struct{} // closed once the client has been told why it ends

	writing    sync.Mutex // one message at a time; held where operation.over is read or set
	mu         sync.Mutex
	running    map[string]*operation // by the client's id
	working    int                   // those that run, also where the client wants no more of them
	operations sync.WaitGroup
}

// message is one of the protocol, either way.
type message struct {
	Type    string          `json:"type"`
	ID      string          `json:"id,omitempty"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// text is the message as it is sent. The payload is JSON already, and long: it is not looked through once more.
func (m message) text() ([]byte, error) {
	head := m
	head.Payload = nil
	text, err := json.Marshal(head)
	if err != nil || len(m.Payload) == 0 {
		return text, err
	}
	text = append(text[:len(text)-1], `,"payload":`...)
	return append(append(text, m.Payload...), '}'), nil
}

// closing ends a connection with a code and a reason, which holds nothing that the client has sent.
type closing struct {
	code   websocket.StatusCode
	reason string
}

func (c closing) Error() string { return fmt.Sprintf("%d %s", c.code, c.reason) }

// serve serves the socket until one side ends it.
func (s *socket) serve(ctx context.Context) {
	defer func() {
		if p := recover(); p != nil { // nothing else would catch it, and the server would end
			s.Log.ErrorContext(ctx, "a socket broke off", "error", fmt.Errorf("panic: %s\n%s", reqctx.Panic(p), debug.Stack()))
		}
		_ = s.conn.CloseNow()
	}()
	defer s.operations.Wait()
	ctx, leave := s.staying(ctx)
	defer leave()
	over := context.AfterFunc(ctx, func() { s.dismiss(ctx) })
	defer over()
	s.heart = time.AfterFunc(time.Hour, func() { s.ping(ctx) })
	s.heart.Reset(s.pingEvery)
	defer s.heart.Stop()
	var err error
	if ctx.Err() == nil {
		err = s.send(message{Type: "connection_ack"})
	}
	if ctx.Err() == nil && err == nil {
		err = s.listen(ctx)
	}
	if ctx.Err() != nil {
		<-s.dismissed
		return
	}
	s.close(err)
}

// welcome waits for connection_init and finds out who it is, by its payload or by the handshake.
func (s *socket) welcome(ctx context.Context, handshake []string) (context.Context, error) {
	late := time.AfterFunc(s.initWithin, func() { s.close(closing{closeInitTimeout, "Connection initialisation timeout"}) })
	defer late.Stop()
	payload, err := s.initialisation(ctx)
	if err != nil {
		return nil, err
	}
	h, err := headersOf(payload, handshake)
	if err != nil {
		return nil, err
	}
	ctx, err = s.Identify(ctx, h)
	if err != nil {
		return nil, refusal(err)
	}
	if _, named := auth.From(ctx); !named {
		return nil, closing{closeUnauthorized, "UNAUTHENTICATED"}
	}
	return ctx, nil
}

// initialisation is the payload of the connection_init that a client begins with; it may send pings before.
func (s *socket) initialisation(ctx context.Context) (json.RawMessage, error) {
	for {
		m, err := s.next(ctx)
		switch {
		case err != nil:
			return nil, err
		case m.Type == "connection_init":
			return m.Payload, nil
		case m.Type == "subscribe":
			return nil, closing{closeUnauthorized, "Unauthorized"}
		case m.Type != "ping":
			return nil, closing{closeInvalid, "Invalid message"}
		}
		if err := s.send(message{Type: "pong", Payload: m.Payload}); err != nil {
			return nil, err
		}
	}
}

// refusal is how a socket ends whose guest may not stay: the reason is the fault's code. A token that has ended is
// Forbidden, which clients of the protocol take for a reason to come again with another one; Unauthorized they do not.
func refusal(err error) error {
	faults, ok := fault.All(err)
	switch {
	case !ok:
		return err
	case faults[0].Code == auth.TokenExpired:
		return closing{closeForbidden, auth.TokenExpired}
	case faults[0].Kind == fault.RateLimited:
		return closing{closeTryAgainLater, faults[0].Code}
	}
	return closing{closeUnauthorized, faults[0].Code}
}

// headersOf is the Authorization of a connection_init payload, else that of the handshake. A lead source has no socket: its
// key is looked up with each request, and ends with the next.
func headersOf(payload json.RawMessage, handshake []string) (http.Header, error) {
	var sent map[string]json.RawMessage
	if len(payload) > 0 && json.Unmarshal(payload, &sent) != nil {
		return nil, closing{closeInvalid, "Invalid message"}
	}
	h := http.Header{"Authorization": handshake}
	for key, value := range sent {
		var text string
		if strings.EqualFold(key, "Authorization") && json.Unmarshal(value, &text) == nil {
			h.Set("Authorization", text)
		}
	}
	return h, nil
}

// listen reads until the connection ends, and returns why.
func (s *socket) listen(ctx context.Context) error {
	for {
		m, err := s.next(ctx)
		if err != nil {
			return err
		}
		switch m.Type {
		case "connection_init":
			return closing{closeTooManyInits, "Too many initialisation requests"}
		case "subscribe":
			err = s.subscribe(ctx, m)
		case "complete":
			s.completed(m.ID)
		case "ping":
			err = s.send(message{Type: "pong", Payload: m.Payload})
		case "pong":
		default:
			return closing{closeInvalid, "Invalid message"}
		}
		if err != nil {
			return err
		}
	}
}

// next reads a message. Those that come too fast wait in the network, where they take none of our memory.
func (s *socket) next(ctx context.Context) (m message, err error) {
	if err := s.pace.Wait(ctx); err != nil {
		return m, err
	}
	kind, body, err := s.conn.Read(context.WithoutCancel(ctx)) // a context that ends would cut the socket before it is told why
	if err == nil {
		err = context.Cause(ctx) // what came meanwhile comes too late
	}
	if err != nil {
		return m, err
	}
	if kind != websocket.MessageText || strictly(body, &m) != nil {
		return m, closing{closeInvalid, "Invalid message"}
	}
	return m, nil
}

// strictly decodes one JSON value that is all there is.
func strictly(body []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more after it")
	}
	return nil
}

func (s *socket) send(m message) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	return s.write(m)
}

// write sends a message. The connection is cut where it cannot be written in time.
func (s *socket) write(m message) error {
	body, err := m.text()
	if err != nil {
		return fmt.Errorf("write a message: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), s.writeWithin)
	defer cancel()
	return s.conn.Write(ctx, websocket.MessageText, body)
}

// ping asks whether anybody is there, and cuts the connection where nobody answers: a browser answers by itself.
func (s *socket) ping(ctx context.Context) {
	within, cancel := context.WithTimeout(ctx, s.pongWithin)
	defer cancel()
	if err := s.conn.Ping(within); err != nil {
		if ctx.Err() == nil {
			_ = s.conn.CloseNow()
		}
		return
	}
	s.heart.Reset(s.pingEvery)
}

// dismiss tells each operation why it ends, then closes. It does not wait for a client that does not read.
func (s *socket) dismiss(ctx context.Context) {
	defer close(s.dismissed)
	why := context.Cause(ctx)
	if errors.Is(why, context.Canceled) {
		return // it has ended already
	}
	cut := time.AfterFunc(s.closeWithin, func() { _ = s.conn.CloseNow() })
	defer cut.Stop()
	if errors.Is(why, errStopping) {
		s.close(closing{closeGoingAway, "The server is stopping"})
		return
	}
	s.writing.Lock() // what is no more running by now has been told of its end
	s.mu.Lock()
	running := slices.Collect(maps.Values(s.running))
	s.mu.Unlock()
	s.writing.Unlock()
	for _, o := range running {
		s.fail(ctx, o, why)
	}
	s.close(refusal(why))
}

// close ends the connection with what err says, where it is for the client to know, who has closeWithin to hear it.
func (s *socket) close(err error) {
	var c closing
	if !errors.As(err, &c) {
		_ = s.conn.CloseNow()
		return
	}
	cut := time.AfterFunc(s.closeWithin, func() { _ = s.wire.Close() })
	defer cut.Stop()
	_ = s.conn.Close(c.code, c.reason) // whoever has left needs no reason
}
