package notify_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"channelbook/ent"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/notify"
)

// storm is thousands of notices at once, written and followed at two instances.
type storm struct {
	*desk
	instances []*notify.Service
	next      atomic.Int64
	mu        sync.Mutex
	sent      map[string]map[string]bool // what was committed, for each person
	over      chan struct{}              // closed once all is written
}

func newStorm(t *testing.T, d *db.DB) *storm {
	k := newDesk(t, d)
	s := &storm{desk: k, instances: []*notify.Service{k.Service, service(t, dbtest.Second(t, d))}, sent: map[string]map[string]bool{}, over: make(chan struct{})}
	for login := range k.people {
		s.sent[login] = map[string]bool{}
	}
	s.instances[1].Buffer(1) // who is there is behind all the time
	for _, instance := range s.instances {
		run(t, instance)
	}
	return s
}

// some are the next notices, each for somebody, and who they are for.
func (s *storm) some(n int) (notices []notify.Notice, whose map[string][]string) {
	anna, vera := s.people["anna"], s.people["vera"]
	to := []struct {
		notify.To
		whose []string
	}{
		{notify.To{Distributor: anna.Distributor}, []string{"anna", "boris"}},
		{notify.To{Distributor: anna.Distributor, Except: anna.UserID}, []string{"boris"}},
		{notify.To{Distributor: vera.Distributor, Admins: true}, []string{"vera", "boss"}},
		{notify.To{Users: []gid.ID{vera.UserID, anna.UserID}}, []string{"vera", "anna"}},
		{notify.To{Everyone: true, Users: []gid.ID{anna.UserID}}, []string{"anna", "boris", "vera", "boss"}},
	}
	whose = map[string][]string{}
	for range n {
		title, which := fmt.Sprint(s.next.Add(1)), to[rand.IntN(len(to))]
		notices = append(notices, message(title, which.To))
		for _, login := range which.whose {
			whose[login] = append(whose[login], title)
		}
	}
	return notices, whose
}

var errTakenBack = errors.New("taken back")

// write writes notices in one transaction of an instance, which lasts for a while and may be taken back.
func (s *storm) write(at *notify.Service, n int, lasts <-chan struct{}, back bool) {
	notices, whose := s.some(n)
	ctx := auth.AsSystem(context.WithoutCancel(s.t.Context()), "test")
	err := db.WithTx(ctx, at.DB, func(tx *db.Tx) error {
		if err := notify.Tell(ctx, tx, at.Now(), notices...); err != nil {
			return err
		}
		if lasts != nil {
			<-lasts
		}
		if back {
			return errTakenBack
		}
		return nil
	})
	if back && errors.Is(err, errTakenBack) {
		return
	}
	if err != nil {
		s.t.Errorf("tell: %v", err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for login, titles := range whose {
		for _, title := range titles {
			s.sent[login][title] = true
		}
	}
}

// blow writes some n notices from many goroutines at both instances. On PostgreSQL one transaction at each lasts from the first
// to the last of them, and many overlap; SQLite has one writer at a time.
func (s *storm) blow(n int) {
	const writers = 8
	var first, rest sync.WaitGroup
	ended := make(chan struct{})
	if s.DB.Dialect() == dialect.Postgres {
		for _, instance := range s.instances {
			first.Go(func() { s.write(instance, 5, ended, false) })
		}
	}
	for i := range writers {
		rest.Go(func() {
			for int(s.next.Load()) < n {
				var lasts <-chan struct{}
				if s.DB.Dialect() == dialect.Postgres && rand.IntN(4) == 0 {
					lasts = after(time.Duration(rand.IntN(60)) * time.Millisecond)
				}
				s.write(s.instances[i%2], 1+rand.IntN(12), lasts, rand.IntN(10) == 0)
			}
		})
	}
	rest.Wait()
	close(ended)
	first.Wait()
	close(s.over)
}

// after is a channel that is closed after a while.
func after(d time.Duration) <-chan struct{} {
	c := make(chan struct{})
	time.AfterFunc(d, func() { close(c) })
	return c
}

// device is one that a person has: it comes, is cut off at some moment, and comes again at the other instance with the last
// notification that it has.
type device struct {
	login string
	mu    sync.Mutex
	has   []string
	last  gid.ID
	came  int
}

var errCutOff = errors.New("cut off")

// take is the hand of a device, which is slow at times, and may be cut off before it has taken something.
func (v *device) take(n *ent.Notification) error {
	switch rand.IntN(400) {
	case 0:
		time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond)
	case 1:
		return errCutOff
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.has, v.last = append(v.has, n.Edges.Notice.Title), n.NoticeID
	return nil
}

func (v *device) count() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.has)
}

