package db_test

import (
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"channelbook/internal/db"
	"channelbook/internal/dbtest"
)

func notify(t *testing.T, d *db.DB, channel string) {
	t.Helper()
	if err := db.WithTx(system(), d, func(tx *db.Tx) error { return tx.Notify(system(), channel) }); err != nil {
		t.Fatal(err)
	}
}

func wokenWithin(wake <-chan struct{}, d time.Duration) bool {
	select {
	case <-wake:
		return true
	case <-time.After(d):
		return false
	}
}

// settle waits until nothing has woken for a while: the start of listening wakes by itself.
func settle(wakes ...<-chan struct{}) {
	var all sync.WaitGroup
	for _, wake := range wakes {
		all.Go(func() {
			for wokenWithin(wake, 700*time.Millisecond) {
			}
		})
	}
	all.Wait()
}

func TestNotify(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		other := dbtest.Second(t, d)
		here, stop := d.Listen("sessions")
		defer stop()
		there, stopThere := other.Listen("sessions")
		defer stopThere()
		elsewhere, stopElsewhere := other.Listen("leads")
		defer stopElsewhere()
		settle(here, there, elsewhere)

		t.Run("a commit wakes every instance", func(t *testing.T) {
			notify(t, d, "sessions")
			for name, wake := range map[string]<-chan struct{}{"here": here, "there": there} {
				if !wokenWithin(wake, promptly) {
					t.Errorf("%s: not woken within %v", name, promptly)
				}
			}
			if wokenWithin(elsewhere, 100*time.Millisecond) {
				t.Error("another channel was woken")
			}
		})
		t.Run("a rollback wakes nobody", func(t *testing.T) {
			_ = db.WithTx(system(), d, func(tx *db.Tx) error { return errors.Join(tx.Notify(system(), "sessions"), errors.New("failed")) })
			if wokenWithin(there, 200*time.Millisecond) {
				t.Error("woken by a rollback")
			}
		})
		t.Run("who has stopped is not woken", func(t *testing.T) {
			stopElsewhere()
			notify(t, d, "leads")
			if wokenWithin(elsewhere, 200*time.Millisecond) {
				t.Error("woken after stop")
			}
		})
	})
}

func TestNobodyMissesANotificationWhileTheListenerIsDown(t *testing.T) {
	d := dbtest.Postgres(t)
	other := dbtest.Second(t, d)
	wake, stop := other.Listen("sessions")
	defer stop()
	settle(wake)
	for range 3 {
		killListeners(t, d)
		notify(t, d, "sessions")
		if !wokenWithin(wake, promptly) {
			t.Fatalf("not woken within %v of the notification", promptly)
		}
	}
	settle(wake)
	notify(t, d, "sessions")
	if !wokenWithin(wake, promptly) {
		t.Errorf("not woken within %v of a notification after the listener is back", promptly)
	}
}

func killListeners(t *testing.T, d *db.DB) {
	t.Helper()
	rows, err := d.QueryContext(system(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND (query LIKE 'LISTEN%' OR query = '')")
	if err != nil {
		t.Fatal(err)
	}
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestCloseLeavesNothingRunning(t *testing.T) {
	url := dbtest.EmptyPostgres(t)
	before := ours()
	for range 3 {
		d, err := db.Open(system(), db.Options{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = d.Listen("one")
		_, _ = d.Listen("two")
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		_, stop := d.Listen("after the close")
		stop()
	}
	deadline := time.Now().Add(5 * time.Second)
	for ours() > before {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines of the base are left, want %d", ours(), before)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// ours is how many goroutines this package and the driver run.
func ours() int {
	all := make([]byte, 1<<20)
	all = all[:runtime.Stack(all, true)]
	n := 0
	for _, one := range strings.Split(string(all), "\n\n") {
		if strings.Contains(one, "internal/db.(") || strings.Contains(one, "lib/pq.") {
			n++
		}
	}
	return n
}
