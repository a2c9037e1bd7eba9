package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"channelbook/ent"
	"channelbook/ent/regularrun"
	"channelbook/internal/auth"
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

// Line is a line of their own: what lasts keeps nothing else waiting.
func (Turn) Line() string { return "regular" }

const (
	// turnsAtOnce are how many turns are done at once, and turnLasts how long one may take.
	turnsAtOnce = 2
	turnLasts   = time.Hour
	// turnTries is how often a turn is tried before it is left to the next one.
	turnTries = 3
	// lookEvery is how often it is looked whether a turn is due.
	lookEvery = time.Minute
)

// AtMost is how long one may take.
func (Turn) AtMost() time.Duration { return turnLasts }

// Regularly has do done by one of the instances, soon after the start and then time and again, whoever is there. What of it is due
// stands in the base (regular_runs), so that a start or another instance does not do it sooner. A failure is tried again at
// once, and after some seconds, and then left to the next turn. Doing it twice has to do no harm: an instance that was killed in the
// middle of a turn on PostgreSQL leaves it behind for an hour, and then it is done again.
func (q *Queue) Regularly(name string, every time.Duration, do func(context.Context) error) {
	if len(q.regular) == 0 {
		Work(q, q.turn)
		if q.Lines == nil {
			q.Lines = map[string]int{}
		}
		q.Lines[Turn{}.Line()] = turnsAtOnce
	}
	q.regular = append(q.regular, regular{name, every, do})
}

func (q *Queue) known(name string) (regular, bool) {
	for _, r := range q.regular {
		if r.name == name {
			return r, true
		}
	}
	return regular{}, false
}

// turn does a turn, and keeps when and how it ended. It ends with Run, which would wait for the longest otherwise.
func (q *Queue) turn(ctx context.Context, t Turn) error {
	r, ok := q.known(t.Name)
	if !ok {
		return Never(fmt.Errorf("there is no regular job %q", t.Name))
	}
	doing, cancel := context.WithCancel(ctx)
	defer cancel()
	if now := q.running.Load(); now != nil {
		defer context.AfterFunc(now.stopping, cancel)()
	}
	if err := q.begun(ctx, r); err != nil {
		return err
	}
	err := r.do(doing)
	if err != nil && ctx.Err() == nil && doing.Err() != nil {
		return Later(0)
	}
	if kept := q.ended(context.WithoutCancel(ctx), r, err); err == nil {
		err = kept
	}
	return err
}

// periodic are the looks whether a turn is due, by whichever instance leads.
func (q *Queue) periodic(ctx context.Context) []*river.PeriodicJob {
	jobs := make([]*river.PeriodicJob, len(q.regular))
	for i, r := range q.regular {
		look := min(max(r.every/20, 50*time.Millisecond), lookEvery)
		jobs[i] = river.NewPeriodicJob(river.PeriodicInterval(look), func() (river.JobArgs, *river.InsertOpts) {
			if !q.due(ctx, r) {
				return nil, nil
			}
			return Turn{r.name}, turnOptions()
		}, &river.PeriodicJobOpts{ID: r.name, RunOnStart: true})
	}
	return jobs
}

func turnOptions() *river.InsertOpts {
	return &river.InsertOpts{UniqueOpts: unique, Queue: Turn{}.Line(), MaxAttempts: turnTries}
}

// due tells whether the last turn began long enough ago. Where the base does not tell, it is asked again soon.
func (q *Queue) due(ctx context.Context, r regular) bool {
	ctx, cancel := context.WithTimeout(auth.AsSystem(ctx, "regular work"), lastWords)
	defer cancel()
	last, err := q.DB.RegularRun.Query().Where(regularrun.Name(r.name)).Only(ctx)
	if ent.IsNotFound(err) {
		return true
	}
	return err == nil && !time.Now().Before(last.BegunAt.Add(r.every))
}
