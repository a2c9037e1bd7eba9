package leads_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"channelbook/ent/blacklistentry"
	"channelbook/ent/sealed"
	"channelbook/ent/sealingkey"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/seal"
	"channelbook/leads"
	"channelbook/personaldata/rotation"
)

var (
	oldKey = "old:" + strings.Repeat("1a", 32)
	newKey = "new:" + strings.Repeat("2b", 32)
)

// rotating is the rotation of an instance's keys, under the book's clock moved on.
func (b *book) rotating(s *leads.Service, later time.Duration) *rotation.Service {
	b.t.Helper()
	return &rotation.Service{DB: s.DB, Keys: s.Keys, Log: s.Log, Now: func() time.Time { return b.Now().Add(later) }}
}

func fine(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// reachable is anna with an e-mail address of her own.
func reachable(n int) leads.Submission {
	in := anna(n)
	in.Email = fmt.Sprintf("anna%d@example.ru", n)
	return in
}

// TestKeysRotateUnderLoad rotates while two instances, one of which has not heard of it, take leads in; then serves on
// with the new key alone.
func TestKeysRotateUnderLoad(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const before, during = 60, 200
		b := newBook(t, d)
		b.distributors(2)
		source := b.source()
		first := b.under(d, oldKey)
		fine(t, b.rotating(first, 0).Register(b.system))
		for i := range before {
			must(first.Accept(source, reachable(i)))
		}
		for _, n := range []int{1000, 1001} {
			must(first.AddToBlacklist(b.admin, leads.BlacklistInput{Kind: blacklistentry.KindPHONE, Value: anna(n).Phone}))
		}
		ahead, behind := b.under(d, newKey+","+oldKey), b.under(dbtest.Second(t, d), oldKey+","+newKey)
		fine(t, b.rotating(ahead, time.Minute).Register(b.system))

		var got tally
		var rotated sync.WaitGroup
		rotated.Go(func() {
			for range 3 {
				if err := b.rotating(ahead, time.Minute).Rotate(b.system); err != nil {
					t.Errorf("rotate: %v", err)
				}
			}
		})
		atOnce(during, 8, func(i int) {
			instance := []*leads.Service{ahead, behind}[i%2]
			got.add(outcome(instance.Accept(source, reachable(before+i/2)))) // each twice, once at each
			got.add(outcome(instance.Accept(source, reachable(i%before))))   // who is there from before
			got.add(outcome(instance.Accept(source, anna(1000))))
		})
		rotated.Wait()
		got.want(t, map[string]int{"ACCEPTED": during / 2, "DUPLICATE": during/2 + during, "BLACKLISTED": during})

		// The instance that was behind is gone for hours; what it sealed meanwhile is sealed anew, and the old key retired.
		for pass := range 2 {
			fine(t, b.rotating(ahead, 3*time.Hour+time.Duration(pass)*time.Hour).Rotate(b.system))
		}
		if n := d.SealingKey.Query().Where(sealingkey.RetiredAtNotNil()).CountX(b.system); n != 1 {
			t.Fatalf("%d keys are retired, want the old one", n)
		}
		b.wantNothingUnder(seal.Keys.IsCurrent, newKey)

		alone := b.under(d, newKey)
		fine(t, b.rotating(alone, 5*time.Hour).Register(b.system))
		b.Service = alone
		for i := range before + during/2 {
			in := reachable(i)
			for what, f := range map[string]leads.Filter{"phone": {Phone: &in.Phone}, "e-mail": {Email: &in.Email}, "search": {Search: &in.Phone}} {
				if n := must(b.found(f)); n < 1 {
					t.Errorf("%s of lead %d finds nothing under the new key alone", what, i)
				}
			}
			if got := outcome(alone.Accept(source, in)); got != "DUPLICATE" {
				t.Errorf("lead %d again came to %s under the new key alone, want DUPLICATE", i, got)
			}
		}
		if got := outcome(alone.Accept(source, anna(1001))); got != "BLACKLISTED" {
			t.Errorf("who is on the blacklist came to %s under the new key alone, want BLACKLISTED", got)
		}
	})
}

// wantNothingUnder checks that every sealed value is sealed as it should be.
func (b *book) wantNothingUnder(right func(seal.Keys, []byte) bool, keys string) {
	b.t.Helper()
	under := must(seal.ParseKeys(keys))
	for _, c := range sealed.Columns {
		rows := must(b.DB.QueryContext(b.system, fmt.Sprintf("SELECT %[1]s FROM %[2]s WHERE %[1]s IS NOT NULL", c.Name, c.Table)))
		for rows.Next() {
			var value []byte
			fine(b.t, rows.Scan(&value))
			if !right(under, value) {
				b.t.Errorf("%s.%s holds a value under another key", c.Table, c.Name)
			}
		}
		fine(b.t, rows.Close())
	}
}

func TestAnEntryUnderTheOldKeyIsNotAddedAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		in := leads.BlacklistInput{Kind: blacklistentry.KindPHONE, Value: anna(1).Phone}
		must(b.under(d, oldKey).AddToBlacklist(b.admin, in))
		instances := []*leads.Service{b.under(d, newKey+","+oldKey), b.under(dbtest.Second(t, d), oldKey+","+newKey)}
		var got tally
		atOnce(20, 10, func(i int) {
			_, err := instances[i%2].AddToBlacklist(b.admin, in)
			got.add(outcome(leads.Accepted{Outcome: "ADDED"}, err))
		})
		got.want(t, map[string]int{"ALREADY_BLACKLISTED": 20})
	})
}

func TestLocksAreDroppedWhileTheyAreTaken(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		b.distributors(2)
		source := b.source()
		var dropped sync.WaitGroup
		dropped.Go(func() {
			for range 30 {
				must(b.DropLocks(b.system, b.Now().Add(time.Hour)))
			}
		})
		var got tally
		atOnce(100, 10, func(i int) { got.add(outcome(b.Accept(source, anna(i/10)))) })
		dropped.Wait()
		got.want(t, map[string]int{"ACCEPTED": 10, "DUPLICATE": 90})
		must(b.DropLocks(b.system, b.Now().Add(time.Hour)))
		if n := d.ContactLock.Query().CountX(b.system); n != 0 {
			t.Errorf("%d locks are left, want none", n)
		}
	})
}

// TestADoubledEntryHoldsUpNoRotation: two servers that had no key in common took the same value in.
func TestADoubledEntryHoldsUpNoRotation(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		in := leads.BlacklistInput{Kind: blacklistentry.KindPHONE, Value: anna(1).Phone}
		before, ahead := b.under(d, oldKey), b.under(d, newKey+","+oldKey)
		fine(t, b.rotating(before, 0).Register(b.system))
		must(b.under(d, newKey).AddToBlacklist(b.admin, in))
		must(before.AddToBlacklist(b.admin, in))
		fine(t, b.rotating(ahead, time.Minute).Rotate(b.system))
		if n := d.BlacklistEntry.Query().CountX(b.system); n != 1 {
			t.Errorf("%d entries are left, want one", n)
		}
		b.wantNothingUnder(seal.Keys.IsCurrent, newKey)
		b.distributor("Ромашка")
		if got := outcome(b.under(d, newKey).Accept(b.source(), anna(1))); got != "BLACKLISTED" {
			t.Errorf("got %s, want BLACKLISTED", got)
		}
	})
}
