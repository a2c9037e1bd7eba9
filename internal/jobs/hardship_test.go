package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"channelbook/ent/handout"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/jobs"
)

// count counts how often each was done.
type count struct {
	mu sync.Mutex
	of map[string]int
}

func (c *count) add(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of == nil {
		c.of = map[string]int{}
	}
	c.of[name]++
}

// not are the names that were not done exactly once of n.
func (c *count) not(n int) (wrong []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range n {
		if name := fmt.Sprint(i); c.of[name] != 1 {
			wrong = append(wrong, fmt.Sprintf("%s: %d times", name, c.of[name]))
		}
	}
	return wrong
}

// TestUnderAFloodOfWritesEachJobIsDoneOnce: the queue's own writes get their turn beside those of the requests.
func TestUnderAFloodOfWritesEachJobIsDoneOnce(t *testing.T) {
	const n = 120
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		var done count
		jobs.Work(o.Queue, func(_ context.Context, g greet) error { done.add(g.Whom); return nil })
		begin(t, o.Queue)
		ctx, stop := context.WithCancel(db.Unaudited(auth.AsSystem(context.Background(), "test"), "a test"))
		var flood sync.WaitGroup
		for range 8 {
			flood.Go(func() {
				for ctx.Err() == nil {
					err := db.WithTx(ctx, d, func(tx *db.Tx) error {
						return tx.HandOut.Update().Where(handout.ID(1)).AddTurn(1).Exec(ctx)
					})
					if err != nil && ctx.Err() == nil {
						t.Errorf("a write failed: %v", err)
						return
					}
				}
			})
		}
		defer flood.Wait()
		defer stop()
		for i := range n {
			enqueue(t, d, jobs.Job{Args: greet{fmt.Sprint(i)}})
		}
		eventually(t, "all jobs to be over", func() bool {
			_, total, err := o.List(admin(t), jobs.Filter{States: []string{"completed"}}, 0, 1, true)
			return err == nil && total == n
		})
		if wrong := done.not(n); len(wrong) > 0 {
			t.Errorf("not once: %v", wrong)
		}
	})
}

// TestOfManyInstancesOneDoesAJob: on PostgreSQL two serve one base.
func TestOfManyInstancesOneDoesAJob(t *testing.T) {
	const n = 100
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var done count
		work := func(_ context.Context, g greet) error { done.add(g.Whom); return nil }
		one, other := newOffice(t, d), newOffice(t, d)
		jobs.Work(one.Queue, work)
		jobs.Work(other.Queue, work)
		begin(t, one.Queue)
		begin(t, other.Queue)
		var group sync.WaitGroup
		for range 8 { // each wants all of them done
			group.Go(func() {
				var all []jobs.Job
				for i := range n {
					all = append(all, jobs.Job{Args: greet{fmt.Sprint(i)}, At: time.Now().Add(time.Hour)})
				}
				enqueue(t, d, all...)
			})
		}
		group.Wait()
		found := all(t, one.Queue, jobs.Filter{})
		if len(found) != n {
			t.Fatalf("got %d jobs, want each of %d once", len(found), n)
		}
		for _, e := range found {
			if _, err := one.Retry(admin(t), e.ID); err != nil {
				t.Fatal(err)
			}
		}
		eventually(t, "all jobs to be over", func() bool {
			_, total, err := one.List(admin(t), jobs.Filter{States: []string{"completed"}}, 0, 1, true)
			return err == nil && total == n
		})
		if wrong := done.not(n); len(wrong) > 0 {
			t.Errorf("not once: %v", wrong)
		}
	})
}

// leftBehind makes a job look as if a process that is gone had been at it for as long as said.
func leftBehind(t *testing.T, d *db.DB, since time.Duration) {
	t.Helper()
	at := time.Now().Add(-since).UTC().Format("2006-01-02 15:04:05.000")
	by, zone := `'["gone"]'`, ""
	if d.Dialect() == dialect.Postgres {
		by, zone = "ARRAY['gone']", "+00"
	}
	_, err := d.ExecContext(auth.AsSystem(t.Context(), "test"),
		"UPDATE river_job SET state = 'running', attempt = 1, attempted_at = '"+at+zone+"', attempted_by = "+by)
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatAKilledInstanceLeftIsDoneAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		var done atomic.Int32
		jobs.Work(o.Queue, func(context.Context, greet) error { done.Add(1); return nil })
		enqueue(t, d, jobs.Job{Args: greet{"a"}})
		since := time.Duration(0) // on SQLite nobody else can be at it
		if d.Dialect() == dialect.Postgres {
			since = time.Minute + time.Second // a third longer than a job may take
		}
		leftBehind(t, d, since)
		begin(t, o.Queue)
		eventually(t, "the job", func() bool { return done.Load() == 1 })
		eventually(t, "its end", func() bool { return all(t, o.Queue, jobs.Filter{})[0].State == "completed" })
		if e := all(t, o.Queue, jobs.Filter{})[0]; e.Attempts != 2 {
			t.Errorf("got %+v, want the second attempt", e)
		}
	})
}

