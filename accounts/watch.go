package accounts

import (
	"context"
	"sync"
	"time"

	"channelbook/internal/gid"
)

// watch is what all who watch one session wait for.
type watch struct {
	session  context.Context
	end      context.CancelFunc
	watchers int
}

// Watch is a context that ends with a session: as soon as this instance knows that it did, and for every session once the
// base could not be read for 30 seconds. It has ended already where Revoked is true. stop ends the watch and not the context,
// and may be called more than once; it must be called, or the watch stays for as long as the session lives.
// A watch costs no goroutine. Only Run, which must go on meanwhile, learns of what ends elsewhere.
func (r *Revocations) Watch(session gid.ID) (live context.Context, stop func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.revoked(session) {
		return over, func() {}
	}
	w := r.watched[session]
	if w == nil {
		w = &watch{}
		w.session, w.end = context.WithCancel(context.Background())
		if r.watched == nil {
			r.watched = map[gid.ID]*watch{}
		}
		r.watched[session] = w
	}
	w.watchers++
	return w.session, sync.OnceFunc(func() { r.unwatch(session, w) })
}

// over has ended: what is waited for has been.
var over = func() context.Context {
	ctx, end := context.WithCancel(context.Background())
	end()
	return ctx
}()

func (r *Revocations) unwatch(session gid.ID, w *watch) {
	r.mu.Lock()
	defer r.mu.Unlock()
	w.watchers--
	if w.watchers == 0 && r.watched[session] == w {
		delete(r.watched, session)
	}
}

// tell ends the watches of a session; under the lock.
func (r *Revocations) tell(session gid.ID) {
	if w := r.watched[session]; w != nil {
		delete(r.watched, session)
		w.end()
	}
}

// doubt ends all watches where the base could not be read for too long, until ctx ends. It does not wait for a
// reading that hangs.
func (r *Revocations) doubt(ctx context.Context) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			r.tellAllInDoubt()
		}
	}
}

func (r *Revocations) tellAllInDoubt() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.inDoubt() {
		return
	}
	for session := range r.watched {
		r.tell(session)
	}
}
