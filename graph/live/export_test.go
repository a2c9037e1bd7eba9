package live

import "time"

// Hasty are limits for tests that wait for one to be reached.
func Hasty() *limits {
	hasty := ordinary
	hasty.initWithin, hasty.pingEvery, hasty.pongWithin, hasty.writeWithin = 200*time.Millisecond, 50*time.Millisecond, 100*time.Millisecond, 300*time.Millisecond
	return &hasty
}

// Within gives a transport other limits.
func (s Socket) Within(l *limits) Socket {
	s.limits = l
	return s
}

// Within gives a transport other limits.
func (s Stream) Within(l *limits) Stream {
	s.limits = l
	return s
}

// The bounds of all connections.
const (
	MaxNamelessThere = maxNamelessThere
	MaxPerGuest      = maxPerGuest
	MaxSubscriptions = maxSubscriptions
	MaxOperations    = 20
)

// Idle tells whether nobody is counted any more.
func (c *Connections) Idle() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.open == 0 && c.nameless == 0 && len(c.namelessThere)+len(c.guests)+len(c.subscriptions) == 0
}
