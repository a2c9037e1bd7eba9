package jobs

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// quietFor is how long what has been said is not said again: while the base is away each part of River says so each second.
const quietFor = time.Minute

// quiet lets through what somebody has to know of, once a minute: River tells of each of its steps. What it says once it is to
// stop is of its stopping.
type quiet struct {
	slog.Handler
	stopping <-chan struct{}
	said     *said
}

type said struct {
	sync.Mutex
	at map[string]time.Time
}

func newQuiet(h slog.Handler, stopping <-chan struct{}) quiet {
	return quiet{h, stopping, &said{at: map[string]time.Time{}}}
}

// Enabled tells whether a record is written.
func (q quiet) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && q.Handler.Enabled(ctx, l)
}

// Handle writes a record, unless the same was said a moment ago.
func (q quiet) Handle(ctx context.Context, r slog.Record) error {
	select {
	case <-q.stopping:
		return nil
	default:
	}
	if !q.said.first(r.Message, r.Time) {
		return nil
	}
	return q.Handler.Handle(ctx, r)
}

func (s *said) first(message string, at time.Time) bool {
	s.Lock()
	defer s.Unlock()
	if last, ok := s.at[message]; ok && at.Sub(last) < quietFor {
		return false
	}
	s.at[message] = at
	return true
}

// WithAttrs is the handler with attributes, as quiet.
func (q quiet) WithAttrs(a []slog.Attr) slog.Handler {
	return quiet{q.Handler.WithAttrs(a), q.stopping, q.said}
}

// WithGroup is the handler with a group, as quiet.
func (q quiet) WithGroup(name string) slog.Handler {
	return quiet{q.Handler.WithGroup(name), q.stopping, q.said}
}
