package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/riverqueue/river"

	"channelbook/internal/gid"
)

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
	// lastWords is how long jobs have to end that were told to.
	lastWords = 5 * time.Second
)

// running is what there is while Run runs.
type running struct {
	// stopping ends when Run is told to end: what lasts ends with it.
	stopping context.Context
}

// live are the ids of the queues that run in this process: what they do was not left behind.
var live sync.Map

// Run does what is due until ctx ends. Then it begins nothing more and waits for what it has begun, as long as a job may take;
// what has not ended by then is broken off and done again after the next start. Any number of instances may run it beside each
// other. Where the base goes away it waits until that is back.
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

func (q *Queue) run(ctx context.Context) (err error) {
	pool, err := q.DB.Apart()
	if err != nil {
		return fmt.Errorf("open the base for the jobs: %w", err)
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	id := "channelbook-" + gid.New().String()
	live.Store(id, true)
	defer live.Delete(id)
	engine := driver(q.DB.Dialect(), pool)
	if err := takeOver(ctx, q.DB.Dialect(), engine.GetExecutor()); err != nil {
		return fmt.Errorf("take over what was left behind: %w", err)
	}
	client, err := river.NewClient(engine, q.config(ctx, id))
	if err != nil {
		return fmt.Errorf("make the queue: %w", err)
	}
	q.running.Store(&running{ctx})
	defer q.running.Store(nil)
	if err := client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("begin with the jobs: %w", err)
	}
	<-ctx.Done()
	return q.stop(context.WithoutCancel(ctx), client)
}

// stop ends what has begun, in good time or by force.
func (q *Queue) stop(ctx context.Context, client *end) error {
	patient, cancel := context.WithTimeout(ctx, q.timeout())
	defer cancel()
	if client.Stop(patient) == nil {
		return nil
	}
	q.Log.WarnContext(ctx, "jobs took too long to end and are broken off; they are done again after the next start")
	impatient, cancel := context.WithTimeout(ctx, lastWords)
	defer cancel()
	if err := client.StopAndCancel(impatient); err != nil {
		return fmt.Errorf("end the jobs: %w", err)
	}
	return nil
}

func (q *Queue) config(ctx context.Context, id string) *river.Config {
	lines := map[string]river.QueueConfig{}
	for line := range q.lines {
		lines[line] = river.QueueConfig{MaxWorkers: atOnce}
	}
	for line, n := range q.Lines {
		lines[line] = river.QueueConfig{MaxWorkers: n}
	}
	often := cmp.Or(q.Poll, poll)
	return &river.Config{
		ID: id, Queues: lines, Workers: q.workers, Logger: slog.New(newQuiet(q.Log.Handler(), ctx.Done())),
		JobTimeout: q.timeout(), RescueStuckJobsAfter: q.timeout() * 4 / 3, FetchPollInterval: often, FetchCooldown: min(often, 100*time.Millisecond),
		CompletedJobRetentionPeriod: kept, CancelledJobRetentionPeriod: keptFailed, DiscardedJobRetentionPeriod: keptFailed,
		ReindexerSchedule: river.NeverSchedule(), PollOnly: true, PeriodicJobs: q.periodic(ctx),
	}
}
