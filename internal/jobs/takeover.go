package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"entgo.io/ent/dialect"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"
)

// batch is how many jobs are taken over at once.
const batch = 1000

// takeOver has what a process that is gone was doing on SQLite done again at once: one process serves such a base, so nobody else
// can be at it. On PostgreSQL another instance may be, and River waits until the job has taken too long for that. One that has used
// up its attempts is left to River likewise, which gives it up: it may be what has ended the process.
func takeOver(ctx context.Context, engine string, base riverdriver.Executor) error {
	if engine != dialect.SQLite {
		return nil
	}
	if err := dethrone(ctx, base); err != nil {
		return err
	}
	now := time.Now().UTC()
	found, err := base.JobGetStuck(ctx, &riverdriver.JobGetStuckParams{Max: batch, StuckHorizon: now.Add(time.Hour)})
	if err != nil {
		return err
	}
	var back riverdriver.JobRescueManyParams
	for _, j := range found {
		if isLive(j) || j.Attempt >= j.MaxAttempts {
			continue
		}
		said, err := json.Marshal(rivertype.AttemptError{At: now, Attempt: j.Attempt, Error: "the server was stopped in the middle"})
		if err != nil {
			return err
		}
		back.ID, back.Error, back.FinalizedAt = append(back.ID, j.ID), append(back.Error, said), append(back.FinalizedAt, nil)
		back.ScheduledAt, back.State = append(back.ScheduledAt, now), append(back.State, string(rivertype.JobStateAvailable))
	}
	if len(back.ID) == 0 {
		return nil
	}
	_, err = base.JobRescueMany(ctx, &back)
	return err
}

func isLive(j *rivertype.JobRow) bool {
	if len(j.AttemptedBy) == 0 {
		return false
	}
	_, ok := live.Load(j.AttemptedBy[len(j.AttemptedBy)-1])
	return ok
}

// dethrone ends the lease of a leader that is gone, which would keep regular work waiting for some 15 seconds.
func dethrone(ctx context.Context, base riverdriver.Executor) error {
	leader, err := base.LeaderGetElectedLeader(ctx, &riverdriver.LeaderGetElectedLeaderParams{})
	if errors.Is(err, rivertype.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, ok := live.Load(leader.LeaderID); ok {
		return nil
	}
	_, err = base.LeaderResign(ctx, &riverdriver.LeaderResignParams{LeaderID: leader.LeaderID})
	return err
}
