package line_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"channelbook/ent"
	"channelbook/ent/leadchange"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/internal/line"
)

// table is one that has a line and belongs to nothing else.
const table = leadchange.Table

// patience is how long the tests wait for what comes about beside them.
const patience = 30 * time.Second

func system() context.Context { return auth.AsSystem(context.Background(), "test") }

func lineOf(t *testing.T, d *db.DB) *line.Line {
	return &line.Line{DB: d, Table: table, Log: dbtest.Log(t)}
}

// put writes a row under an id, in a transaction that is not over.
func put(tx *db.Tx, id gid.ID) error {
	tx.Ring(line.Waiting(table))
	return tx.LeadChange.Create().SetID(id).SetAt(dbtest.Clock("2026-11-26T09:00:00Z")()).SetLeadID(id).Exec(system())
}

// add writes n rows, each in a transaction of its own.
func add(t *testing.T, d *db.DB, n int) {
	t.Helper()
	for range n {
		if err := db.WithTx(system(), d, func(tx *db.Tx) error { return put(tx, gid.New()) }); err != nil {
			t.Fatal(err)
		}
	}
}

// addTogether writes n rows in one transaction.
func addTogether(t *testing.T, d *db.DB, n int) {
	t.Helper()
	err := db.WithTx(system(), d, func(tx *db.Tx) error {
		var err error
		for range n {
			err = errors.Join(err, put(tx, gid.New()))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// settle gives places, and fails where that are not n.
func settle(t *testing.T, l *line.Line, n int) {
	t.Helper()
	if got, err := l.Settle(t.Context()); got != n || err != nil {
		t.Fatalf("settle: got %d, %v, want %d", got, err, n)
	}
}

// behind are the rows behind a place, in their order.
func behind(t *testing.T, d *db.DB, after int64) []*ent.LeadChange {
	t.Helper()
	rows, err := d.LeadChange.Query().Where(leadchange.PlaceGT(after)).Order(ent.Asc(leadchange.FieldPlace)).All(system())
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func last(t *testing.T, d *db.DB) int64 {
	t.Helper()
	last, err := line.Last(system(), d, table)
	if err != nil {
		t.Fatal(err)
	}
	return last
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %v", what, patience)
		}
	}
}

// background runs something until the test ends, or stop is called.
func background(t *testing.T, run func(context.Context)) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	running.Go(func() { run(ctx) })
	stop = sync.OnceFunc(func() { cancel(); running.Wait() })
	t.Cleanup(stop)
	return stop
}

// late begins a transaction that writes one row, and returns when it has written it. commit commits it. SQLite has one
// writer at a time: there the row is as old as that, but is written at the end.
func late(t *testing.T, d *db.DB) (id gid.ID, commit func()) {
	t.Helper()
	id = gid.New()
	release, done := make(chan struct{}), make(chan error, 1)
	if d.Dialect() == dialect.SQLite {
		return id, func() {
			t.Helper()
			if err := db.WithTx(system(), d, func(tx *db.Tx) error { return put(tx, id) }); err != nil {
				t.Fatal(err)
			}
		}
	}
	written := make(chan struct{})
	go func() {
		done <- db.WithTx(system(), d, func(tx *db.Tx) error {
			if err := put(tx, id); err != nil {
				return err
			}
			close(written)
			<-release
			return nil
		})
	}()
	commit = sync.OnceFunc(func() {
		t.Helper()
		close(release)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	})
	select {
	case <-written:
	case <-time.After(patience):
		t.Fatal("the row is not written")
	}
	return id, commit
}

func TestATransactionThatCommitsLateIsBehindWhatWasRead(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		other := dbtest.Second(t, d)
		here, there := lineOf(t, d), lineOf(t, other)
		first, commitFirst := late(t, d)
		add(t, other, 3)
		second, commitSecond := late(t, other)
		settle(t, there, 3)
		add(t, d, 2)
		settle(t, here, 2)
		read := behind(t, d, 0)
		if len(read) != 5 || *read[4].Place != 5 || last(t, other) != 5 {
			t.Fatalf("got %d rows up to the place %d, want 5", len(read), last(t, other))
		}
		commitSecond() // the second before the first
		settle(t, here, 1)
		commitFirst()
		settle(t, there, 1)
		more := behind(t, d, 5)
		if len(more) != 2 || more[0].ID != second || more[1].ID != first || *more[0].Place != 6 || *more[1].Place != 7 {
			t.Errorf("behind what was read came %v, want %v and %v at 6 and 7", more, second, first)
		}
	})
}

