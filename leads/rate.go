package leads

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"channelbook/ent"
	"channelbook/ent/intakeattempt"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
)

// rates bounds how fast leads come in, on this instance. The zero value is ready.
type rates struct {
	mu        sync.Mutex
	sources   map[gid.ID]*rate.Limiter
	strangers *rate.Limiter
}

// How much of refused attempts of unknown senders the intake log keeps: it is for finding a wrong key, not for
// filling the disk.
const (
	strangersPerSecond = 5
	strangersAtOnce    = 200
	maxStranger        = 8 << 10 // bytes of a body
)

// set notes a source's limit as it was last read; nil: none.
func (r *rates) set(source *ent.LeadSource) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if source.RatePerMinute == nil {
		delete(r.sources, source.ID)
		return
	}
	limit, burst := rate.Limit(float64(*source.RatePerMinute)/time.Minute.Seconds()), *source.RatePerMinute
	known := r.sources[source.ID]
	if known == nil {
		if r.sources == nil {
			r.sources = map[gid.ID]*rate.Limiter{}
		}
		r.sources[source.ID] = rate.NewLimiter(limit, burst)
		return
	}
	if known.Limit() != limit {
		known.SetLimit(limit)
		known.SetBurst(burst)
	}
}

// take counts n leads of a source. A batch larger than the limit passes when nothing else came for a minute.
func (r *rates) take(source gid.ID, n int, now time.Time) (wait time.Duration, ok bool) {
	r.mu.Lock()
	limiter := r.sources[source]
	r.mu.Unlock()
	if limiter == nil {
		return 0, true
	}
	reservation := limiter.ReserveN(now, min(n, limiter.Burst()))
	if wait = reservation.DelayFrom(now); wait > 0 {
		reservation.CancelAt(now)
		return wait, false
	}
	return 0, true
}

func (r *rates) takeStranger(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.strangers == nil {
		r.strangers = rate.NewLimiter(strangersPerSecond, strangersAtOnce)
	}
	return r.strangers.AllowN(now, 1)
}

// admit holds a source to its rate. The refused attempt stands in the intake log; its fault is RateLimited, with the
// time to wait.
func (s *Service) admit(ctx context.Context, source gid.ID, n int, raw []byte) error {
	wait, ok := s.rates.take(source, n, s.Now())
	if ok {
		return nil
	}
	refused := &fault.Error{
		Kind: fault.RateLimited, Code: string(fault.RateLimited), RetryAfter: wait,
		Message: "This source sends more leads per minute than it may. Send the rest later.",
	}
	err := s.LogAttempt(ctx, Attempt{
		SourceID: source, Outcome: intakeattempt.OutcomeRATE_LIMITED, HTTPStatus: 429, Errors: refused, RawBody: raw,
	})
	if err != nil {
		return err
	}
	return refused
}

// LogStranger is LogAttempt for an attempt whose sender is not known. Beyond a rate such attempts are refused with a
// RateLimited fault and leave no line. Of a long body the beginning is kept.
func (s *Service) LogStranger(ctx context.Context, a Attempt) error {
	if !s.rates.takeStranger(s.Now()) {
		return &fault.Error{
			Kind: fault.RateLimited, Code: string(fault.RateLimited), RetryAfter: time.Second,
			Message: "Too many attempts without a valid key. Try again later.",
		}
	}
	a.RawBody = a.RawBody[:min(len(a.RawBody), maxStranger)]
	return s.LogAttempt(ctx, a)
}
