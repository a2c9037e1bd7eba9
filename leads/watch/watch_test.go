package watch_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"channelbook/ent/leadchange"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/internal/line"
	"channelbook/leads/watch"
)

var at = dbtest.Clock("2026-11-26T09:00:00Z")()

// running is an instance that runs for as long as the test goes on.
func running(t *testing.T, d *db.DB) *watch.Service {
	t.Helper()
	s := &watch.Service{DB: d, Log: dbtest.Log(t)}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var all sync.WaitGroup
	all.Go(func() { s.Run(ctx) })
	t.Cleanup(func() { cancel(); all.Wait() })
	return s
}

func change(t *testing.T, d *db.DB, changes ...watch.Change) {
	t.Helper()
	err := db.WithTx(t.Context(), d, func(tx *db.Tx) error { return tx.Insert(t.Context(), watch.Rows(tx, at, changes...)) })
	if err != nil {
		t.Fatal(err)
	}
}

func begin(t *testing.T, s *watch.Service, role auth.Role, of gid.ID) *watch.Watcher {
	t.Helper()
	w, err := s.Begin(auth.With(t.Context(), auth.Viewer{Role: role, UserID: gid.New(), Distributor: of}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Leave)
	return w
}

// until takes ids until all of these have come.
func until(t *testing.T, w *watch.Watcher, wanted ...gid.ID) (ids []gid.ID) {
	t.Helper()
	patience := time.After(20 * time.Second)
	for slices.ContainsFunc(wanted, func(id gid.ID) bool { return !slices.Contains(ids, id) }) {
		select {
		case <-w.Changed():
			ids = append(ids, w.Take()...)
		case <-patience:
			t.Fatalf("got %d ids, and not all %d", len(ids), len(wanted))
		}
	}
	return ids
}

// TestWatchersGatherWhatMayConcernThem: a distributor's its leads, an administrator's all, on every instance.
func TestWatchersGatherWhatMayConcernThem(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		second := dbtest.Second(t, d)
		here, there := running(t, d), running(t, second)
		north, south := gid.New(), gid.New()
		n, s, boss := begin(t, here, auth.Distributor, north), begin(t, there, auth.Distributor, south), begin(t, there, auth.Admin, gid.ID{})
		var norths, souths, all []gid.ID
		for i := range 150 {
			id := gid.New()
			all = append(all, id)
			switch i % 3 {
			case 0:
				norths = append(norths, id)
				change(t, d, watch.Change{Lead: id, Distributor: &north})
			case 1:
				souths = append(souths, id)
				change(t, second, watch.Change{Lead: id, Distributor: &south})
			default:
				change(t, d, watch.Change{Lead: id})
			}
		}
		for name, c := range map[string]struct {
			w    *watch.Watcher
			want []gid.ID
		}{"north": {n, norths}, "south": {s, souths}, "an administrator": {boss, all}} {
			got := until(t, c.w, c.want...)
			slices.SortFunc(got, func(a, b gid.ID) int { return slices.Compare(a[:], b[:]) })
			if !slices.Equal(got, c.want) {
				t.Errorf("%s gathered %d leads, want exactly its %d", name, len(got), len(c.want))
			}
		}
	})
}

// TestALeadThatChangesOftenIsGatheredOnce: a watcher that does not read holds each lead once, however many changes there are.
func TestALeadThatChangesOftenIsGatheredOnce(t *testing.T) {
	d := dbtest.SQLite(t)
	s := running(t, d)
	w := begin(t, s, auth.Admin, gid.ID{})
	often, last := gid.New(), gid.New()
	for range 50 {
		change(t, d, watch.Change{Lead: often}, watch.Change{Lead: often})
	}
	change(t, d, watch.Change{Lead: last})
	eventually(t, "all changes have their places", func() bool { return placed(t, d) == 101 })
	eventually(t, "and are gathered", func() bool {
		ids := w.Take()
		w.Return(ids)
		return slices.Contains(ids, last)
	})
	if got := w.Take(); !slices.Equal(got, []gid.ID{often, last}) {
		t.Errorf("got %v, want each once", got)
	}
	if got := w.Take(); len(got) != 0 {
		t.Errorf("got %v again, want nothing", got)
	}
}