func TestPlacesOfOneTransactionAreInTheOrderOfItsRows(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const n = 1203 // more than are placed at once
		addTogether(t, d, n)
		var ranges [][2]int64
		l := lineOf(t, d)
		l.Placed = func(_ context.Context, _ *db.Tx, after, upTo int64) error {
			ranges = append(ranges, [2]int64{after, upTo})
			return nil
		}
		settle(t, l, n)
		rows := behind(t, d, 0)
		if !slices.IsSortedFunc(rows, func(a, b *ent.LeadChange) int { return slices.Compare(a.ID[:], b.ID[:]) }) || len(rows) != n {
			t.Errorf("got %d rows, want %d in their order", len(rows), n)
		}
		wantWithoutGaps(t, rows)
		if want := [][2]int64{{0, 500}, {500, 1000}, {1000, n}}; !slices.Equal(ranges, want) {
			t.Errorf("Placed was told %v, want %v", ranges, want)
		}
		settle(t, l, 0)
	})
}

// wantWithoutGaps fails where the places are not 1, 2, 3 and so on.
func wantWithoutGaps(t *testing.T, rows []*ent.LeadChange) {
	t.Helper()
	for i, row := range rows {
		if *row.Place != int64(i+1) {
			t.Fatalf("the row %d has the place %d", i+1, *row.Place)
		}
	}
}

func TestWhatFailsInPlacedTakesThePlacesBack(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		add(t, d, 4)
		l := lineOf(t, d)
		var ran []error
		l.Ran = func(_ time.Time, err error) { ran = append(ran, err) }
		failed := errors.New("the feeds are full")
		l.Placed = func(ctx context.Context, tx *db.Tx, after, upTo int64) error {
			if n, err := tx.LeadChange.Query().Where(leadchange.PlaceGT(after), leadchange.PlaceLTE(upTo)).Count(ctx); n != 4 || err != nil {
				t.Errorf("Placed sees %d rows that have places, %v, want 4", n, err)
			}
			return failed
		}
		if n, err := l.Settle(t.Context()); n != 0 || !errors.Is(err, failed) {
			t.Errorf("settle: got %d, %v, want 0 and what failed", n, err)
		}
		if rows := behind(t, d, 0); len(rows) != 0 || last(t, d) != 0 {
			t.Errorf("%d rows have places up to %d, want none", len(rows), last(t, d))
		}
		l.Placed = nil
		settle(t, l, 4)
		wantWithoutGaps(t, behind(t, d, 0))
		if len(ran) != 2 || !errors.Is(ran[0], failed) || ran[1] != nil {
			t.Errorf("Ran was told %v, want what failed and then nothing", ran)
		}
	})
}

func TestManyWhoGivePlacesAtOnceLeaveNoGapAndNoDouble(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const writers, each, settlers = 8, 60, 6
		bases := []*db.DB{d, dbtest.Second(t, d)}
		background(t, lineOf(t, bases[0]).Run) // beside those who settle
		var committed, placed atomic.Int64
		var writing, settling sync.WaitGroup
		over := make(chan struct{})
		for i := range settlers {
			l := lineOf(t, bases[i%2])
			settling.Go(func() {
				for ended := false; !ended; {
					select {
					case <-over:
						ended = true // once more: what was written last
					default:
					}
					n, err := l.Settle(t.Context())
					if err != nil {
						t.Errorf("settle: %v", err)
						return
					}
					placed.Add(int64(n))
				}
			})
		}
		heard := reader(t, bases[1])
		for i := range writers {
			writing.Go(func() { committed.Add(int64(write(t, bases[i%2], each))) })
		}
		writing.Wait()
		close(over)
		settling.Wait()
		rows := behind(t, d, 0)
		if int64(len(rows)) != committed.Load() || last(t, d) != committed.Load() {
			t.Errorf("%d rows have places up to %d, want the %d that were committed", len(rows), last(t, d), committed.Load())
		}
		if placed.Load() > committed.Load() {
			t.Errorf("%d places were given to %d rows", placed.Load(), committed.Load())
		}
		wantWithoutGaps(t, rows)
		read := heard(len(rows))
		for i, row := range rows {
			if read[i] != row.ID {
				t.Fatalf("at the place %d was read %v, and %v stands there", i+1, read[i], row.ID)
			}
		}
	})
}

