package jobs

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"channelbook/internal/auth"
	"channelbook/internal/db"
)

// Recorder keeps in the base how work went that has a loop of its own on each instance, so that administrators see it beside the
// turns of the queue. The exported fields are required.
type Recorder struct {
	DB  *db.DB
	Log *slog.Logger
	// Every is how often each is done, by its name; what is not named here is not kept.
	Every map[string]time.Duration

	mu   sync.Mutex
	last map[string]written
}

// written is what this instance has written of one.
type written struct {
	at     time.Time
	failed bool
}

const (
	// writeEvery is how often a run is written where nothing is new about it.
	writeEvery = time.Minute
	// writeWait is how long whoever has ended a run waits for the base.
	writeWait = 5 * time.Second
)

// Ran is told of a run that began at an instant and has just ended, with err where it failed. It is written at once where the one
// before ended otherwise, and each minute besides.
func (r *Recorder) Ran(name string, begun time.Time, err error) {
	every, named := r.Every[name]
	now := time.Now()
	if !named || !r.isNews(name, now, err != nil) {
		return
	}
	ctx, cancel := context.WithTimeout(auth.AsSystem(context.Background(), "regular work"), writeWait)
	defer cancel()
	if failed := keep(ctx, r.DB, name, every, stamp(begun), stamp(now), err); failed != nil {
		r.forget(name)
		r.Log.DebugContext(ctx, "it could not be kept how regular work went", "job", name, "error", failed)
	}
}

func (r *Recorder) isNews(name string, now time.Time, failed bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if last, ok := r.last[name]; ok && last.failed == failed && now.Sub(last.at) < writeEvery {
		return false
	}
	if r.last == nil {
		r.last = map[string]written{}
	}
	r.last[name] = written{now, failed}
	return true
}

func (r *Recorder) forget(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.last, name)
}
