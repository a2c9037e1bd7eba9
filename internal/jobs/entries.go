package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/page"
)

// Entry is a job as administrators see it.
type Entry struct {
	ID          int64
	Kind        string
	State       string // as the queue names it: available, scheduled, running, retryable, completed, cancelled, discarded
	Line        string
	Arguments   string // JSON, of ids
	LastError   string
	DueAt       time.Time
	CreatedAt   time.Time
	AttemptedAt *time.Time
	EndedAt     *time.Time
	Attempts    int
	MaxAttempts int
}

// Filter says which jobs are asked for: all conditions hold together, a nil list asks for nothing.
type Filter struct{ Kinds, States, Lines []string }

// Newest is the order of List: by their numbers, the newest first.
var Newest = page.Order{Name: "jobs.NEWEST", Desc: true, Columns: []page.Column{{Name: "id", Kind: page.Int}}}

// List is a page of the jobs, with one more than first where more follow, and their count where it is asked for. after is the number
// of the job before; 0: none. Only administrators may ask: no policy of Ent's covers the tables of the queue.
func (q *Queue) List(ctx context.Context, f Filter, after int64, first int, count bool) (found []*Entry, total int, err error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, 0, err
	}
	end, err := inserter(q.DB.Dialect())
	if err != nil || f.isForNothing() {
		return nil, 0, err
	}
	err = db.Snapshot(ctx, q.DB, func(tx *db.Tx) error {
		page, err := end.JobListTx(ctx, tx.SQL(), f.params(after, first+1))
		if err != nil {
			return fmt.Errorf("list the jobs: %w", err)
		}
		for _, j := range page.Jobs {
			found = append(found, entryOf(j))
		}
		if count {
			total, err = f.count(ctx, tx)
		}
		return err
	})
	return found, total, err
}

// isForNothing tells whether one of the lists has no value; the queue itself would take that for all.
func (f Filter) isForNothing() bool {
	return slices.ContainsFunc([][]string{f.Kinds, f.States, f.Lines}, func(of []string) bool { return of != nil && len(of) == 0 })
}

func (f Filter) params(after int64, n int) *river.JobListParams {
	p := river.NewJobListParams().OrderBy(river.JobListOrderByID, river.SortOrderDesc).First(n)
	if f.Kinds != nil {
		p = p.Kinds(f.Kinds...)
	}
	if f.Lines != nil {
		p = p.Queues(f.Lines...)
	}
	if f.States != nil {
		states := make([]rivertype.JobState, len(f.States))
		for i, s := range f.States {
			states[i] = rivertype.JobState(s)
		}
		p = p.States(states...)
	}
	if after > 0 {
		p = p.After(river.JobListCursorFromJob(&rivertype.JobRow{ID: after}))
	}
	return p
}

func (f Filter) count(ctx context.Context, tx *db.Tx) (n int, err error) {
	s := sql.Dialect(tx.Dialect()).Select(sql.Count("*")).From(sql.Table("river_job"))
	for column, values := range map[string][]string{"kind": f.Kinds, "queue": f.Lines, "state": f.States} {
		if values == nil {
			continue
		}
		any := make([]any, len(values))
		for i, v := range values {
			any[i] = v
		}
		s.Where(sql.In(column, any...))
	}
	text, args := s.Query()
	if err := tx.SQL().QueryRowContext(ctx, text, args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("count the jobs: %w", err)
	}
	return n, nil
}

func entryOf(j *rivertype.JobRow) *Entry {
	e := &Entry{
		ID: j.ID, Kind: j.Kind, State: string(j.State), Line: j.Queue, Arguments: string(j.EncodedArgs), DueAt: j.ScheduledAt, CreatedAt: j.CreatedAt,
		AttemptedAt: j.AttemptedAt, EndedAt: j.FinalizedAt, Attempts: j.Attempt, MaxAttempts: j.MaxAttempts,
	}
	if !json.Valid(j.EncodedArgs) {
		e.Arguments = "{}"
	}
	if n := len(j.Errors); n > 0 {
		e.LastError = j.Errors[n-1].Error
	}
	return e
}
