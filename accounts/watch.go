package accounts

import (
	"context"
	"sync"
	"time"

	"channelbook/internal/gid"
)

// watch is what all who watch one session wait for.
type watch struct {
	ended    chan struct{}
	watchers int
}

// Watch tells when a session ends: the channel is closed as soon as this instance knows that it did, and for every
// session once the base could not be read for 30 seconds. It is closed already where Revoked is true. stop ends the
// watch, and may be called more than once; it must be called, or the watch stays for as long as the session lives.
// A watch costs no goroutine. Only Run, which must go on meanwhile, learns of what ends elsewhere.
func (r *Revocations) Watch(session gid.ID) (ended <-chan struct{}, stop func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.revoked(session) {
		return over, func() {}
	}
	w := r.watched[session]
	if w == nil {
		w = &watch{ended: make(chan struct{})}
		if r.watched == nil {
			r.watched = map[gid.ID]*watch{}
		}
		r.watched[session] = w
	}
	w.watchers++
	return w.ended, sync.OnceFunc(func() { r.unwatch(session, w) })
}

// over is closed: what is waited for has been.
var over = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
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
		close(w.ended)
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