// roam follows a person's feed at one instance after another until ctx ends.
func (s *storm) roam(ctx context.Context, v *device) {
	for i := rand.IntN(2); ctx.Err() == nil; i++ {
		at := s.instances[i%2]
		stay, leave := context.WithTimeout(auth.With(ctx, s.people[v.login]), time.Duration(5+rand.IntN(250))*time.Millisecond)
		last := v.last
		sub, err := at.Subscribe(stay, &last)
		if err != nil {
			leave()
			if stay.Err() == nil {
				s.t.Errorf("subscribe: %v", err)
				return
			}
			continue
		}
		v.came++
		_ = sub.Follow(stay, v.take)
		sub.Leave()
		leave()
	}
}

// through lets a storm blow while people roam, and holds what they have against what was sent.
func (s *storm) through(n int) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(s.t.Context()))
	var roaming sync.WaitGroup
	defer roaming.Wait()
	defer cancel()
	var devices []*device
	for login := range s.people {
		for range 2 {
			v := &device{login: login}
			devices = append(devices, v)
			roaming.Go(func() { s.roam(ctx, v) })
		}
	}
	s.blow(n)
	deadline := time.Now().Add(30 * time.Second)
	for _, v := range devices {
		for v.count() < len(s.sent[v.login]) && time.Now().Before(deadline) {
			time.Sleep(5 * time.Millisecond)
		}
	}
	time.Sleep(50 * time.Millisecond) // for what may come twice
	cancel()
	roaming.Wait()
	came := 0
	for _, v := range devices {
		s.wantWhole(v)
		came += v.came
	}
	s.t.Logf("%d notices; the devices came %d times", s.next.Load(), came)
}

// wantWhole fails where a device does not have its person's feed, in its order, or where the feed is not what was sent.
func (s *storm) wantWhole(v *device) {
	s.t.Helper()
	feed := s.feed(v.login)
	if len(feed) != len(s.sent[v.login]) {
		s.t.Errorf("the feed of %s has %d, want the %d that were committed", v.login, len(feed), len(s.sent[v.login]))
	}
	for _, title := range feed {
		if !s.sent[v.login][title] {
			s.t.Errorf("the feed of %s has %s, which was not committed for them", v.login, title)
			break
		}
	}
	if slices.Equal(v.has, feed) {
		return
	}
	i := 0
	for i < len(v.has) && i < len(feed) && v.has[i] == feed[i] {
		i++
	}
	s.t.Errorf("%s heard %d of %d; from the place %d on %s, want %s", v.login, len(v.has), len(feed), i, part(v.has, i), part(feed, i))
}

func part(titles []string, from int) string {
	return strings.Join(titles[from:min(from+5, len(titles))], " ")
}

func TestInAStormNothingIsLostAndNothingComesTwice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) { newStorm(t, d).through(stormy) })
}

func TestInAStormNobodyMissesWhatTheKilledListenerWouldHaveHeard(t *testing.T) {
	d := dbtest.Postgres(t)
	s := newStorm(t, d)
	var killing sync.WaitGroup
	killed := 0
	killing.Go(func() {
		for {
			select {
			case <-s.over:
				return
			case <-time.After(time.Duration(20+rand.IntN(150)) * time.Millisecond):
				killed += killListeners(t, d)
			}
		}
	})
	s.through(stormy / 2)
	killing.Wait()
	if killed < 2 {
		t.Errorf("%d listeners were killed, want several", killed)
	}
	t.Logf("%d listeners were killed", killed)
}

// killListeners cuts the connections over which notifications come: those that listen, or have been asked whether they are there.
func killListeners(t *testing.T, d *db.DB) (killed int) {
	rows, err := d.QueryContext(auth.AsSystem(context.Background(), "test"), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
		AND application_name = 'channelbook' AND (query LIKE 'LISTEN%' OR query = '' AND backend_start < now() - interval '1 second')`)
	if err != nil {
		t.Errorf("kill the listeners: %v", err)
		return 0
	}
	defer rows.Close()
	for rows.Next() {
		killed++
	}
	if err := rows.Err(); err != nil {
		t.Errorf("kill the listeners: %v", err)
	}
	return killed
}
