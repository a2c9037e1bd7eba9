// Package ratelimit bounds how often somebody may do a thing on this instance. It guards against load: what guards a
// secret is counted in the base, for all instances (accounts).
package ratelimit

import (
	"net/netip"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"channelbook/internal/fault"
)

// remembered is how many of those who came last have their count. Whoever is forgotten begins anew, which takes an
// attacker as many addresses.
const remembered = 10_000

// Limiter counts for each key apart. The nil Limiter limits nothing.
type Limiter struct {
	limit   rate.Limit
	burst   int
	now     func() time.Time
	refusal string

	mu   sync.Mutex
	keys *lru.Cache[string, *rate.Limiter]
}

// New allows each key burst times at once, and perSecond times a second in the long run. refusal is the sentence of the
// fault. A rate of zero is no limit.
func New(perSecond float64, burst int, now func() time.Time, refusal string) *Limiter {
	if perSecond == 0 {
		return nil
	}
	keys, err := lru.New[string, *rate.Limiter](remembered)
	if err != nil {
		panic(err) // only for a size that is not positive
	}
	return &Limiter{limit: rate.Limit(perSecond), burst: burst, now: now, refusal: refusal, keys: keys}
}

// Take counts one time of a key. Beyond the limit it counts nothing and returns a fault of kind RateLimited with the time
// to wait.
func (l *Limiter) Take(key string) error { return l.at(key, 1) }

// Full is the fault of Take where the next one would be beyond the limit. It counts nothing.
func (l *Limiter) Full(key string) error {
	if l == nil {
		return nil
	}
	now, counted := l.now(), l.of(key)
	if missing := 1 - counted.TokensAt(now); missing > 0 {
		return l.refuse(time.Duration(missing / float64(l.limit) * float64(time.Second)))
	}
	return nil
}

func (l *Limiter) at(key string, n int) error {
	if l == nil {
		return nil
	}
	now := l.now()
	reservation := l.of(key).ReserveN(now, n)
	if wait := reservation.DelayFrom(now); wait > 0 {
		reservation.CancelAt(now)
		return l.refuse(wait)
	}
	return nil
}

func (l *Limiter) refuse(wait time.Duration) error {
	return &fault.Error{Kind: fault.RateLimited, Code: string(fault.RateLimited), Message: l.refusal, RetryAfter: wait}
}

func (l *Limiter) of(key string) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	known, ok := l.keys.Get(key)
	if !ok {
		known = rate.NewLimiter(l.limit, l.burst)
		l.keys.Add(key, known)
	}
	return known
}

// Address is the key of a client's address, as reqctx has it: an IPv6 address counts with its /64, which is what one
// subscriber gets (RFC 6177). Whoever has none, as on a Unix socket, is one.
func Address(remote string) string {
	a, err := netip.ParseAddr(remote)
	if err != nil {
		return remote
	}
	if a = a.Unmap().WithZone(""); a.Is4() {
		return a.String()
	}
	return netip.PrefixFrom(a, 64).Masked().String()
}

// Block is the /48 that an IPv6 address belongs to, the most that a customer usually gets (RFC 6177); false for others.
func Block(remote string) (block string, ok bool) {
	a, err := netip.ParseAddr(remote)
	if a = a.Unmap().WithZone(""); err != nil || a.Is4() {
		return "", false
	}
	return netip.PrefixFrom(a, 48).Masked().String(), true
}
