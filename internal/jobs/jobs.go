// Package jobs does work beside the requests: what a transaction enqueues is done after it has committed, on whichever instance
// gets to it, and tried again until it is. The queue is River's, on both engines; nothing outside this package knows that.
//
// Read Enqueue first, then Queue, which does what is due.
package jobs

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"entgo.io/ent/dialect"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"

	"channelbook/internal/auth"
	"channelbook/internal/db"
)

// Args say what is to be done. They are kept as JSON for days, so they hold ids and no personal data. Kind is the name of what
// is done; it stays what it is, as bases hold jobs of the release before.
type Args interface{ Kind() string }

// Job is a job to be done.
type Job struct {
	Args Args
	// At is the earliest moment; the zero time: at once.
	At time.Time
}

// unique are the states in which a job keeps an equal one from being enqueued: all but the ends.
var unique = river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
	rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateRunning, rivertype.JobStateScheduled,
}}

// Enqueue has jobs done once tx has committed; a rollback takes them along. While a job waits or runs, an equal one, by kind and
// all of its arguments, is not enqueued beside it.
func Enqueue(ctx context.Context, tx *db.Tx, jobs ...Job) error {
	if len(jobs) == 0 {
		return nil
	}
	client, err := inserter(tx.Dialect())
	if err != nil {
		return err
	}
	params := make([]river.InsertManyParams, len(jobs))
	for i, j := range jobs {
		params[i] = river.InsertManyParams{Args: j.Args, InsertOpts: &river.InsertOpts{ScheduledAt: j.At, UniqueOpts: unique, Queue: lineOf(j.Args)}}
	}
	if _, err := client.InsertManyTx(ctx, tx.SQL(), params); err != nil {
		return fmt.Errorf("enqueue %s: %w", jobs[0].Args.Kind(), err)
	}
	return nil
}

// Lined are arguments of jobs that have a line of their own, whose bound on how many are done at once is not shared with others.
type Lined interface {
	Args
	Line() string
}

func lineOf(a Args) string {
	if l, ok := a.(Lined); ok {
		return l.Line()
	}
	return river.QueueDefault
}

// inserters enqueue, one for each engine: they hold no connection.
var inserters sync.Map

func inserter(engine string) (*river.Client[*sql.Tx], error) {
	if known, ok := inserters.Load(engine); ok {
		return known.(*river.Client[*sql.Tx]), nil //nolint:forcetypeassert // it holds nothing else
	}
	client, err := river.NewClient(driver(engine, nil), &river.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, fmt.Errorf("make the end of the queue: %w", err)
	}
	kept, _ := inserters.LoadOrStore(engine, client)
	return kept.(*river.Client[*sql.Tx]), nil //nolint:forcetypeassert // it holds nothing else
}

func driver(engine string, pool *sql.DB) riverdriver.Driver[*sql.Tx] {
	if engine == dialect.SQLite {
		return riversqlite.New(pool)
	}
	return riverdatabasesql.New(pool)
}

// How jobs are done where Queue does not say otherwise.
const (
	// timeout is how long a job may take.
	timeout = 45 * time.Second
	// atOnce is how many of a line are done at once, on each instance.
	atOnce = 4
	// kept is how long it is kept that a job was done.
	kept = 72 * time.Hour
	// keptFailed is likewise for one that was given up.
	keptFailed = 30 * 24 * time.Hour
	// poll is how soon a job is found.
	poll = time.Second
)

// Queue does the jobs that are due. DB and Log are required; kinds are added before Run, and it is not copied.
type Queue struct {
	DB  *db.DB
	Log *slog.Logger
	// Timeout is how long a job may take, 45 seconds where it is 0. One that has run for a third longer was left behind by an
	// instance that is gone, and is done again.
	Timeout time.Duration
	// Poll is how often it is looked for jobs, each second where it is 0.
	Poll time.Duration
	// Lines are how many jobs of a line are done at once on this instance. Lines of arguments that have several are named here,
	// or nobody does their jobs; others have four.
	Lines map[string]int
	// Ran is told of each job that was done or failed; nil: nobody is.
	Ran func(kind string, begun time.Time, err error)

	workers *river.Workers
	kinds   map[string]kind
	lines   map[string]bool
	regular []regular
}

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

