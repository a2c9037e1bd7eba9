package audit

import (
	"context"
	"fmt"
	"time"

	"channelbook/internal/db"
	"channelbook/internal/jobs"
)

// ofJobs are the acts on jobs by their names in the queue, which stands below this package.
var ofJobs = map[jobs.Act]Action{jobs.Retried: JobRetried, jobs.Cancelled: JobCancelled, jobs.Started: JobStarted}

// Jobs is what records the acts of administrators on jobs, for a jobs.Queue.
func Jobs(now func() time.Time) func(ctx context.Context, tx *db.Tx, done jobs.Act, kind, name string) error {
	return func(ctx context.Context, tx *db.Tx, done jobs.Act, kind, name string) error {
		action, ok := ofJobs[done]
		if !ok {
			return fmt.Errorf("the act %s on a job has no action", done)
		}
		return Record(ctx, tx, now(), Act{Action: action, Details: map[string]string{"kind": kind, "job": name}})
	}
}
