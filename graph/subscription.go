package graph

import "context"

// anew is a subscription to what read tells: at once, and each time that it has changed, until ctx ends. Who is slow to take
// one misses those between, and gets the last. Where it cannot be read any more the subscription ends, for the client to begin
// again; the first time the error is the client's to see.
func anew[T any](ctx context.Context, r *Resolver, changed <-chan struct{}, read func() (T, error)) (<-chan T, error) {
	first, err := read()
	if err != nil {
		return nil, err
	}
	out := make(chan T, 1)
	out <- first
	go func() {
		defer close(out)
		for {
			select {
			case <-ctx.Done():
				return
			case <-changed:
			}
			next, err := read()
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
