// Package jobs does work beside the requests: what a transaction enqueues is done after it has committed, on whichever instance
// gets to it, and tried again until it is. The queue is River's, on both engines; nothing outside this package knows that.
//
// Read Enqueue first, then Queue, which does what is due.
package jobs

import (
	"context"
	"database/sql"
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
// all of its arguments, is not enqueued beside it. A job still runs for a moment after its last transaction has committed: what
// must be done once more after that needs an argument that tells it apart, such as the number of the round.
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

// end is the end of the queue at which jobs are put in, looked at and taken out, in transactions of ours.
type end = river.Client[*sql.Tx]

// inserters are the ends, one for each engine: they hold no connection.
var inserters sync.Map

func inserter(engine string) (*end, error) {
	if known, ok := inserters.Load(engine); ok {
		return known.(*end), nil //nolint:forcetypeassert // it holds nothing else
	}
	client, err := river.NewClient(driver(engine, nil), &river.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, fmt.Errorf("make the end of the queue: %w", err)
	}
	kept, _ := inserters.LoadOrStore(engine, client)
	return kept.(*end), nil //nolint:forcetypeassert // it holds nothing else
}

func driver(engine string, pool *sql.DB) riverdriver.Driver[*sql.Tx] {
	if engine == dialect.SQLite {
		return riversqlite.New(pool)
	}
	return riverdatabasesql.New(pool)
}
