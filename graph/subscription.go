package graph

import (
	"context"
	"fmt"
	"time"

	"channelbook/internal/reqctx"
)

// soonest is how soon an event of a subscription follows another: whoever makes many changes makes few events.
const soonest = time.Second

// anew is a subscription to what read tells: at once, and each time that it has changed, until ctx ends. Who is slow to take
// one misses those between, and gets the last. Where it cannot be read any more the subscription ends, for the client to begin
// again; the first time the error is the client's to see.
func anew[T any](ctx context.Context, r *Resolver, changed <-chan struct{}, read func(ctx context.Context) (T, error)) (<-chan T, error) {
	first, err := read(ctx)
	if err != nil {
		return nil, err
	}
	out := make(chan T, 1)
	out <- first
	go func() {
		defer close(out)
		for wait := soonest; ; {
			select {
			case <-ctx.Done():
				return
			case <-time.After(wait):
			}
			select {
			case <-ctx.Done():
				return
			case <-changed:
			}
			next, err := safely(ctx, read)
			if err != nil {
				if ctx.Err() == nil {
					r.Log.ErrorContext(ctx, "a subscription could not go on", "error", err)
				}
				return
			}
			select {
			case <-ctx.Done():
				return
			case out <- next:
			}
		}
	}()
	return out, nil
}

// safely reads within the time of an operation. A panic is an error: nothing else in its goroutine would catch it, and the
// server would end.
func safely[T any](ctx context.Context, read func(ctx context.Context) (T, error)) (v T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", reqctx.Panic(p))
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	return read(ctx)
}
