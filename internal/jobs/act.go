package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"entgo.io/ent/dialect/sql"
	"github.com/riverqueue/river/rivertype"

	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
)

// Act is what an administrator does to a job.
type Act string

// The acts.
const (
	Retried   Act = "RETRIED"
	Cancelled Act = "CANCELLED"
	Started   Act = "STARTED" // a turn of regular work, at once
)

// Retry has a job that waits, was given up or cancelled done at once. JOB_RUNNING and JOB_COMPLETED are conflicts, as is
// JOB_REPEATED: an equal job waits or runs already.
func (q *Queue) Retry(ctx context.Context, id int64) (*Entry, error) {
	return q.act(ctx, id, Retried, func(ctx context.Context, tx *db.Tx, end *end, j *rivertype.JobRow) error {
		switch j.State {
		case rivertype.JobStateRunning:
			return fault.Coded(fault.Conflict, "JOB_RUNNING", "id", "The job is being done at the moment.")
		case rivertype.JobStateCompleted:
			return fault.Coded(fault.Conflict, "JOB_COMPLETED", "id", "The job was done.")
		}
		equal, err := hasEqual(ctx, tx, j)
		switch {
		case err != nil:
			return err
		case equal:
			return fault.Coded(fault.Conflict, "JOB_REPEATED", "id", "The same job waits again already, or is being done.")
		}
		return hurry(ctx, tx, end, j.ID)
	})
}

// Cancel sees to it that a job that waits is not done. One that is being done is told to stop where this instance does it, and is
// not tried again where it fails, on whichever does; but for a job that leaves something behind (WorkUnless) that is the conflict
// JOB_RUNNING. JOB_ENDED is a conflict as well.
func (q *Queue) Cancel(ctx context.Context, id int64) (*Entry, error) {
	running := false
	e, err := q.act(ctx, id, Cancelled, func(ctx context.Context, tx *db.Tx, end *end, j *rivertype.JobRow) error {
		leaves := q.kinds[j.Kind].cancelled
		running = j.State == rivertype.JobStateRunning
		switch {
		case hasEnded(j.State):
			return fault.Coded(fault.Conflict, "JOB_ENDED", "id", "The job was done, given up or cancelled before.")
		case running && leaves != nil:
			return fault.Coded(fault.Conflict, "JOB_RUNNING", "id", "The job is being done at the moment.")
		}
		if _, err := end.JobCancelTx(ctx, tx.SQL(), j.ID); err != nil {
			return fmt.Errorf("cancel a job: %w", err)
		}
		if leaves == nil {
			return nil
		}
		return leaves(auth.AsSystem(ctx, "cancel a job"), tx, j.EncodedArgs)
	})
	if cancel, ok := q.doing.Load(id); ok && err == nil && running {
		cancel.(context.CancelCauseFunc)(errToldToStop) //nolint:forcetypeassert // it holds nothing else
	}
	return e, err
}

func hasEnded(s rivertype.JobState) bool {
	return slices.Contains([]rivertype.JobState{rivertype.JobStateCompleted, rivertype.JobStateCancelled, rivertype.JobStateDiscarded}, s)
}

// act does something to a job, which nobody else touches meanwhile, and records it.
func (q *Queue) act(
	ctx context.Context, id int64, done Act, do func(ctx context.Context, tx *db.Tx, end *end, j *rivertype.JobRow) error,
) (e *Entry, err error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	err = db.WithTx(ctx, q.DB, func(tx *db.Tx) error {
		end, err := inserter(tx.Dialect())
		if err != nil {
			return err
		}
		j, err := locked(ctx, tx, end, id)
		if err != nil {
			return err
		}
		if err := do(ctx, tx, end, j); err != nil {
			return err
		}
		if err := q.Audit(ctx, tx, done, j.Kind, strconv.FormatInt(id, 10)); err != nil {
			return err
		}
		after, err := end.JobGetTx(ctx, tx.SQL(), id)
		if err != nil {
			return fmt.Errorf("read a job: %w", err)
		}
		e = entryOf(after)
		return nil
	})
	return e, err
}

// locked reads a job and keeps everybody else from it to the end of the transaction.
func locked(ctx context.Context, tx *db.Tx, end *end, id int64) (*rivertype.JobRow, error) {
	if _, err := tx.SQL().ExecContext(ctx, "UPDATE river_job SET kind = kind WHERE id = "+strconv.FormatInt(id, 10)); err != nil {
		return nil, fmt.Errorf("lock a job: %w", err)
	}
	j, err := end.JobGetTx(ctx, tx.SQL(), id)
	if errors.Is(err, rivertype.ErrNotFound) {
		return nil, fault.New(fault.NotFound, "id", "There is no such job.")
	}
	if err != nil {
		return nil, fmt.Errorf("read a job: %w", err)
	}
	return j, nil
}

// hasEqual tells whether a job that has ended cannot come back, as one like it is under way.
func hasEqual(ctx context.Context, tx *db.Tx, j *rivertype.JobRow) (bool, error) {
	if !hasEnded(j.State) || len(j.UniqueKey) == 0 {
		return false, nil
	}
	same := sql.Dialect(tx.Dialect()).Select(sql.Count("*")).From(sql.Table("river_job")).
		Where(sql.And(sql.EQ("unique_key", j.UniqueKey), sql.NEQ("id", j.ID), sql.NotIn("state", "completed", "cancelled", "discarded")))
	text, args := same.Query()
	var n int
	if err := tx.SQL().QueryRowContext(ctx, text, args...).Scan(&n); err != nil {
		return false, fmt.Errorf("look for a job of the same: %w", err)
	}
	return n > 0, nil
}
