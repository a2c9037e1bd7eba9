package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/riverqueue/river"
)

// regular is a job that is done time and again.
type regular struct {
	name  string
	every time.Duration
	do    func(context.Context) error
}

// Turn are the arguments of one turn of a job that is done time and again.
type Turn struct {
	Name string `json:"name"`
}

// Kind is that of all turns.
func (Turn) Kind() string { return "turn" }

// Regularly has do done by one of the instances, soon after the start and then time and again. Doing it twice has to do no harm.
func (q *Queue) Regularly(name string, every time.Duration, do func(context.Context) error) {
	if len(q.regular) == 0 {
		Work(q, q.turn)
	}
	q.regular = append(q.regular, regular{name, every, do})
}

func (q *Queue) turn(ctx context.Context, t Turn) error {
	for _, r := range q.regular {
		if r.name == t.Name {
			return r.do(ctx)
		}
	}
	return Never(fmt.Errorf("there is no regular job %q", t.Name))
}

func (q *Queue) periodic() []*river.PeriodicJob {
	jobs := make([]*river.PeriodicJob, len(q.regular))
	for i, r := range q.regular {
		jobs[i] = river.NewPeriodicJob(river.PeriodicInterval(r.every), func() (river.JobArgs, *river.InsertOpts) {
			return Turn{r.name}, &river.InsertOpts{UniqueOpts: unique}
		}, &river.PeriodicJobOpts{ID: r.name, RunOnStart: true})
	}
	return jobs
}
