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
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"channelbook/internal/auth"
	"channelbook/internal/fault"
	"channelbook/internal/ratelimit"
	"channelbook/internal/reqctx"
)

// What one instance keeps open at once.
const (
	maxConnections = 10_000
	maxNameless    = 1_000 // sockets that have not said who they are yet
	maxPerGuest    = 100   // of one person, source, or address that names nobody
)

// Stay is how long somebody may stay connected.
type Stay struct {
	Until time.Time       // when the token ends; the zero time: never
	Ended <-chan struct{} // closed when the session ends; nil: never
	Leave func()          // lets go of what watches the session; nil where nothing does
}

// Connections are the sockets and streams of an instance.
type Connections struct {
	// Identify puts into the context whom headers name. Its error says why they name nobody, and is nil where they try not to.
	Identify func(ctx context.Context, h http.Header) (context.Context, error)
	// Stay tells how long the one whom Identify has named may stay.
	Stay func(ctx context.Context) Stay
	// Parse reads a GraphQL request. Its error is shown to nobody.
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

	mu       sync.Mutex
	guests   map[string]int // connections of each
	open     int
	nameless int
	stopping bool
	stop     chan struct{} // closed by Close
	all      sync.WaitGroup
}

// errStopping ends connections when the server stops.
var errStopping = errors.New("the server is stopping")

// Close ends every connection and waits for them; new ones are refused from then on.
func (c *Connections) Close() {
	c.mu.Lock()
	if !c.stopping {
		c.stopping = true
		close(c.stopped())
	}
	c.mu.Unlock()
	c.all.Wait()
}

// stopped is made with the first connection; c.mu is held.
func (c *Connections) stopped() chan struct{} {
	if c.stop == nil {
		c.stop = make(chan struct{})
	}
	return c.stop
}

// enter counts a connection that has named nobody yet.
func (c *Connections) enter() (leave func(), ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopping || c.open >= maxConnections || c.nameless >= maxNameless {
		return nil, false
	}
	c.open++
	c.nameless++
	c.all.Add(1)
	return func() {
		c.mu.Lock()
		c.open--
		c.nameless--
		c.mu.Unlock()
		c.all.Done()
	}, true
}

// name counts a connection that has entered for whoever it is. It is no longer nameless until it leaves the guest.
func (c *Connections) name(ctx context.Context) (leave func(), ok bool) {
	guest := guestOf(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.guests[guest] >= maxPerGuest {
		return nil, false
	}
	if c.guests == nil {
		c.guests = map[string]int{}
	}
	c.guests[guest]++
	c.nameless--
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.nameless++
		if c.guests[guest]--; c.guests[guest] == 0 {
			delete(c.guests, guest)
		}
	}, true
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
		expiry = time.AfterFunc(stay.Until.Sub(c.Now()), func() { end(auth.ErrTokenExpired()) })
	}
	c.mu.Lock()
	stopped := c.stopped()
	c.mu.Unlock()
	go func() {
		select {
		case <-stay.Ended:
			end(errSessionEnded)
		case <-stopped:
			end(errStopping)
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		end(context.Canceled)
		if expiry != nil {
			expiry.Stop()
		}
		if stay.Leave != nil {
			stay.Leave()
		}
	}
}

var errSessionEnded = fault.New(fault.Unauthenticated, "", "This session has ended. Sign in again.")

func tooMany(message string) *fault.Error {
	return &fault.Error{Kind: fault.RateLimited, Code: string(fault.RateLimited), Message: message, RetryAfter: time.Minute}
}

// oneTooMany is the fault of whoever has maxPerGuest connections already.
func oneTooMany() *fault.Error {
	return tooMany("You have too many connections open. Close some of them.")
}
