package ratelimit

import (
	"context"
	"strconv"
	"time"

	"channelbook/internal/auth"
	"channelbook/internal/fault"
	"channelbook/internal/reqctx"
)

// Requests bound how many requests one person or lead source, and one address that names nobody, may send to this
// instance. How many leads a source may send is another matter (leads). The zero value bounds nothing.
type Requests struct{ people, addresses, blocks *Limiter }

// How much comes at once is a while's worth of the rate: a page that loads, or a test suite, sends many together.
const (
	personsWhile   = 30 * time.Second
	addresssWhile  = 20 * time.Second
	personsRefusal = "You send more requests than one may. Wait a moment."
	// perBlock is how many times as much as an address a block of IPv6 (a /48) may send: who has one has 65 536 /64s.
	perBlock      = 16
	othersRefusal = "More requests without a sign-in come from your address than may. Wait a moment."
)

// NewRequests allows so many requests a second to each; zero is no limit.
func NewRequests(perPerson, perAddress int, now func() time.Time) Requests {
	while := func(perSecond int, d time.Duration) int { return perSecond * int(d/time.Second) }
	return Requests{
		people:    New(float64(perPerson), while(perPerson, personsWhile), now, personsRefusal),
		addresses: New(float64(perAddress), while(perAddress, addresssWhile), now, othersRefusal),
		blocks:    New(perBlock*float64(perAddress), perBlock*while(perAddress, addresssWhile), now, othersRefusal),
	}
}

// Begin refuses a request whose address has nothing left, before anything is spent on finding out whom it names. A person
// is known by the token alone and is not held up by others at the same address: Begin is for those who send something else.
func (r Requests) Begin(ctx context.Context) error {
	remote := reqctx.RemoteAddr(ctx)
	if err := r.addresses.Full(Address(remote)); err != nil {
		return err
	}
	if block, ok := Block(remote); ok {
		return r.blocks.Full(block)
	}
	return nil
}

// Charge counts a request: of the person or source whom the context names, else of its address.
func (r Requests) Charge(ctx context.Context) error {
	switch v, _ := auth.From(ctx); {
	case !v.UserID.IsZero():
		return r.people.Take(v.UserID.String())
	case !v.SourceID.IsZero():
		return r.people.Take(v.SourceID.String())
	}
	remote := reqctx.RemoteAddr(ctx)
	if block, ok := Block(remote); ok {
		if err := r.blocks.Take(block); err != nil {
			return err
		}
	}
	return r.addresses.Take(Address(remote))
}

// Seconds is how long to wait, in whole seconds rounded up.
func Seconds(f *fault.Error) int { return int((f.RetryAfter + time.Second - 1) / time.Second) }

// RetryAfter is Seconds as the header of its name wants it (RFC 9110, 10.2.3).
func RetryAfter(f *fault.Error) string { return strconv.Itoa(Seconds(f)) }
