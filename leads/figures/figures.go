// Package figures counts leads: how many came, how many of them were sold and what is paid for these, by day and by what
// advertising knows of them.
//
// Days that are over are counted once and kept (rollup.go, roll.go). A change of a lead on such a day is appended beside
// them (delta.go), in the transaction of the change, so that nobody waits for a counter; a day with many changes is made
// anew. What is not kept yet is counted from the leads. stats.go reads all three as one statement (statement.go), and
// rebuild.go proves that they say what the leads say.
package figures

import (
	"context"
	"log/slog"
	"time"

	"channelbook/ent/lead"
	"channelbook/internal/db"
)

// Service keeps and reads figures. All fields but Ran are required.
type Service struct {
	DB       *db.DB
	Now      func() time.Time // UTC, to the microsecond
	TimeZone *time.Location   // of the business: where days begin and end
	Log      *slog.Logger
	Ran      func(begun time.Time, err error) // told of each pass; nil: nobody is

	failed bool // the last pass of Run
}

// Figures are what is counted of leads. Those received and those sold on a day are seldom the same leads.
type Figures struct {
	Leads     int64 // received
	Converted int64 // of these, those that ended in a sale by now
	Sales     int64 // sold
	Payout    int64 // kopecks, of these sales
}

// Add sums up.
func (f Figures) Add(o Figures) Figures {
	return Figures{f.Leads + o.Leads, f.Converted + o.Converted, f.Sales + o.Sales, f.Payout + o.Payout}
}

// Accepted are the statuses of leads that count: what was turned away or held back does not, and no test lead does.
var Accepted = []lead.Status{lead.StatusNEW, lead.StatusIN_PROGRESS, lead.StatusSALE, lead.StatusREJECTED}

// Job is the name of what Run does, and RunEvery how often it makes the figures of days that are over.
const (
	Job      = "figures"
	RunEvery = 10 * time.Minute
)

// Run keeps the figures of days that are over, now and every ten minutes, until ctx ends. Any number of instances may run
// it: they take turns.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(RunEvery)
	defer tick.Stop()
	for {
		s.run(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (s *Service) run(ctx context.Context) {
	begun := time.Now()
	err := s.RollUp(ctx)
	if err != nil && ctx.Err() != nil { // one that the server's stop broke off has not failed
		return
	}
	if s.Ran != nil {
		s.Ran(begun, err)
	}
	if err != nil && !s.failed {
		s.Log.ErrorContext(ctx, "the figures of past days cannot be kept, so that they are counted each time; it is tried again", "error", err)
	}
	s.failed = err != nil
}
