package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/riverqueue/river/rivertype"

	"channelbook/ent"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
)

// Regular is work that is done time and again, and how its last run went.
type Regular struct {
	Name  string
	Every time.Duration
	// ByHand tells whether RunNow starts it.
	ByHand bool
	// Running tells whether a turn has begun and not ended. One that was broken off long ago does not run.
	Running       bool
	NextAt        time.Time // in the past: at once
	LastBegun     *time.Time
	LastEnded     *time.Time
	LastSucceeded *time.Time
	LastError     string // empty where the last run went well
}

// Regular is all regular work, by name. Only administrators may ask.
func (q *Queue) Regular(ctx context.Context) ([]*Regular, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	rows, err := q.DB.RegularRun.Query().All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read how regular work went: %w", err)
	}
	last := map[string]*ent.RegularRun{}
	for _, row := range rows {
		last[row.Name] = row
	}
	var all []*Regular
	now := time.Now()
	for _, r := range q.regular {
		all = append(all, regularOf(r.name, r.every, true, last[r.name], now))
	}
	if q.Watched != nil {
		for name, every := range q.Watched.Every {
			all = append(all, regularOf(name, every, false, last[name], now))
		}
	}
	slices.SortFunc(all, func(a, b *Regular) int { return cmp.Compare(a.Name, b.Name) })
	return all, nil
}

func regularOf(name string, every time.Duration, byHand bool, row *ent.RegularRun, now time.Time) *Regular {
	r := &Regular{Name: name, Every: every, ByHand: byHand, NextAt: stamp(now)}
	if row == nil {
		return r
	}
	r.LastBegun, r.LastEnded, r.LastSucceeded, r.LastError = &row.BegunAt, row.EndedAt, row.SucceededAt, row.Error
	r.NextAt = row.BegunAt.Add(every)
	r.Running = row.EndedAt == nil && now.Sub(row.BegunAt) < turnLasts
	return r
}

// RunNow has a turn of regular work done at once, beside its order: the next one counts from it. While one waits or runs there is
// no other: one that waits is done at once, and one that runs is the conflict JOB_RUNNING. What has a loop of its own is
// NOT_BY_HAND.
func (q *Queue) RunNow(ctx context.Context, name string) (*Regular, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	if err := q.startable(name); err != nil {
		return nil, err
	}
	err := db.WithTx(ctx, q.DB, func(tx *db.Tx) error {
		if err := enqueueTurn(ctx, tx, name); err != nil {
			return err
		}
		return q.Audit(ctx, tx, Started, Turn{}.Kind(), name)
	})
	if err != nil {
		return nil, err
	}
	all, err := q.Regular(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(r *Regular) bool { return r.Name == name })
	all[i].NextAt = stamp(time.Now())
	return all[i], nil
}

func (q *Queue) startable(name string) error {
	if _, ok := q.known(name); ok {
		return nil
	}
	if q.Watched != nil && q.Watched.Every[name] > 0 {
		return fault.Coded(fault.Conflict, "NOT_BY_HAND", "name", "It has a loop of its own, which is never long in coming.")
	}
	return fault.New(fault.NotFound, "name", "There is no such regular work.")
}

func enqueueTurn(ctx context.Context, tx *db.Tx, name string) error {
	end, err := inserter(tx.Dialect())
	if err != nil {
		return err
	}
	made, err := end.InsertTx(ctx, tx.SQL(), Turn{name}, turnOptions())
	switch {
	case err != nil:
		return fmt.Errorf("enqueue a turn: %w", err)
	case !made.UniqueSkippedAsDuplicate:
		return nil
	}
	j, err := locked(ctx, tx, end, made.Job.ID)
	if err != nil {
		return err
	}
	if j.State == rivertype.JobStateRunning {
		return fault.Coded(fault.Conflict, "JOB_RUNNING", "name", "It is being done at the moment.")
	}
	return hurry(ctx, tx, end, j.ID)
}

func hurry(ctx context.Context, tx *db.Tx, end *end, id int64) error {
	if _, err := end.JobRetryTx(ctx, tx.SQL(), id); err != nil && !errors.Is(err, rivertype.ErrNotFound) {
		return fmt.Errorf("have a job done at once: %w", err)
	}
	return nil
}
