package graph

import (
	"context"
	"time"

	"channelbook/graph/model"
	"channelbook/internal/gid"
	"channelbook/leads/watch"
)

// leadsAtOnce is how many leads that have changed are read by one statement.
const leadsAtOnce = 100

// changedLeads brings leads that have changed to a subscription, as they stand then, until ctx ends: the first at once, and
// what changes meanwhile at most once a second. Where the base cannot be read they wait.
func (r *Resolver) changedLeads(ctx context.Context, watcher *watch.Watcher) <-chan *model.Lead {
	out := make(chan *model.Lead)
	go func() {
		defer close(out)
		defer watcher.Leave()
		failed := false
		for {
			select {
			case <-ctx.Done():
				return
			case <-watcher.Changed():
			}
			err := r.tellChanged(ctx, watcher, out)
			if err != nil && !failed && ctx.Err() == nil {
				r.Log.ErrorContext(ctx, "leads that have changed cannot be read; it is tried again", "error", err)
			}
			failed = err != nil
			select {
			case <-ctx.Done():
				return
			case <-time.After(soonest):
			}
		}
	}()
	return out
}

// tellChanged tells what has changed so far. What the viewer sees no more is not told; what could not be read waits for the next
// time.
func (r *Resolver) tellChanged(ctx context.Context, watcher *watch.Watcher, out chan<- *model.Lead) error {
	ids := watcher.Take()
	for len(ids) > 0 {
		some := ids[:min(leadsAtOnce, len(ids))]
		leads, err := safely(ctx, func(ctx context.Context) (map[gid.ID]*model.Lead, error) { return r.Read.ChangedLeads(ctx, some) })
		if err != nil {
			watcher.Return(ids)
			return err
		}
		n, err := tellSome(ctx, some, leads, out)
		if err != nil {
			return err
		}
		ids = ids[n:]
		if n < len(some) {
			watcher.Return(ids)
			return nil
		}
	}
	return nil
}

// tellSome tells of the ids that are among leads, and how far it came: where the client is slow the rest may have changed since
// it was read, or have left the viewer's sight.
func tellSome(ctx context.Context, ids []gid.ID, leads map[gid.ID]*model.Lead, out chan<- *model.Lead) (n int, err error) {
	read := time.Now()
	for i, id := range ids {
		lead := leads[id]
		if lead == nil {
			continue
		}
		if time.Since(read) > soonest {
			return i, nil
		}
		select {
		case <-ctx.Done():
			return i, context.Cause(ctx)
		case out <- lead:
		}
	}
	return len(ids), nil
}
