package jobs_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"channelbook/ent/regularrun"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
	"channelbook/internal/jobs"
)

// of is one's own regular work by its name.
func of(t *testing.T, q *jobs.Queue, name string) *jobs.Regular {
	t.Helper()
	regular, err := q.Regular(admin(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range regular {
		if r.Name == name {
			return r
		}
	}
	t.Fatalf("%s is not among the regular work", name)
	return nil
}

func TestRegularWorkIsDoneByOneInstance(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var done, failed, atOnce atomic.Int32
		office := func() *office {
			o := newOffice(t, d)
			o.Regularly("sweep", time.Hour, func(ctx context.Context) error {
				if atOnce.Add(1) > 1 {
					t.Error("two are at it")
				}
				defer atOnce.Add(-1)
				done.Add(1)
				return nil
			})
			o.Regularly("breaks", time.Hour, func(context.Context) error {
				failed.Add(1)
				return errors.New("broken")
			})
			return o
		}
		first, second := office(), office()
		if r := of(t, first.Queue, "sweep"); r.LastBegun != nil || r.NextAt.After(time.Now()) || !r.ByHand || r.Every != time.Hour {
			t.Errorf("before: got %+v", r)
		}
		stop := begin(t, first.Queue)
		begin(t, second.Queue)
		eventually(t, "a turn of each", func() bool {
			return of(t, first.Queue, "sweep").LastSucceeded != nil && of(t, first.Queue, "breaks").LastError != ""
		})
		r := of(t, second.Queue, "sweep")
		if r.Running || r.LastEnded == nil || r.LastError != "" || !r.NextAt.Equal(r.LastBegun.Add(time.Hour)) {
			t.Errorf("after: got %+v", r)
		}
		stop() // who led may be gone
		again := office()
		begin(t, again.Queue)
		time.Sleep(300 * time.Millisecond)
		if done.Load() != 1 {
			t.Errorf("done %d times, want once in the hour, whoever starts", done.Load())
		}
		if r := of(t, again.Queue, "breaks"); r.LastError != "broken" || r.LastSucceeded != nil || failed.Load() < 1 {
			t.Errorf("got %+v, want the failure", r)
		}
	})
}

func TestRegularWorkGoesOn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		const every = 300 * time.Millisecond
		begun := make(chan time.Time, 100)
		o.Regularly("often", every, func(context.Context) error { begun <- time.Now(); return nil })
		begin(t, o.Queue)
		last := <-begun
		for range 3 {
			next := <-begun
			if between := next.Sub(last); between < every-50*time.Millisecond { // each is kept as begun a moment before
				t.Errorf("a turn came after %v, want %v", between, every)
			}
			last = next
		}
	})
}

func TestRegularWorkIsStartedByHand(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		var done atomic.Int32
		begun, release := make(chan struct{}, 10), make(chan struct{}, 10)
		o.Regularly("sweep", time.Hour, func(context.Context) error {
			begun <- struct{}{}
			<-release
			done.Add(1)
			return nil
		})
		o.Watched = &jobs.Recorder{DB: d, Log: o.Log, Every: map[string]time.Duration{"loop": time.Minute}}
		release <- struct{}{}
		begin(t, o.Queue)
		eventually(t, "the first turn", func() bool { return of(t, o.Queue, "sweep").LastSucceeded != nil })
		eventually(t, "its job's end", func() bool { return len(all(t, o.Queue, jobs.Filter{States: []string{"completed"}})) == 1 })
		<-begun
		r, err := o.RunNow(admin(t), "sweep")
		if err != nil || r.NextAt.After(time.Now()) {
			t.Fatalf("got %+v, %v, want it to be due", r, err)
		}
		<-begun
		if !of(t, o.Queue, "sweep").Running {
			t.Error("it does not run")
		}
		if _, err := o.RunNow(admin(t), "sweep"); !fault.HasCode(err, "JOB_RUNNING") {
			t.Errorf("got %v, want a conflict", err)
		}
		release <- struct{}{}
		eventually(t, "the second turn", func() bool { return done.Load() == 2 })
		if _, err := o.RunNow(admin(t), "no-such"); !fault.Is(err, fault.NotFound) {
			t.Errorf("got %v, want no such work", err)
		}
		if _, err := o.RunNow(admin(t), "loop"); !fault.HasCode(err, "NOT_BY_HAND") {
			t.Errorf("got %v, want it left to its loop", err)
		}
	})
}

func TestTheStopBreaksRegularWorkOff(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		var told atomic.Int32
		o.Ran = func(string, time.Time, error) { told.Add(1) }
		begun := make(chan struct{}, 1)
		o.Regularly("lasts", time.Hour, func(ctx context.Context) error {
			begun <- struct{}{}
			<-ctx.Done()
			return ctx.Err()
		})
		stop := begin(t, o.Queue)
		<-begun
		before := time.Now()
		stop()
		if took := time.Since(before); took > 20*time.Second {
			t.Errorf("the stop took %v", took)
		}
		e := all(t, o.Queue, jobs.Filter{})[0]
		if e.State != "available" || e.LastError != "" || told.Load() != 0 {
			t.Errorf("got %+v and %d runs, want it to wait for the next start, and no failure", e, told.Load())
		}
	})
}

func TestLoopsAreSeenBesideTheQueue(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		o.Watched = &jobs.Recorder{DB: d, Log: o.Log, Every: map[string]time.Duration{"figures": 10 * time.Minute}}
		ran := func(err error) { o.Watched.Ran("figures", time.Now(), err) }
		written := func() time.Time {
			row, err := d.RegularRun.Query().Where(regularrun.Name("figures")).Only(auth.AsSystem(t.Context(), "test"))
			if err != nil {
				t.Fatal(err)
			}
			return row.BegunAt
		}
		ran(nil)
		first := written()
		if r := of(t, o.Queue, "figures"); r.ByHand || r.LastSucceeded == nil || r.LastError != "" || r.Running || !r.NextAt.Equal(first.Add(10*time.Minute)) {
			t.Errorf("got %+v", r)
		}
		ran(nil)
		if !written().Equal(first) {
			t.Error("it was written twice within a minute")
		}
		ran(errors.New("no base for anna@example.ru"))
		if r := of(t, o.Queue, "figures"); r.LastError != "no base for [e-mail]" || r.LastSucceeded == nil {
			t.Errorf("got %+v, want the failure at once", r)
		}
		ran(nil)
		if r := of(t, o.Queue, "figures"); r.LastError != "" {
			t.Errorf("got %+v, want the recovery at once", r)
		}
		o.Watched.Ran("unknown", time.Now(), nil)
		if n := d.RegularRun.Query().CountX(auth.AsSystem(t.Context(), "test")); n != 1 {
			t.Errorf("got %d rows, want the one", n)
		}
	})
}

func TestALongErrorIsCut(t *testing.T) {
	d := dbtest.SQLite(t)
	o := newOffice(t, d)
	o.Watched = &jobs.Recorder{DB: d, Log: o.Log, Every: map[string]time.Duration{"loop": time.Minute}}
	o.Watched.Ran("loop", time.Now(), errors.New(strings.Repeat("я", 1000)))
	if got := []rune(of(t, o.Queue, "loop").LastError); len(got) != 300 {
		t.Errorf("got %d characters, want 300", len(got))
	}
}
