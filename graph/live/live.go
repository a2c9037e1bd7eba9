// Package live serves GraphQL operations to whoever stays connected: over a WebSocket by the graphql-transport-ws protocol
// (socket.go, operation.go) and as server-sent events (stream.go). Read Connections first: it bounds them all, and ends each
// with the token, the session or the server.
//
// gqlgen has transports for both. These are ours because theirs cannot close with the protocol's codes, tell a client why
// before its socket closes, or let go of one that does not read (docs/adr/0005-live-transports.md).
package live

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"channelbook/accounts"
	"channelbook/internal/auth"
	"channelbook/internal/fault"
	"channelbook/internal/metrics"
	"channelbook/internal/ratelimit"
	"channelbook/internal/reqctx"
)

// What one instance keeps open at once.
const (
	maxConnections   = 10_000
	maxNameless      = 1_000 // sockets that have not said who they are yet
	maxNamelessThere = 50    // of these, from one address
	maxPerGuest      = 100   // of one person, source, or address that names nobody
	maxSubscriptions = 50    // of the same: each event is work that nobody asks for anew
)

// Stay is how long somebody may stay connected.
type Stay struct {
	Until   time.Time       // when the token ends; the zero time: never
	Session context.Context // ends with the session; nil: never
	Leave   func()          // lets go of what watches the session; nil where nothing does
}

// Connections are the sockets and streams of an instance.
type Connections struct {
	// Identify puts into the context whom headers name. Its error says why they name nobody, and is nil where they try not to.
	Identify func(ctx context.Context, h http.Header) (context.Context, error)
	// Stay tells how long the one whom Identify has named may stay.
	Stay func(ctx context.Context) Stay
	// Parse reads a GraphQL request. Its error is a fault that names no part of it.
	Parse func(body []byte) (graphql.RawParams, error)
	// Begin makes the context of one operation, which came as body.
	Begin func(ctx context.Context, body []byte) context.Context
	// Charge counts an operation. Its fault is RateLimited.
	Charge func(ctx context.Context) error
	// Refuse answers a request that becomes no connection.
	Refuse func(w http.ResponseWriter, r *http.Request, status int, f *fault.Error)
	// Origins are those whose pages may open a socket, besides the server's own.
	Origins []string
	Now     func() time.Time
	Log     *slog.Logger
	Metrics *metrics.Live // nil: nobody counts

	mu            sync.Mutex
	guests        map[string]int // connections of each
	subscriptions map[string]int // likewise
	open          int
	nameless      int
	namelessThere map[string]int // by address
	stopping      bool
	serving       context.Context    // ends with Close
	stop          context.CancelFunc // of serving
	all           sync.WaitGroup
}

// errStopping ends connections when the server stops.
var errStopping = errors.New("the server is stopping")

// Close ends every connection and waits for them; new ones are refused from then on.
func (c *Connections) Close() {
	c.mu.Lock()
	c.stopping = true
	c.served()
	c.stop()
	c.mu.Unlock()
	c.all.Wait()
}

// served is serving, which is made with the first connection; c.mu is held.
func (c *Connections) served() context.Context {
	if c.serving == nil {
		c.serving, c.stop = context.WithCancel(context.Background())
	}
	return c.serving
}

// enter counts a connection.
func (c *Connections) enter() (leave func(), ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopping || c.open >= maxConnections {
		return nil, false
	}
	c.open++
	c.all.Add(1)
	closed := c.Metrics.Connected()
	return func() {
		closed()
		c.mu.Lock()
		c.open--
		c.mu.Unlock()
		c.all.Done()
	}, true
}

// knock counts a socket until it has said who it is, or is let go.
func (c *Connections) knock(ctx context.Context) (in func(), ok bool) {
	there := ratelimit.Address(reqctx.RemoteAddr(ctx))
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.nameless >= maxNameless || c.namelessThere[there] >= maxNamelessThere {
		return nil, false
	}
	c.nameless++
	one := count(&c.namelessThere, there)
	return sync.OnceFunc(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.nameless--
		one()
	}), true
}

// name counts a connection for whoever it is.
func (c *Connections) name(ctx context.Context) (leave func(), ok bool) {
	return c.countFor(ctx, &c.guests, maxPerGuest)
}

// subscribes counts a subscription for whoever it is.
func (c *Connections) subscribes(ctx context.Context) (leave func(), ok bool) {
	uncount, ok := c.countFor(ctx, &c.subscriptions, maxSubscriptions)
	if !ok {
		return nil, false
	}
	ended := c.Metrics.Subscribed()
	return func() { ended(); uncount() }, true
}

func (c *Connections) countFor(ctx context.Context, of *map[string]int, most int) (leave func(), ok bool) {
	guest := guestOf(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	if (*of)[guest] >= most {
		return nil, false
	}
	one := count(of, guest)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		one()
	}, true
}

// count adds one to a key, and takes it back.
func count(of *map[string]int, key string) (back func()) {
	if *of == nil {
		*of = map[string]int{}
	}
	(*of)[key]++
	return func() {
		if (*of)[key]--; (*of)[key] == 0 {
			delete(*of, key)
		}
	}
}

func guestOf(ctx context.Context) string {
	switch v, _ := auth.From(ctx); {
	case !v.UserID.IsZero():
		return "user " + v.UserID.String()
	case !v.SourceID.IsZero():
		return "source " + v.SourceID.String()
	}
	return "address " + ratelimit.Address(reqctx.RemoteAddr(ctx))
}

// staying is a context that ends with the guest's token, its session or the server; its cause is the fault to tell, or
// errStopping. leave is called when the connection is over.
func (c *Connections) staying(ctx context.Context) (_ context.Context, leave func()) {
	ctx, end := context.WithCancelCause(ctx)
	stay := c.Stay(ctx)
	var expiry *time.Timer
	if !stay.Until.IsZero() {
		left := stay.Until.Sub(c.Now())
		if left <= 0 { // requests are given some leeway for clocks, which is not worth a connection
			end(auth.ErrTokenExpired())
		}
		expiry = time.AfterFunc(left, func() { end(auth.ErrTokenExpired()) })
	}
	c.mu.Lock()
	serving := c.served()
	c.mu.Unlock()
	unbind := []func() bool{context.AfterFunc(serving, func() { end(errStopping) })} // which costs no goroutine until it ends
	if stay.Session != nil {
		unbind = append(unbind, context.AfterFunc(stay.Session, func() { end(accounts.ErrSessionEnded()) }))
	}
	return ctx, func() {
		end(context.Canceled)
		for _, undo := range unbind {
			undo()
		}
		if expiry != nil {
			expiry.Stop()
		}
		if stay.Leave != nil {
			stay.Leave()
		}
	}
}

func tooMany(message string) *fault.Error {
	return fault.New(fault.RateLimited, "", message) // with no time to wait: something has to be closed first
}

// oneTooMany is the fault of whoever has maxPerGuest connections already.
func oneTooMany() *fault.Error {
	return tooMany("You have too many connections open. Close some of them.")
}

// oneSubscriptionTooMany is the fault of whoever has maxSubscriptions.
func oneSubscriptionTooMany() *fault.Error {
	return tooMany(fmt.Sprintf("You have %d subscriptions already. End some of them.", maxSubscriptions))
}
