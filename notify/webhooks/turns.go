package webhooks

import (
	"sync"
	"time"

	"channelbook/internal/gid"
)

// atOnce is how many events go to one webhook at once, from each instance: one that answers slowly leaves room for the others.
const atOnce = 2

const (
	// shortestTurn and longestTurn bound how far apart events are put that wait for their turn.
	shortestTurn = 10 * time.Millisecond
	longestTurn  = callWithin / atOnce
	// longestWait is how far ahead a turn is given at most.
	longestWait = 10 * time.Minute
)

// turns are who is called just now. What finds no room is told when to come again: one after another, at the pace at which the
// webhook has last answered, so that a thousand that wait for a slow one are not asked for again and again.
type turns struct {
	mu sync.Mutex
	of map[gid.ID]*turn
}

type turn struct {
	running int
	each    time.Duration
	next    time.Time
}

// enter takes a turn until leave is called, or tells how long to wait for one.
func (t *turns) enter(hook gid.ID) (leave func(), wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.of == nil {
		t.of = map[gid.ID]*turn{}
	}
	of := t.of[hook]
	if of == nil {
		of = &turn{each: shortestTurn}
		t.of[hook] = of
	}
	now := time.Now()
	if of.running >= atOnce {
		if of.next.Before(now) {
			of.next = now
		}
		of.next = of.next.Add(of.each)
		if limit := now.Add(longestWait); of.next.After(limit) {
			of.next = limit
		}
		return nil, of.next.Sub(now)
	}
	of.running++
	return func() { t.leave(of, time.Since(now)) }, 0
}

func (t *turns) leave(of *turn, took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	of.running--
	of.each = min(max(took/atOnce, shortestTurn), longestTurn)
}