// TestWhatIsReturnedComesFirstAndOnce: nothing that was taken in vain is lost, nor doubled by what came meanwhile.
func TestWhatIsReturnedComesFirstAndOnce(t *testing.T) {
	d := dbtest.SQLite(t)
	w := begin(t, running(t, d), auth.Admin, gid.ID{})
	a, b, c := gid.New(), gid.New(), gid.New()
	change(t, d, watch.Change{Lead: a}, watch.Change{Lead: b})
	taken := until(t, w, b)
	change(t, d, watch.Change{Lead: b}, watch.Change{Lead: c})
	w.Return(until(t, w, c)) // b has changed again, and c
	w.Return(taken)
	if got := until(t, w, a); !slices.Equal(got, []gid.ID{a, b, c}) {
		t.Errorf("got %v, want %v", got, []gid.ID{a, b, c})
	}
}

func TestWhoWatches(t *testing.T) {
	s := &watch.Service{DB: dbtest.SQLite(t), Log: dbtest.Log(t)}
	for want, ctx := range map[fault.Kind]context.Context{
		fault.Unauthenticated: t.Context(),
		fault.Forbidden:       auth.With(t.Context(), auth.Viewer{Role: auth.Source, SourceID: gid.New()}),
	} {
		if _, err := s.Begin(ctx); !fault.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	t.Run("nobody before changes are followed", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(auth.With(t.Context(), auth.Viewer{Role: auth.Admin}), 50*time.Millisecond)
		defer cancel()
		if _, err := s.Begin(ctx); err == nil {
			t.Error("it began, want it to wait for Run")
		}
	})
}

// TestOldChangesAreDropped: all that is older than asked for, but for what nobody could read yet.
func TestOldChangesAreDropped(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		system := auth.AsSystem(t.Context(), "test")
		const old = 2500
		changes := make([]watch.Change, old)
		for i := range changes {
			changes[i].Lead = gid.New()
		}
		change(t, d, changes...)
		if _, err := (&line.Line{DB: d, Table: "lead_changes", Log: dbtest.Log(t)}).Settle(system); err != nil {
			t.Fatal(err)
		}
		change(t, d, watch.Change{Lead: gid.New()}) // has no place
		kept := d.LeadChange.Create().SetAt(at.Add(time.Minute)).SetLeadID(gid.New()).SetPlace(old + 1).SaveX(system)
		s := &watch.Service{DB: d, Log: dbtest.Log(t)}
		n, err := s.Drop(t.Context(), at.Add(time.Minute))
		if err != nil || n != old {
			t.Errorf("dropped %d, %v, want %d", n, err, old)
		}
		left := d.LeadChange.Query().AllX(system)
		if len(left) != 2 || !slices.Contains([]gid.ID{left[0].ID, left[1].ID}, kept.ID) {
			t.Errorf("%v are left, want the one without a place and the new one", left)
		}
	})
}

// TestDropReadsNothingBehindTheFirstYoungChange: what is younger costs nothing, however much of it there is; so what is older
// and stands behind it waits for its turn.
func TestDropReadsNothingBehindTheFirstYoungChange(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		system := auth.AsSystem(t.Context(), "test")
		for i, age := range []time.Duration{2 * time.Hour, 0, 2 * time.Hour} {
			d.LeadChange.Create().SetAt(at.Add(-age)).SetLeadID(gid.New()).SetPlace(int64(i + 1)).ExecX(system)
		}
		s := &watch.Service{DB: d, Log: dbtest.Log(t)}
		for _, c := range []struct {
			before time.Time
			n      int
		}{{at.Add(-3 * time.Hour), 0}, {at.Add(-time.Hour), 1}, {at.Add(-time.Hour), 0}, {at.Add(time.Minute), 2}} {
			if n, err := s.Drop(t.Context(), c.before); n != c.n || err != nil {
				t.Errorf("before %v dropped %d, %v, want %d", c.before, n, err, c.n)
			}
		}
	})
}

func placed(t *testing.T, d *db.DB) int {
	t.Helper()
	return d.LeadChange.Query().Where(leadchange.PlaceNotNil()).CountX(auth.AsSystem(t.Context(), "test"))
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not so: %s", what)
		}
	}
}
