package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/internal/jobs"
)

// deed is what an administrator did to a job.
type deed struct {
	act        jobs.Act
	kind, name string
}

// office is a queue whose jobs are written down and done as a test says.
type office struct {
	*jobs.Queue
	mu    sync.Mutex
	deeds []deed
}

func (o *office) did() []deed {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.deeds)
}

func newOffice(t *testing.T, d *db.DB) *office {
	o := &office{Queue: &jobs.Queue{DB: d, Log: dbtest.Log(t), Poll: 5 * time.Millisecond}}
	o.Audit = func(_ context.Context, _ *db.Tx, act jobs.Act, kind, name string) error {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.deeds = append(o.deeds, deed{act, kind, name})
		return nil
	}
	return o
}

// begin runs the queue until the test ends, or stop is called, which waits.
func begin(t *testing.T, q *jobs.Queue) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { q.Run(ctx); close(done) }()
	stop = sync.OnceFunc(func() { cancel(); <-done })
	t.Cleanup(stop)
	return stop
}

func enqueue(t *testing.T, d *db.DB, of ...jobs.Job) {
	t.Helper()
	if err := db.WithTx(t.Context(), d, func(tx *db.Tx) error { return jobs.Enqueue(t.Context(), tx, of...) }); err != nil {
		t.Fatal(err)
	}
}

func admin(t *testing.T) context.Context {
	return auth.With(t.Context(), auth.Viewer{Role: auth.Admin, UserID: gid.New(), SessionID: gid.New()})
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// all are the jobs of a base, the newest first.
func all(t *testing.T, q *jobs.Queue, f jobs.Filter) []*jobs.Entry {
	t.Helper()
	found, total, err := q.List(admin(t), f, 0, 100, true)
	if err != nil || total != len(found) {
		t.Fatalf("got %d of %d jobs and %v", len(found), total, err)
	}
	return found
}

func states(found []*jobs.Entry) (s []string) {
	for _, e := range found {
		s = append(s, e.State)
	}
	return s
}

func TestAdministratorsSeeJobs(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		jobs.Work(o.Queue, func(context.Context, greet) error { return nil })
		soon := time.Now().Add(time.Hour).UTC().Truncate(time.Millisecond)
		enqueue(t, d, jobs.Job{Args: greet{"a"}}, jobs.Job{Args: greet{"b"}, At: soon}, jobs.Job{Args: greet{"c"}})
		found := all(t, o.Queue, jobs.Filter{})
		if len(found) != 3 || found[0].ID < found[1].ID || found[1].State != "scheduled" || !found[1].DueAt.Equal(soon) || found[2].State != "available" {
			t.Fatalf("got %+v", found)
		}
		if e := found[2]; e.Kind != "greet" || e.Line != "default" || strings.ReplaceAll(e.Arguments, " ", "") != `{"whom":"a"}` || e.Attempts != 0 || e.LastError != "" {
			t.Errorf("got %+v, want the first", e)
		}
		page, _, err := o.List(admin(t), jobs.Filter{}, found[0].ID, 1, false)
		if err != nil || len(page) != 2 || page[0].ID != found[1].ID {
			t.Errorf("got %v, %v: want what follows the newest, and one more", page, err)
		}
		for name, c := range map[string]struct {
			f    jobs.Filter
			want int
		}{
			"a state":      {jobs.Filter{States: []string{"scheduled", "running"}}, 1},
			"a kind":       {jobs.Filter{Kinds: []string{"greet"}}, 3},
			"another kind": {jobs.Filter{Kinds: []string{"leave"}}, 0},
			"a line":       {jobs.Filter{Lines: []string{"default"}}, 3},
			"nothing":      {jobs.Filter{Lines: []string{}}, 0},
			"both":         {jobs.Filter{Kinds: []string{"greet"}, States: []string{"available"}}, 2},
		} {
			if got := all(t, o.Queue, c.f); len(got) != c.want {
				t.Errorf("%s: got %d, want %d", name, len(got), c.want)
			}
		}
	})
}

func TestNobodyElseReachesTheQueue(t *testing.T) {
	d := dbtest.SQLite(t)
	o := newOffice(t, d)
	o.Regularly("sweep", time.Hour, func(context.Context) error { return nil })
	enqueue(t, d, jobs.Job{Args: greet{"a"}})
	id := all(t, o.Queue, jobs.Filter{})[0].ID
	for name, v := range map[string]auth.Viewer{
		"nobody": {}, "a distributor's user": {Role: auth.Distributor, UserID: gid.New(), Distributor: gid.New()}, "a source": {Role: auth.Source, SourceID: gid.New()},
	} {
		ctx := auth.With(t.Context(), v)
		_, _, listed := o.List(ctx, jobs.Filter{}, 0, 10, true)
		_, retried := o.Retry(ctx, id)
		_, cancelled := o.Cancel(ctx, id)
		_, regular := o.Regular(ctx)
		_, started := o.RunNow(ctx, "sweep")
		for act, err := range map[string]error{"list": listed, "retry": retried, "cancel": cancelled, "see regular work": regular, "start": started} {
			if !fault.Is(err, fault.Forbidden) && !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("%s may %s: %v", name, act, err)
			}
		}
	}
	if got := states(all(t, o.Queue, jobs.Filter{})); !slices.Equal(got, []string{"available"}) || len(o.did()) > 0 {
		t.Errorf("got %v and %v, want all as it was", got, o.did())
	}
}

func TestRetryHasAJobDoneAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		var fails atomic.Bool
		fails.Store(true)
		var done atomic.Int32
		jobs.Work(o.Queue, func(context.Context, greet) error {
			if fails.Load() {
				return jobs.Never(errors.New("not for anna@example.ru or +7 912 345-67-89, see https://example.ru/x?token=1"))
			}
			done.Add(1)
			return nil
		})
		enqueue(t, d, jobs.Job{Args: greet{"now"}}, jobs.Job{Args: greet{"later"}, At: time.Now().Add(time.Hour)})
		begin(t, o.Queue)
		eventually(t, "a failure", func() bool { return all(t, o.Queue, jobs.Filter{})[1].State == "cancelled" })
		fails.Store(false)
		later, now := all(t, o.Queue, jobs.Filter{})[0], all(t, o.Queue, jobs.Filter{})[1]
		if want := "not for [e-mail] or [number], see [link]"; !strings.HasSuffix(now.LastError, want) {
			t.Errorf("got %q, want %q", now.LastError, want)
		}
		for _, e := range []*jobs.Entry{later, now} {
			if got, err := o.Retry(admin(t), e.ID); err != nil || got.State != "available" {
				t.Fatalf("got %+v, %v, want it to be done", got, err)
			}
		}
		eventually(t, "both", func() bool { return done.Load() == 2 })
		eventually(t, "both to be over", func() bool {
			return slices.Equal(states(all(t, o.Queue, jobs.Filter{})), []string{"completed", "completed"})
		})
		if _, err := o.Retry(admin(t), now.ID); !fault.HasCode(err, "JOB_COMPLETED") {
			t.Errorf("got %v, want what is done to stay so", err)
		}
		if _, err := o.Retry(admin(t), now.ID+100); !fault.Is(err, fault.NotFound) {
			t.Errorf("got %v, want no such job", err)
		}
		want := []deed{{jobs.Retried, "greet", fmt.Sprint(later.ID)}, {jobs.Retried, "greet", fmt.Sprint(now.ID)}}
		if !slices.Equal(o.did(), want) {
			t.Errorf("recorded %v, want %v", o.did(), want)
		}
	})
}

func TestWhatIsUnderWayIsNotRetriedBesides(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		jobs.Work(o.Queue, func(context.Context, greet) error { return nil })
		enqueue(t, d, jobs.Job{Args: greet{"a"}})
		first := all(t, o.Queue, jobs.Filter{})[0].ID
		if _, err := o.Cancel(admin(t), first); err != nil {
			t.Fatal(err)
		}
		enqueue(t, d, jobs.Job{Args: greet{"a"}})
		if _, err := o.Retry(admin(t), first); !fault.HasCode(err, "JOB_REPEATED") {
			t.Errorf("got %v, want a conflict with the other", err)
		}
	})
}

type letter struct {
	To int `json:"to"`
}

func (letter) Kind() string { return "letter" }

func TestCancelledJobsAreNotDone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		var torn atomic.Int32
		begun, release := make(chan struct{}, 10), make(chan struct{})
		jobs.Work(o.Queue, func(ctx context.Context, g greet) error {
			begun <- struct{}{}
			<-ctx.Done()
			return ctx.Err()
		})
		jobs.WorkUnless(o.Queue, func(context.Context, letter) error {
			begun <- struct{}{}
			<-release
			return nil
		}, func(_ context.Context, _ *db.Tx, l letter) error {
			if l.To == 13 {
				return errors.New("13 cannot be torn up")
			}
			torn.Add(1)
			return nil
		})
		later := time.Now().Add(time.Hour)
		enqueue(t, d, jobs.Job{Args: letter{1}, At: later}, jobs.Job{Args: letter{13}, At: later}, jobs.Job{Args: letter{2}}, jobs.Job{Args: greet{"a"}})
		found := all(t, o.Queue, jobs.Filter{})
		slices.Reverse(found)
		waits, stays, runs, stops := found[0].ID, found[1].ID, found[2].ID, found[3].ID

		var cancelled atomic.Int32
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				switch e, err := o.Cancel(admin(t), waits); {
				case err == nil && e.State == "cancelled":
					cancelled.Add(1)
				case !fault.HasCode(err, "JOB_ENDED"):
					t.Errorf("got %v, %v", e, err)
				}
			})
		}
		group.Wait()
		if cancelled.Load() != 1 || torn.Load() != 1 {
			t.Errorf("cancelled %d times and torn up %d times, want once of eight", cancelled.Load(), torn.Load())
		}
		if _, err := o.Cancel(admin(t), stays); err == nil || all(t, o.Queue, jobs.Filter{States: []string{"scheduled"}})[0].ID != stays {
			t.Errorf("got %v, want the job to wait on where what it leaves cannot be done", err)
		}

		begin(t, o.Queue)
		<-begun
		<-begun
		if _, err := o.Cancel(admin(t), runs); !fault.HasCode(err, "JOB_RUNNING") {
			t.Errorf("got %v, want a conflict", err)
		}
		if e, err := o.Cancel(admin(t), stops); err != nil || e.State != "running" {
			t.Errorf("got %v, %v, want it to be told to stop", e, err)
		}
		eventually(t, "the stop", func() bool {
			return len(all(t, o.Queue, jobs.Filter{Kinds: []string{"greet"}, States: []string{"cancelled"}})) == 1
		})
		close(release)
		eventually(t, "the letter", func() bool {
			return len(all(t, o.Queue, jobs.Filter{Kinds: []string{"letter"}, States: []string{"completed"}})) == 1
		})
	})
}