func TestWhatAnotherInstanceDoesIsLeftToIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var done atomic.Int32
		begun, release := make(chan struct{}, 10), make(chan struct{})
		work := func(context.Context, greet) error {
			begun <- struct{}{}
			<-release
			done.Add(1)
			return nil
		}
		one, other := newOffice(t, d), newOffice(t, d)
		jobs.Work(one.Queue, work)
		jobs.Work(other.Queue, work)
		enqueue(t, d, jobs.Job{Args: greet{"a"}})
		begin(t, one.Queue)
		<-begun
		begin(t, other.Queue)
		time.Sleep(200 * time.Millisecond)
		close(release)
		eventually(t, "its end", func() bool { return all(t, one.Queue, jobs.Filter{})[0].State == "completed" })
		if done.Load() != 1 || len(begun) > 0 {
			t.Errorf("done %d times, want once", done.Load())
		}
	})
}

func TestTheStopWaitsForJobsAndBreaksOffWhatLasts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		o.Timeout = time.Second
		begun := make(chan struct{}, 2)
		stopped := make(chan struct{})
		var whole atomic.Int32
		jobs.Work(o.Queue, func(ctx context.Context, g greet) error {
			begun <- struct{}{}
			<-stopped
			if g.Whom == "short" {
				whole.Add(1)
				return nil
			}
			<-ctx.Done()
			return ctx.Err()
		})
		enqueue(t, d, jobs.Job{Args: greet{"short"}}, jobs.Job{Args: greet{"long"}})
		stop := begin(t, o.Queue)
		<-begun
		<-begun
		go close(stopped)
		stop()
		found := all(t, o.Queue, jobs.Filter{})
		if whole.Load() != 1 || found[1].State != "completed" {
			t.Errorf("got %+v, want the short one to be done", found[1])
		}
		if s := found[0].State; s != "available" && s != "retryable" {
			t.Errorf("got %s, want the long one to be done again", s)
		}
	})
}

func TestAPanicIsAFailure(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		var tried atomic.Int32
		jobs.Work(o.Queue, func(context.Context, greet) error {
			if tried.Add(1) == 1 {
				panic("at the disco")
			}
			return nil
		})
		enqueue(t, d, jobs.Job{Args: greet{"a"}})
		begin(t, o.Queue)
		eventually(t, "the second attempt", func() bool { return all(t, o.Queue, jobs.Filter{})[0].State == "completed" })
		if e := all(t, o.Queue, jobs.Filter{})[0]; e.LastError != "panic: at the disco" {
			t.Errorf("got %q", e.LastError)
		}
	})
}

func TestJobsGoOnAfterTheBaseWasAway(t *testing.T) {
	d := dbtest.Postgres(t)
	o := newOffice(t, d)
	var done count
	jobs.Work(o.Queue, func(_ context.Context, g greet) error { done.add(g.Whom); return nil })
	begin(t, o.Queue)
	enqueue(t, d, jobs.Job{Args: greet{"0"}})
	eventually(t, "a job", func() bool { return len(done.not(1)) == 0 })
	for range 5 {
		_, err := d.ExecContext(auth.AsSystem(t.Context(), "test"),
			"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	eventually(t, "the base", func() bool {
		return db.WithTx(t.Context(), d, func(tx *db.Tx) error { return jobs.Enqueue(t.Context(), tx, jobs.Job{Args: greet{"1"}}) }) == nil
	})
	eventually(t, "the next job", func() bool { return len(done.not(2)) == 0 })
}

func TestJobsThatFailAreTriedAgainAndGivenUpInTheEnd(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		var ran atomic.Int32
		o.Ran = func(kind string, _ time.Time, err error) {
			if kind == "greet" && err != nil {
				ran.Add(1)
			}
		}
		jobs.Work(o.Queue, func(context.Context, greet) error { return errors.New("not today") })
		enqueue(t, d, jobs.Job{Args: greet{"a"}})
		begin(t, o.Queue)
		eventually(t, "two attempts", func() bool { return ran.Load() >= 2 })
		e := all(t, o.Queue, jobs.Filter{})[0]
		if e.LastError != "not today" || !slices.Contains([]string{"retryable", "available", "running"}, e.State) || e.MaxAttempts != 25 {
			t.Errorf("got %+v, want it to be tried again", e)
		}
	})
}
