// Package notify tells people what has happened: in their feed, which they read and which reaches them live.
//
// Read tell.go first: whatever happens writes a Notice in its own transaction. place.go makes of each notice a notification
// for every recipient, at its place in the one line; feed.go and follow.go bring them to whoever is connected, on whichever
// instance, without a gap or a double. What can be told of, and in which words, is one
// function for each: catalogue.go and, by what it is about, leads.go, goals.go, milestones.go, periods.go and statements.go.
package notify

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"channelbook/internal/db"
	"channelbook/internal/line"
)

// Service holds what the acts need. All exported fields but Ran, Further and Channels are required. It is not copied once it is in use.
type Service struct {
	DB  *db.DB
	Now func() time.Time // UTC, to the microsecond
	Log *slog.Logger
	// Ran is told of each time that notices got their places, or should have; nil: nobody is.
	Ran func(begun time.Time, err error)
	// Further are done for the notices that have just got the places from after+1 to upTo, in the same transaction: what has
	// them leave the house. They run one batch after another, so each has to be quick.
	Further []func(ctx context.Context, tx *db.Tx, after, upTo int64) error
	// Channels are those beside the feed that are set up on this server, of package channel.
	Channels []string

	feed   feed
	buffer int // tests have other ones; 0: buffered
}

// table is that of the notices, whose line this is.
const table = "notices"

func (s *Service) line() *line.Line {
	return &line.Line{DB: s.DB, Table: table, Placed: s.deliver, Log: s.Log, Ran: s.Ran}
}

// Run gives notices their places and brings them to whoever has subscribed here, until ctx ends. Any number of instances may
// run it beside each other.
func (s *Service) Run(ctx context.Context) {
	var parts sync.WaitGroup
	parts.Go(func() { s.line().Run(ctx) })
	parts.Go(func() {
		(&line.Follower{DB: s.DB, Table: table, Begin: s.feed.begin, Read: s.distribute, Log: s.Log}).Run(ctx)
	})
	parts.Wait()
}

// freshWithin is how long Freshen waits.
const freshWithin = time.Second

// Freshen is Settle for whoever reads a feed: what cannot get its place within a second, while something else holds the base
// up, comes later, and the feed is read as it stands.
func (s *Service) Freshen(ctx context.Context) {
	within, cancel := context.WithTimeout(ctx, freshWithin)
	defer cancel()
	if _, err := s.Settle(within); err != nil && ctx.Err() == nil {
		s.Log.WarnContext(ctx, "a feed is read without what waits for its place", "error", err)
	}
}

// Settle puts what has been told so far into the feeds, and tells how many notices that were. Run does so by itself within a
// moment; it is for whoever wants to read a feed right after an act.
func (s *Service) Settle(ctx context.Context) (int, error) { return s.line().Settle(ctx) }
