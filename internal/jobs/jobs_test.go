package jobs_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/jobs"
)

type greet struct {
	Whom string `json:"whom"`
}

func (greet) Kind() string { return "greet" }

func TestJobs(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var greeted, failed, postponed atomic.Int32
		q := &jobs.Queue{DB: d, Log: dbtest.Log(t), Poll: 5 * time.Millisecond}
		jobs.Work(q, func(_ context.Context, g greet) error {
			switch {
			case g.Whom == "nobody":
				failed.Add(1)
				return jobs.Never(errors.New("nobody is there"))
			case g.Whom == "later" && postponed.Add(1) == 1:
				return jobs.Later(10 * time.Millisecond)
			}
			greeted.Add(1)
			return nil
		})
		enqueue := func(err error, of ...jobs.Job) {
			t.Helper()
			got := db.WithTx(t.Context(), d, func(tx *db.Tx) error { return errors.Join(jobs.Enqueue(t.Context(), tx, of...), err) })
			if !errors.Is(got, err) {
				t.Fatal(got)
			}
		}
		enqueue(nil, jobs.Job{Args: greet{"a"}}, jobs.Job{Args: greet{"b"}}, jobs.Job{Args: greet{"later"}}, jobs.Job{Args: greet{"nobody"}})
		enqueue(nil, jobs.Job{Args: greet{"a"}})
		enqueue(errors.New("rolled back"), jobs.Job{Args: greet{"c"}})
		enqueue(nil, jobs.Job{Args: greet{"d"}, At: time.Now().Add(time.Hour)})
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { q.Run(ctx); close(done) }()
		for deadline := time.Now().Add(20 * time.Second); greeted.Load() < 3 || failed.Load() < 1; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%d were greeted and %d failed", greeted.Load(), failed.Load())
			}
		}
		time.Sleep(200 * time.Millisecond)
		stop()
		<-done
		if greeted.Load() != 3 || failed.Load() != 1 || postponed.Load() != 2 {
			t.Errorf("greeted %d, failed %d, asked %d times for what comes later", greeted.Load(), failed.Load(), postponed.Load())
		}
	})
}
