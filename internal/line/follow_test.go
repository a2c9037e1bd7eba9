package line_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"channelbook/ent"
	"channelbook/ent/leadchange"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/line"
)

// follower follows the line of a base and keeps what it reads.
type follower struct {
	db    *db.DB
	mu    sync.Mutex
	begun []int64
	read  []int64
	asked []int64
	fails atomic.Bool
}

func (f *follower) begin(last int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.begun = append(f.begun, last)
}

// next reads three rows at most. Where it fails it has read, and does not tell.
func (f *follower) next(ctx context.Context, after int64) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, after)
	if f.fails.Load() {
		return after, errors.New("the base is away")
	}
	rows, err := f.db.LeadChange.Query().Where(leadchange.PlaceGT(after)).Order(ent.Asc(leadchange.FieldPlace)).Limit(3).All(ctx)
	for _, row := range rows {
		f.read = append(f.read, *row.Place)
		after = *row.Place
	}
	return after, err
}

func (f *follower) places() []int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.read)
}

// start follows until the test ends, and returns once it has begun: what had its place before is not read.
func (f *follower) start(t *testing.T) {
	t.Helper()
	background(t, (&line.Follower{DB: f.db, Table: table, Begin: f.begin, Read: f.next, Log: dbtest.Log(t)}).Run)
	eventually(t, "it begins", func() bool { f.mu.Lock(); defer f.mu.Unlock(); return len(f.begun) == 1 })
}

// tries waits until it has tried to read so many times more.
func (f *follower) tries(t *testing.T, n int) {
	t.Helper()
	count := func() int {
		f.mu.Lock()
		defer f.mu.Unlock()
		return len(f.asked)
	}
	until := count() + n
	eventually(t, "it tries to read", func() bool { return count() >= until })
}

// upTo are the places from first to last.
func upTo(first, last int64) (places []int64) {
	for place := first; place <= last; place++ {
		places = append(places, place)
	}
	return places
}

func TestAFollowerReadsWhatComesBehindItsBeginningOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		add(t, d, 5)
		here := lineOf(t, d)
		settle(t, here, 5)
		f := &follower{db: dbtest.Second(t, d)}
		f.start(t)
		background(t, here.Run)
		for range 4 {
			addTogether(t, d, 10)
		}
		eventually(t, "all are read", func() bool { return len(f.places()) >= 40 })
		if got := f.places(); !slices.Equal(got, upTo(6, 45)) || !slices.Equal(f.begun, []int64{5}) {
			t.Errorf("began at %v and read %v, want once at 5, and 6 to 45", f.begun, got)
		}
	})
}

func TestAFollowerGoesOnFromWhereItBrokeOff(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := &follower{db: dbtest.Second(t, d)}
		f.start(t)
		here := lineOf(t, d)
		add(t, d, 7)
		settle(t, here, 7)
		eventually(t, "the first are read", func() bool { return len(f.places()) == 7 })
		f.fails.Store(true)
		add(t, d, 4)
		settle(t, here, 4)
		f.tries(t, 3)
		f.fails.Store(false)
		eventually(t, "all are read", func() bool { return len(f.places()) >= 11 })
		if got := f.places(); !slices.Equal(got, upTo(1, 11)) || len(f.begun) != 1 {
			t.Errorf("began %d times and read %v, want once, and 1 to 11", len(f.begun), got)
		}
	})
}

func TestATableThatCannotBeReadForAWhileIsGoneOnWith(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		other := dbtest.Second(t, d)
		l := lineOf(t, d)
		f := &follower{db: other}
		background(t, l.Run)
		f.start(t)
		add(t, other, 3)
		eventually(t, "the first are read", func() bool { return len(f.places()) == 3 })
		add(t, other, 3)
		rename(t, d, table, "away")
		f.tries(t, 2)
		if _, err := l.Settle(t.Context()); err == nil {
			t.Error("a table that is away gets its places")
		}
		rename(t, d, "away", table)
		add(t, other, 2)
		eventually(t, "all are read", func() bool { return len(f.places()) >= 8 })
		if got := f.places(); !slices.Equal(got, upTo(1, 8)) || len(f.begun) != 1 {
			t.Errorf("began %d times and read %v, want once, and 1 to 8", len(f.begun), got)
		}
	})
}

func rename(t *testing.T, d *db.DB, from, to string) {
	t.Helper()
	ctx := auth.AsSystem(t.Context(), "test")
	if _, err := d.ExecContext(ctx, fmt.Sprintf("ALTER TABLE %s RENAME TO %s", from, to)); err != nil {
		t.Fatal(err)
	}
}
