package jobs

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"

	"channelbook/internal/auth"
	"channelbook/internal/db"
)

// Queue does the jobs that are due. DB and Log are required; kinds are added before Run, and it is not copied.
type Queue struct {
	DB  *db.DB
	Log *slog.Logger
	// Timeout is how long a job may take, 45 seconds where it is 0. One that has run for a third longer was left behind by an
	// instance that is gone, and is done again: within two minutes for the 45 seconds, and at once when the server starts anew
	// on SQLite, where nobody else can be at it.
	Timeout time.Duration
	// Poll is how often it is looked for jobs, each second where it is 0.
	Poll time.Duration
	// Lines are how many jobs of a line are done at once on this instance. Lines of arguments that have several are named here,
	// or nobody does their jobs; others have four.
	Lines map[string]int
	// Ran is told of each job that was done or failed; nil: nobody is.
	Ran func(kind string, begun time.Time, err error)
	// Audit records what an administrator does to a job, in the transaction that does it; required for Retry, Cancel and RunNow.
	Audit func(ctx context.Context, tx *db.Tx, done Act, kind, name string) error
	// Watched is the work that has a loop of its own, for Regular; nil: there is none.
	Watched *Recorder

	workers *river.Workers
	kinds   map[string]kind
	lines   map[string]bool
	regular []regular
	running atomic.Pointer[running]
	doing   sync.Map // the numbers of the jobs that this instance does, each with what ends its context
}

// errToldToStop is the cause of the end of a job that an administrator has cancelled.
var errToldToStop = errors.New("an administrator has cancelled it")

// kind is what is known of the jobs of one kind.
type kind struct {
	cancelled func(ctx context.Context, tx *db.Tx, args json.RawMessage) error
}

// Later is what work returns for a job that has to wait: it is not counted as a failure.
func Later(after time.Duration) error { return later{after} }

type later struct{ after time.Duration }

func (l later) Error() string { return "later, in " + l.after.String() }

// Never is what work returns for a job that will never succeed: it is given up at once.
func Never(err error) error { return never{err} }

type never struct{ error }

func (n never) Unwrap() error { return n.error }

// Work says how jobs of T's kind are done. An error has the job done again, ever more rarely, for some weeks; Later and Never say
// otherwise. What the server's stop breaks off is done again after the next start, and does not count as a failure.
func Work[T Args](q *Queue, work func(ctx context.Context, args T) error) { WorkUnless(q, work, nil) }

// WorkUnless is Work for jobs that leave something behind when an administrator cancels them: cancelled does that, in the
// transaction that cancels.
func WorkUnless[T Args](q *Queue, work func(ctx context.Context, args T) error, cancelled func(ctx context.Context, tx *db.Tx, args T) error) {
	if q.workers == nil {
		q.workers, q.kinds, q.lines = river.NewWorkers(), map[string]kind{}, map[string]bool{river.QueueDefault: true}
	}
	var of T
	if line := lineOf(of); line != "" { // one that depends on the arguments stands in Lines
		q.lines[line] = true
	}
	var k kind
	if cancelled != nil {
		k.cancelled = func(ctx context.Context, tx *db.Tx, written json.RawMessage) error {
			var args T
			if err := json.Unmarshal(written, &args); err != nil {
				return fmt.Errorf("read the arguments of a %s: %w", of.Kind(), err)
			}
			return cancelled(ctx, tx, args)
		}
	}
	q.kinds[of.Kind()] = k
	river.AddWorker(q.workers, &worker[T]{queue: q, work: work})
}

// worker does jobs of one kind.
type worker[T Args] struct {
	river.WorkerDefaults[T]
	queue *Queue
	work  func(ctx context.Context, args T) error
}

// Lasting are arguments of jobs that may take longer than the others: for at most as long as they say.
type Lasting interface {
	Args
	AtMost() time.Duration
}

// Timeout is how long one may take; 0: as long as any.
func (w *worker[T]) Timeout(j *river.Job[T]) time.Duration {
	if l, ok := any(j.Args).(Lasting); ok {
		return l.AtMost()
	}
	return 0
}

// Work does one.
func (w *worker[T]) Work(ctx context.Context, j *river.Job[T]) error {
	begun := time.Now()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	w.queue.doing.Store(j.ID, cancel)
	defer w.queue.doing.Delete(j.ID)
	err := w.try(auth.AsSystem(ctx, "job "+j.Kind), j.Args)
	var wait later
	switch {
	case errors.As(err, &wait):
		return river.JobSnooze(max(wait.after, 0))
	case err != nil && errors.Is(context.Cause(ctx), errToldToStop):
		return river.JobCancel(errToldToStop)
	case err != nil && errors.Is(ctx.Err(), context.Canceled): // by the stop
		return river.JobSnooze(0)
	}
	if w.queue.Ran != nil {
		w.queue.Ran(nameOf(j.Args), begun, err)
	}
	if err == nil {
		return nil
	}
	return w.failed(ctx, j, err)
}

// try does one; a panic is an error.
func (w *worker[T]) try(ctx context.Context, args T) (err error) {
	defer func() {
		if said := recover(); said != nil {
			err = fmt.Errorf("panic: %v", said)
		}
	}()
	return w.work(ctx, args)
}

// failed tells the log of a job that failed, and the queue what to do with it.
func (w *worker[T]) failed(ctx context.Context, j *river.Job[T], err error) error {
	plain, ended := plainError(err), errors.As(err, new(never))
	told := []any{"job", nameOf(j.Args), "id", j.ID, "attempt", j.Attempt, "error", plain}
	if ended || j.Attempt >= j.MaxAttempts {
		w.queue.Log.ErrorContext(ctx, "a job failed and is given up", told...)
	} else {
		w.queue.Log.WarnContext(ctx, "a job failed; it is tried again", told...)
	}
	if ended {
		return river.JobCancel(plain)
	}
	return plain
}

// nameOf is what metrics and the log know a job by.
func nameOf(a Args) string {
	if t, ok := a.(Turn); ok {
		return t.Name
	}
	return a.Kind()
}

func (q *Queue) timeout() time.Duration { return cmp.Or(q.Timeout, timeout) }