// Work says how jobs of T's kind are done. An error has the job done again, ever more rarely, for some days; Later and Never say
// otherwise.
func Work[T Args](q *Queue, work func(ctx context.Context, args T) error) { WorkUnless(q, work, nil) }

// WorkUnless is Work for jobs that leave something behind when an administrator cancels them: cancelled does that, in the
// transaction that cancels.
func WorkUnless[T Args](q *Queue, work func(ctx context.Context, args T) error, cancelled func(ctx context.Context, tx *db.Tx, args T) error) {
	if q.workers == nil {
		q.workers, q.kinds, q.lines = river.NewWorkers(), map[string]kind{}, map[string]bool{river.QueueDefault: true}
	}
	var of T
	q.lines[lineOf(of)] = true
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

// Work does one.
func (w *worker[T]) Work(ctx context.Context, j *river.Job[T]) error {
	begun := time.Now()
	err := w.work(auth.AsSystem(ctx, "job "+j.Kind), j.Args)
	var wait later
	if errors.As(err, &wait) {
		return river.JobSnooze(wait.after)
	}
	if w.queue.Ran != nil && (err == nil || ctx.Err() == nil) {
		w.queue.Ran(j.Kind, begun, err)
	}
	if errors.As(err, new(never)) {
		return river.JobCancel(err)
	}
	return err
}

// Run does what is due until ctx ends, and then waits for what it has begun, as long as a job may take. Any number of instances
// may run it beside each other.
func (q *Queue) Run(ctx context.Context) {
	for ctx.Err() == nil {
		if err := q.run(ctx); err != nil && ctx.Err() == nil {
			q.Log.ErrorContext(ctx, "jobs are not done; it is tried again", "error", err)
			select {
			case <-ctx.Done():
			case <-time.After(q.timeout() / 10):
			}
		}
	}
}

func (q *Queue) timeout() time.Duration { return cmp.Or(q.Timeout, timeout) }

func (q *Queue) run(ctx context.Context) (err error) {
	pool, err := q.DB.Apart()
	if err != nil {
		return fmt.Errorf("open the base for the jobs: %w", err)
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	client, err := river.NewClient(driver(q.DB.Dialect(), pool), q.config())
	if err != nil {
		return fmt.Errorf("make the queue: %w", err)
	}
	if err := client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("begin with the jobs: %w", err)
	}
	<-ctx.Done()
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), q.timeout())
	defer cancel()
	if err := client.Stop(patience); err != nil {
		return fmt.Errorf("end the jobs: %w", err)
	}
	return nil
}

func (q *Queue) config() *river.Config {
	lines := map[string]river.QueueConfig{}
	for line := range q.lines {
		lines[line] = river.QueueConfig{MaxWorkers: atOnce}
	}
	for line, n := range q.Lines {
		lines[line] = river.QueueConfig{MaxWorkers: n}
	}
	return &river.Config{
		Queues: lines, Workers: q.workers, Logger: slog.New(quiet{q.Log.Handler()}),
		JobTimeout: q.timeout(), RescueStuckJobsAfter: q.timeout() * 4 / 3, FetchPollInterval: cmp.Or(q.Poll, poll), FetchCooldown: min(cmp.Or(q.Poll, poll), 100*time.Millisecond),
		CompletedJobRetentionPeriod: kept, CancelledJobRetentionPeriod: keptFailed, DiscardedJobRetentionPeriod: keptFailed,
		ReindexerSchedule: river.NeverSchedule(), PollOnly: true, PeriodicJobs: q.periodic(),
	}
}

// quiet lets through what somebody has to know of: River tells of each of its steps.
type quiet struct{ slog.Handler }

// Enabled tells whether a record is written.
func (q quiet) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && q.Handler.Enabled(ctx, l)
}

// WithAttrs is the handler with attributes, as quiet.
func (q quiet) WithAttrs(a []slog.Attr) slog.Handler { return quiet{q.Handler.WithAttrs(a)} }

// WithGroup is the handler with a group, as quiet.
func (q quiet) WithGroup(name string) slog.Handler { return quiet{q.Handler.WithGroup(name)} }