// write writes rows that are up to some tens of milliseconds older than their commit, a tenth of which are taken back, and tells
// how many were committed.
func write(t *testing.T, d *db.DB, times int) (committed int) {
	taken := errors.New("taken back")
	for range times {
		n, back := 1+rand.IntN(3), rand.IntN(10) == 0
		ids := make([]gid.ID, n)
		for i := range ids {
			ids[i] = gid.New()
		}
		wait := time.Duration(rand.IntN(10)) * time.Millisecond
		if d.Dialect() == dialect.SQLite {
			time.Sleep(wait)
			wait = 0
		}
		err := db.WithTx(system(), d, func(tx *db.Tx) error {
			for _, id := range ids {
				if err := put(tx, id); err != nil {
					return err
				}
			}
			time.Sleep(wait)
			if back {
				return taken
			}
			return nil
		})
		switch {
		case err == nil:
			committed += n
		case !back || !errors.Is(err, taken):
			t.Errorf("write: %v", err)
		}
	}
	return committed
}

// reader reads by place from now on, beside the test. heard waits until n rows were read, and returns them; a place that is
// not the next one fails the test.
func reader(t *testing.T, d *db.DB) (heard func(n int) []gid.ID) {
	var mu sync.Mutex
	var read []gid.ID
	stop := background(t, func(ctx context.Context) {
		for at := int64(0); ctx.Err() == nil; time.Sleep(time.Millisecond) {
			rows, err := d.LeadChange.Query().Where(leadchange.PlaceGT(at)).Order(ent.Asc(leadchange.FieldPlace)).Limit(7).All(auth.AsSystem(ctx, "test"))
			if err != nil && ctx.Err() == nil {
				t.Errorf("read: %v", err)
				return
			}
			mu.Lock()
			for _, row := range rows {
				if at++; *row.Place != at {
					t.Errorf("behind the place %d was read %d", at-1, *row.Place)
					at = *row.Place
				}
				read = append(read, row.ID)
			}
			mu.Unlock()
		}
	})
	return func(n int) []gid.ID {
		t.Helper()
		eventually(t, "all are read", func() bool {
			mu.Lock()
			defer mu.Unlock()
			return len(read) >= n
		})
		stop()
		if len(read) != n {
			t.Fatalf("%d rows were read, want %d", len(read), n)
		}
		return read
	}
}

// TestWhoeverHoldsALineAndIsGoneLetsGoOfIt: PostgreSQL ends the transaction of one that says nothing any more. The others wait
// until then, and give the places.
func TestWhoeverHoldsALineAndIsGoneLetsGoOfIt(t *testing.T) {
	t.Parallel()
	d := dbtest.Postgres(t)
	add(t, d, 1)
	gone := lineOf(t, dbtest.Second(t, d))
	holds, release := make(chan struct{}), make(chan struct{})
	gone.Placed = func(context.Context, *db.Tx, int64, int64) error {
		close(holds)
		<-release
		return nil
	}
	ended := make(chan error, 1)
	go func() {
		_, err := gone.Settle(context.WithoutCancel(t.Context()))
		ended <- err
	}()
	<-holds
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if n, err := lineOf(t, d).Settle(ctx); n != 1 || err != nil {
		t.Errorf("settled %d, %v while another one holds the line and is silent, want 1", n, err)
	}
	close(release)
	if err := <-ended; err == nil {
		t.Error("whoever was silent has given places too")
	}
	if got := behind(t, d, 0); len(got) != 1 || *got[0].Place != 1 {
		t.Errorf("the places are %v, want 1", got)
	}
}

// TestPlacesThatAreTakenAreNobodyElses: of any number of transactions at once each has its own, and rows that wait get those behind.
func TestPlacesThatAreTakenAreNobodyElses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const takers, each = 16, 3
		ctx := auth.AsSystem(t.Context(), "test")
		after := make([]int64, takers)
		errs := make([]error, takers)
		var all sync.WaitGroup
		for i := range takers {
			all.Go(func() {
				errs[i] = db.WithTx(ctx, d, func(tx *db.Tx) (err error) {
					after[i], err = line.Take(ctx, tx, leadchange.Table, each)
					return err
				})
			})
		}
		all.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		slices.Sort(after)
		for i, got := range after {
			if want := int64(i * each); got != want {
				t.Errorf("got the places behind %d, want those behind %d", got, want)
			}
		}
		if last, err := line.Last(ctx, d, leadchange.Table); err != nil || last != takers*each {
			t.Errorf("the line ends at %d, %v, want %d", last, err, takers*each)
		}
	})
}
