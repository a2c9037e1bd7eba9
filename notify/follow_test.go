package notify_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"channelbook/ent"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/notify"
)

// follow follows the feed of a person by a hand of the test's, until stop.
func (k *desk) follow(at *notify.Service, login string, after *gid.ID, hand func(*ent.Notification) error) (stop func()) {
	k.t.Helper()
	ctx, cancel := context.WithCancel(k.as(login))
	sub, err := at.Subscribe(ctx, after)
	if err != nil {
		k.t.Fatal(err)
	}
	var following sync.WaitGroup
	following.Go(func() { _ = sub.Follow(ctx, hand) })
	stop = sync.OnceFunc(func() { cancel(); following.Wait(); sub.Leave() })
	k.t.Cleanup(stop)
	return stop
}

// numbers tells anna's distributor of from, from+1 and so on, each in a transaction of its own.
func (k *desk) numbers(from, to int) {
	k.t.Helper()
	for i := from; i < to; i++ {
		k.tell(message(strconv.Itoa(i), notify.To{Distributor: k.people["anna"].Distributor}))
	}
}

// wantNumbers fails where titles are not from, from+1 and so on.
func wantNumbers(t *testing.T, titles []string, from int) {
	t.Helper()
	for i, title := range titles {
		if title != strconv.Itoa(from+i) {
			t.Fatalf("heard %s after %v, want %d", title, titles[max(0, i-3):i], from+i)
		}
	}
}

func TestWhoIsSlowMissesNothingAndGetsNothingTwice(t *testing.T) {
	for name, after := range map[string]*gid.ID{"from now": nil, "from the beginning": {}} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				const rounds, each = 3, 60 // each more than a subscriber's buffer holds
				k := newDesk(t, d)
				run(t, k.Service)
				quick := k.listen(k.Service, "boris", nil)
				slow := &ear{t: t, heard: make(chan string, 1000)}
				release := make(chan bool)
				k.follow(k.Service, "anna", after, func(n *ent.Notification) error {
					slow.heard <- n.Edges.Notice.Title
					if i, _ := strconv.Atoi(n.Edges.Notice.Title); i%each == 0 {
						<-release
					}
					return nil
				})
				t.Cleanup(func() { close(release) })
				for from := 0; from < rounds*each; from += each {
					k.numbers(from, from+1)
					wantNumbers(t, slow.next(1), from) // and now it waits
					k.numbers(from+1, from+each)
					wantNumbers(t, quick.next(each), from) // all have been passed
					slow.silent()
					release <- true
					wantNumbers(t, slow.next(each-1), from+1)
				}
				slow.silent()
			})
		})
	}
}

// TestWhatComesWhileSomethingIsLeftOutWaitsForIt: with room for one, 2 and 3 are left out behind 1, and 4 finds room again while 1
// is being handed out. Whether a listener takes what is there or what was left out first is by chance, so there are many.
func TestWhatComesWhileSomethingIsLeftOutWaitsForIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.Buffer(1)
		run(t, k.Service)
		witness := k.listen(k.Service, "boris", nil)
		passed := func(n int) { // all of them to everybody, for whoever comes has to wait for that
			t.Helper()
			witness.next(n)
			k.listen(k.Service, "boris", nil).stop()
		}
		var ears []*ear
		release := make(chan bool)
		for range 20 {
			e := &ear{t: t, heard: make(chan string, 10)}
			k.follow(k.Service, "anna", nil, func(n *ent.Notification) error {
				e.heard <- n.Edges.Notice.Title
				if title := n.Edges.Notice.Title; title == "0" || title == "1" {
					<-release
				}
				return nil
			})
			ears = append(ears, e)
		}
		defer close(release)
		next := func(n, from int) {
			t.Helper()
			for _, e := range ears {
				wantNumbers(t, e.next(n), from)
			}
		}
		numbers := func(from, to int) (some []notify.Notice) {
			for ; from <= to; from++ {
				some = append(some, message(strconv.Itoa(from), notify.To{Distributor: k.people["anna"].Distributor}))
			}
			return some
		}
		k.tell(numbers(0, 0)...)
		passed(1)
		next(1, 0) // and now all are busy with it
		k.tell(numbers(1, 3)...)
		passed(3)
		for range ears {
			release <- true
		}
		next(1, 1) // and now with this
		k.tell(numbers(4, 4)...)
		passed(1)
		for range ears {
			release <- true
		}
		next(3, 2)
		for _, e := range ears {
			e.silent()
		}
	})
}

func TestWhatAHandDidNotTakeComesAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		run(t, k.Service)
		k.numbers(0, 3)
		dropped := errors.New("the socket is gone")
		ctx := k.as("anna")
		sub, err := k.Subscribe(ctx, &gid.ID{})
		if err != nil {
			t.Fatal(err)
		}
		defer sub.Leave()
		var taken []string
		var last gid.ID
		err = sub.Follow(ctx, func(n *ent.Notification) error {
			if len(taken) == 2 {
				return dropped
			}
			taken, last = append(taken, n.Edges.Notice.Title), n.NoticeID
			return nil
		})
		if !errors.Is(err, dropped) {
			t.Errorf("follow: got %v, want the hand's own error", err)
		}
		wantNumbers(t, append(taken, k.listen(k.Service, "anna", &last).next(1)...), 0)
	})
}

// TestWhoComesWhilePlacesAreGivenMissesNothing: what is told after somebody has subscribed reaches them, and all of the feed
// between the first that they hear and that.
func TestWhoComesWhilePlacesAreGivenMissesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		instances := []*notify.Service{k.Service, service(t, dbtest.Second(t, d))}
		run(t, instances[0])
		run(t, instances[1])
		var next atomic.Int64 // one after another: the next begins when the one before has committed
		var telling sync.Mutex
		tell := func() string {
			telling.Lock()
			defer telling.Unlock()
			title := strconv.FormatInt(next.Add(1), 10)
			k.tell(message(title, notify.To{Distributor: k.people["anna"].Distributor}))
			return title
		}
		over := make(chan struct{})
		var writing sync.WaitGroup
		writing.Go(func() {
			for {
				select {
				case <-over:
					return
				default:
					tell()
				}
			}
		})
		defer writing.Wait()
		defer close(over)
		var last *gid.ID
		for i := range 40 {
			after := []*gid.ID{nil, {}, last}[i%3]
			e := k.listen(instances[i%2], "anna", after)
			want := tell()
			first := e.next(1)[0]
			from, _ := strconv.Atoi(first)
			if after != nil && *after == (gid.ID{}) && from != 1 {
				t.Fatalf("from the beginning of the feed was heard %d first", from)
			}
			for heard := first; heard != want; from++ {
				heard = e.next(1)[0]
				wantNumbers(t, []string{heard}, from+1)
			}
			e.stop()
			last = &e.last
		}
	})
}
