package watch

import (
	"context"
	"sync"

	"channelbook/ent"
	"channelbook/internal/auth"
	"channelbook/internal/gid"
)

// watching knows who watches on this instance.
type watching struct {
	mu    sync.Mutex
	ready chan struct{} // closed once changes are followed
	of    map[sight]map[*Watcher]bool
}

// sight is which leads may concern a watcher: all, or a distributor's.
type sight struct {
	all         bool
	distributor gid.ID
}

// begun is closed once changes are followed; w.mu is held.
func (w *watching) begun() chan struct{} {
	if w.ready == nil {
		w.ready = make(chan struct{})
	}
	return w.ready
}

func (w *watching) begin() {
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case <-w.begun():
	default:
		close(w.ready)
	}
}

func (w *watching) nobody() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.of) == 0
}

// pass hands changes to whoever they may concern. It never waits.
func (w *watching) pass(rows []*ent.LeadChange) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, row := range rows {
		for watcher := range w.of[sight{all: true}] {
			watcher.gather(row.LeadID)
		}
		if row.DistributorID == nil {
			continue
		}
		for watcher := range w.of[sight{distributor: *row.DistributorID}] {
			watcher.gather(row.LeadID)
		}
	}
}

// Watcher gathers the ids of leads that have changed since it began, until Leave. However often a lead changes before its id
// is taken, it is gathered once.
type Watcher struct {
	service *Service
	sight   sight
	bell    chan struct{}

	mu    sync.Mutex
	ids   []gid.ID // in the order of their first change
	waits map[gid.ID]bool
}

// Begin begins to watch the leads that may concern the viewer: whatever commits after it is gathered. It waits until Run has
// begun. Whoever begins must Leave.
func (s *Service) Begin(ctx context.Context) (*Watcher, error) {
	viewer, err := auth.Require(ctx, auth.Admin, auth.Distributor)
	if err != nil {
		return nil, err
	}
	s.watching.mu.Lock()
	ready := s.watching.begun()
	s.watching.mu.Unlock()
	select {
	case <-ready:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	w := &Watcher{
		service: s, sight: sight{all: viewer.Role == auth.Admin, distributor: viewer.Distributor},
		bell: make(chan struct{}, 1), waits: map[gid.ID]bool{},
	}
	s.watching.enter(w)
	return w, nil
}

func (w *watching) enter(watcher *Watcher) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.of == nil {
		w.of = map[sight]map[*Watcher]bool{}
	}
	if w.of[watcher.sight] == nil {
		w.of[watcher.sight] = map[*Watcher]bool{}
	}
	w.of[watcher.sight][watcher] = true
}

// Leave ends it.
func (w *Watcher) Leave() {
	all := &w.service.watching
	all.mu.Lock()
	defer all.mu.Unlock()
	delete(all.of[w.sight], w)
	if len(all.of[w.sight]) == 0 {
		delete(all.of, w.sight)
	}
}

// Changed wakes whoever waits for changes: there may be something to Take.
func (w *Watcher) Changed() <-chan struct{} { return w.bell }

// Take takes the ids that have been gathered, in the order of their first change.
func (w *Watcher) Take() []gid.ID {
	w.mu.Lock()
	defer w.mu.Unlock()
	taken := w.ids
	w.ids, w.waits = nil, map[gid.ID]bool{}
	return taken
}

// Return gives ids back that were taken in vain, to be taken before all others.
func (w *Watcher) Return(ids []gid.ID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var back []gid.ID
	for _, id := range ids {
		if !w.waits[id] { // else it has changed meanwhile
			w.waits[id] = true
			back = append(back, id)
		}
	}
	w.ids = append(back, w.ids...)
	w.ring()
}

func (w *Watcher) gather(id gid.ID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.waits[id] {
		w.waits[id] = true
		w.ids = append(w.ids, id)
	}
	w.ring()
}

// ring never waits; w.mu is held.
func (w *Watcher) ring() {
	select {
	case w.bell <- struct{}{}:
	default:
	}
}
