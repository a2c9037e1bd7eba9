package model

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"channelbook/internal/fault"
	"channelbook/internal/jobs"
)

// Job is a job of the queue.
type Job struct{ *jobs.Entry }

// JobOf is a job as GraphQL shows it; nil where there is none.
func JobOf(e *jobs.Entry) *Job {
	if e == nil {
		return nil
	}
	return &Job{e}
}

const jobPrefix = "job_"

// ID is the job's number behind a prefix: the queue counts, and has no ids of ours.
func (j *Job) ID() string { return jobPrefix + strconv.FormatInt(j.Entry.ID, 10) }

// JobID reads an id of a job; 0 for what is none.
func JobID(id string) int64 {
	digits, _ := strings.CutPrefix(id, jobPrefix)
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n <= 0 || id != jobPrefix+strconv.FormatInt(n, 10) {
		return 0
	}
	return n
}

// State is how it stands.
func (j *Job) State() JobState { return JobState(strings.ToUpper(j.Entry.State)) }

// FinishedAt is when it ended.
func (j *Job) FinishedAt() *time.Time { return j.EndedAt }

// LastError is why it failed last.
func (j *Job) LastError() *string { return text(j.Entry.LastError) }

// JobList is a page of the jobs, newest first.
func (r *Reader) JobList(ctx context.Context, first *int, after *string, filter *JobFilter) (*JobConnection, error) {
	w, err := newWindow(jobs.Newest, first, after)
	if err != nil {
		return nil, err
	}
	f, err := jobsOf(filter)
	if err != nil {
		return nil, err
	}
	from := int64(0)
	if w.after != nil {
		from, _ = w.after[0].(int64)
	}
	of, _ := connection(ctx, "Job")
	rows, total, err := r.Jobs.List(ctx, f, from, w.first, of.has("totalCount"))
	if err != nil {
		return nil, err
	}
	nodes := make([]*Job, len(rows))
	for i, row := range rows {
		nodes[i] = JobOf(row)
	}
	out, info := edges(w, nodes, func(j *Job) []any { return []any{j.Entry.ID} },
		func(cursor string, j *Job) *JobEdge { return &JobEdge{Cursor: cursor, Node: j} })
	return &JobConnection{Edges: out, PageInfo: info, TotalCount: total}, nil
}

func jobsOf(f *JobFilter) (jobs.Filter, error) {
	if f == nil {
		return jobs.Filter{}, nil
	}
	var faults []error
	for field, values := range map[string][]string{"kinds": f.Kinds, "lines": f.Lines} {
		if len(values) > maxIDs {
			faults = append(faults, fault.Coded(fault.Invalid, "TOO_MANY", "filter."+field, fmt.Sprintf("At most %d values.", maxIDs)))
		}
		if slices.ContainsFunc(values, func(v string) bool { return strings.ContainsRune(v, 0) }) {
			faults = append(faults, fault.Coded(fault.Invalid, "INVALID_VALUE", "filter."+field, "A value has a zero byte."))
		}
	}
	out := jobs.Filter{Kinds: f.Kinds, Lines: f.Lines}
	if f.States != nil {
		out.States = make([]string, len(f.States))
		for i, s := range f.States {
			out.States[i] = strings.ToLower(string(s))
		}
	}
	return out, errors.Join(faults...)
}

// ScheduledJob is work that is done time and again.
type ScheduledJob struct{ *jobs.Regular }

// ScheduledJobOf is regular work as GraphQL shows it; nil where there is none.
func ScheduledJobOf(r *jobs.Regular) *ScheduledJob {
	if r == nil {
		return nil
	}
	return &ScheduledJob{r}
}

// ScheduledJobs are all of them.
func ScheduledJobs(all []*jobs.Regular) []*ScheduledJob {
	out := make([]*ScheduledJob, len(all))
	for i, r := range all {
		out[i] = ScheduledJobOf(r)
	}
	return out
}

// EverySeconds is the time between two runs.
func (j *ScheduledJob) EverySeconds() int { return int(j.Every.Seconds()) }

// Startable tells whether it is started by hand.
func (j *ScheduledJob) Startable() bool { return j.ByHand }

// LastBegunAt is when the last run began.
func (j *ScheduledJob) LastBegunAt() *time.Time { return j.LastBegun }

// LastEndedAt is when the last run ended.
func (j *ScheduledJob) LastEndedAt() *time.Time { return j.LastEnded }

// LastSucceededAt is when a run last went well.
func (j *ScheduledJob) LastSucceededAt() *time.Time { return j.LastSucceeded }

// LastError is why the last run failed.
func (j *ScheduledJob) LastError() *string { return text(j.Regular.LastError) }
