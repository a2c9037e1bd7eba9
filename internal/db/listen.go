package db

import (
	"slices"
	"sync"
)

// Listen wakes its caller whenever a transaction that notified channel has committed, on whichever instance, or one that
// rang it on this instance. A wake-up says that there may be something to read and nothing more: several become one, and
// there are more than there were causes, after the connection to PostgreSQL was lost for one. stop ends it; wake is never
// closed.
func (d *DB) Listen(channel string) (wake <-chan struct{}, stop func()) {
	wake, stop = d.bells.add(channel)
	d.origin.listen()
	return wake, stop
}

// bells are those who listen on one DB, by channel.
type bells struct {
	mu        sync.Mutex
	listeners map[string][]chan struct{}
	// ringNear wakes the listeners of channels in this process: of this DB, and, where the engine has no notifications of
	// its own, of every DB that is open on the same base.
	ringNear func(channels []string)
}

func newBells() *bells {
	b := &bells{listeners: map[string][]chan struct{}{}}
	b.ringNear = func(channels []string) {
		for _, channel := range channels {
			b.ring(channel)
		}
	}
	return b
}

func (b *bells) add(channel string) (wake <-chan struct{}, stop func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	bell := make(chan struct{}, 1)
	b.listeners[channel] = append(b.listeners[channel], bell)
	return bell, func() { b.remove(channel, bell) }
}

func (b *bells) remove(channel string, bell chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.listeners[channel] = slices.DeleteFunc(b.listeners[channel], func(c chan struct{}) bool { return c == bell })
}

// ring wakes the listeners of a channel. It never waits: one that has not answered its last wake-up yet will.
func (b *bells) ring(channel string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, bell := range b.listeners[channel] {
		select {
		case bell <- struct{}{}:
		default:
		}
	}
}

func (b *bells) ringAll() {
	for _, channel := range b.channels() {
		b.ring(channel)
	}
}

func (b *bells) channels() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := make([]string, 0, len(b.listeners))
	for channel := range b.listeners {
		all = append(all, channel)
	}
	return all
}
