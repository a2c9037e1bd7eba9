package goals

import (
	"context"
	"time"

	"channelbook/internal/auth"
)

// The names of what Run does, as Ran is told them.
const (
	JobRollOver       = "goals_rollover"
	JobMilestones     = "goals_milestones"
	JobTellMilestones = "goals_milestones_told"
)

const (
	// RunEvery is how often Run looks without being woken: a new day changes what is behind its pace.
	RunEvery = time.Minute
	// runPause is at least between two runs, and pauseShare times what the last one took: under a steady flow of sales that
	// is a tenth of the time.
	runPause   = time.Second
	pauseShare = 10
)

// Run rolls goals over, enqueues milestones and tells people of them: at once, every minute, and soon after a target or a sale has changed,
// until ctx ends. Any number of instances may run it.
func (s *Service) Run(ctx context.Context) {
	ctx = auth.AsSystem(ctx, "goals")
	wake, stop := s.DB.Listen(Changed)
	defer stop()
	tick := time.NewTicker(RunEvery)
	defer tick.Stop()
	failed := map[string]bool{}
	for {
		begun := time.Now()
		s.do(ctx, failed, JobRollOver, s.RollOver)
		s.do(ctx, failed, JobMilestones, s.Milestones)
		s.do(ctx, failed, JobTellMilestones, s.TellMilestones)
		select {
		case <-ctx.Done():
			return
		case <-time.After(max(runPause, pauseShare*time.Since(begun))):
		}
		select {
		case <-ctx.Done():
			return
		case <-wake:
		case <-tick.C:
		}
	}
}

// do does a job; that it failed keeps nothing else from being done, and is logged once until it goes well again. One that
// the server's stop broke off has not failed.
func (s *Service) do(ctx context.Context, failed map[string]bool, name string, job func(context.Context) (int, error)) {
	begun := time.Now()
	_, err := job(ctx)
	if err != nil && ctx.Err() != nil {
		return
	}
	if s.Ran != nil {
		s.Ran(name, begun, err)
	}
	switch {
	case err != nil && !failed[name]:
		s.Log.ErrorContext(ctx, "goals fall behind; it is tried again", "job", name, "error", err)
	case err == nil && failed[name]:
		s.Log.InfoContext(ctx, "goals go on", "job", name)
	}
	failed[name] = err != nil
}
