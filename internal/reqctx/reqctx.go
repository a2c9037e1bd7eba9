// Package reqctx carries what is known of the request being answered: the edge puts it into the context, logs, the
// intake log and sessions read it.
package reqctx

import "context"

// Request is what is known of it. A field is empty where it is not known, as in work of the server's own.
type Request struct {
	ID         string // stands in the log and in answers
	RemoteAddr string // the client's address, without a port, in its shortest form
	UserAgent  string // cut to a length that can be stored
}

type key struct{}

// With puts a request into the context.
func With(ctx context.Context, r Request) context.Context {
	return context.WithValue(ctx, key{}, r)
}

// From is the context's request; the zero one where there is none.
func From(ctx context.Context) Request {
	r, _ := ctx.Value(key{}).(Request)
	return r
}

// RequestID is the id of the context's request.
func RequestID(ctx context.Context) string { return From(ctx).ID }

// RemoteAddr is the address of its client.
func RemoteAddr(ctx context.Context) string { return From(ctx).RemoteAddr }

// UserAgent is how its client calls itself.
func UserAgent(ctx context.Context) string { return From(ctx).UserAgent }
