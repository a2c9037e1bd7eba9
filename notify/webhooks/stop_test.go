package webhooks_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"channelbook/ent/notice"
	"channelbook/ent/webhookdelivery"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/notify/webhooks"
)

// atOnce does something n times at once.
func atOnce(n int, do func(i int)) {
	var running sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		running.Go(func() { <-begin; do(i) })
	}
	close(begin)
	running.Wait()
}

func TestStopAndResume(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		to := newReceiver(t, status(500))
		hook, _ := k.hook(to.URL, nil)
		rows := k.happens(30, hook)
		told := func() int { return d.Notice.Query().Where(notice.KindEQ(notice.KindWEBHOOK_STOPPED)).CountX(k.system) }
		for i := range 19 {
			_ = k.send(rows[i].ID)
		}
		if s := k.state(hook); s.Failures != 19 || s.StoppedAt != nil || told() != 0 {
			t.Fatalf("after 19: got %+v and %d notices", s, told())
		}
		t.Run("what is taken begins the count anew", func(t *testing.T) {
			to.answer = nil
			_ = k.send(rows[19].ID)
			if s := k.state(hook); s.Failures != 0 || s.SucceededAt == nil {
				t.Errorf("got %+v", s)
			}
			to.answer = status(500)
		})
		t.Run("after 20 in a row it is stopped, once, and administrators are told once", func(t *testing.T) {
			for i := 20; i < 28; i++ {
				_ = k.send(rows[i].ID)
			}
			k.clock.move(time.Hour)
			services := make([]*webhooks.Service, 16) // instances, each with its own bound of calls at once
			for i := range services {
				services[i] = k.service(d)
			}
			atOnce(16, func(i int) {
				_ = services[i].Send(auth.AsSystem(t.Context(), "test"), webhooks.Due{Event: rows[i].ID})
			})
			if s := k.state(hook); s.Failures < 20 || s.StoppedAt == nil || told() != 1 {
				t.Errorf("got %+v and %d notices, want it stopped and one", s, told())
			}
		})
		calls := to.calls()
		t.Run("nothing is sent then, and what comes waits", func(t *testing.T) {
			rows = k.happens(1, hook)
			if err := k.send(rows[30].ID); err != nil || to.calls() != calls {
				t.Errorf("got %v and %d calls, want none", err, to.calls()-calls)
			}
			k.want(rows[30].ID, webhookdelivery.StatusQUEUED, 0, "")
		})
		t.Run("nothing is sent again by hand", func(t *testing.T) {
			_, err := k.Repeat(k.admin, rows[19].ID)
			wantFaults(t, err, "WEBHOOK_STOPPED id")
		})
		t.Run("resumed it is sent all that has waited", func(t *testing.T) {
			to.answer = nil
			if _, err := k.Resume(k.admin, hook.ID); err != nil {
				t.Fatal(err)
			}
			_, err := k.Resume(k.admin, hook.ID)
			wantFaults(t, err, "NOT_STOPPED id")
			work(t, k.Service)
			until(t, "all is delivered", func() bool {
				return d.WebhookDelivery.Query().Where(webhookdelivery.StatusEQ(webhookdelivery.StatusDELIVERED)).CountX(k.system) == 31
			})
			if s := k.state(hook); s.Failures != 0 || s.StoppedAt != nil {
				t.Errorf("got %+v", s)
			}
		})
	})
}

func TestAWebhookThatIsSwitchedOff(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		to := newReceiver(t, nil)
		hook, _ := k.hook(to.URL, nil)
		e := k.happens(1, hook)[0]
		set := func(on bool) {
			t.Helper()
			if _, err := k.Update(k.admin, hook.ID, webhooks.Form{Enabled: &on}); err != nil {
				t.Fatal(err)
			}
		}
		set(false)
		if err := k.send(e.ID); err != nil || to.calls() != 0 || len(k.happens(1, hook)) != 1 {
			t.Errorf("got %v, %d calls and %d events, want no call and nothing new", err, to.calls(), len(k.events(hook)))
		}
		t.Run("what has waited for a day is given up", func(t *testing.T) {
			k.clock.move(23 * time.Hour)
			if err := k.Overdue(t.Context()); err != nil {
				t.Fatal(err)
			}
			k.want(e.ID, webhookdelivery.StatusQUEUED, 0, "")
			k.clock.move(2 * time.Hour)
			if err := k.Overdue(t.Context()); err != nil {
				t.Fatal(err)
			}
			k.want(e.ID, webhookdelivery.StatusFAILED, 0, "EXPIRED")
		})
		t.Run("switched on it is sent what waits", func(t *testing.T) {
			set(true)
			fresh := k.happens(1, hook)[1]
			set(false)
			set(true)
			work(t, k.Service)
			until(t, "it is delivered", func() bool { return k.event(fresh.ID).Status == webhookdelivery.StatusDELIVERED })
		})
	})
}

func TestWhatHasNoJobAnyMoreIsFound(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		to := newReceiver(t, status(http.StatusOK))
		hook, _ := k.hook(to.URL, nil)
		e := k.happens(1, hook)[0]
		if err := db.WithTx(k.system, d, func(tx *db.Tx) error {
			_, err := tx.SQL().Exec("DELETE FROM river_job")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		k.clock.move(6 * time.Minute)
		if err := k.Overdue(t.Context()); err != nil {
			t.Fatal(err)
		}
		work(t, k.Service)
		until(t, "it is delivered", func() bool { return k.event(e.ID).Status == webhookdelivery.StatusDELIVERED })
	})
}

func TestRetention(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		to := newReceiver(t, nil)
		hook, _ := k.hook(to.URL, nil)
		rows := k.happens(2, hook)
		_ = k.send(rows[0].ID)
		k.clock.move(time.Hour)
		if n, err := k.Drop(t.Context(), k.clock.now().Add(-2*time.Hour)); n != 0 || err != nil {
			t.Errorf("of what is young: got %d, %v", n, err)
		}
		if n, err := k.Drop(t.Context(), k.clock.now()); n != 1 || err != nil {
			t.Errorf("got %d, %v, want the one that has ended", n, err)
		}
		if len(k.attempts(rows[0].ID)) != 0 || len(k.events(hook)) != 1 {
			t.Error("something is left of it, or what waits is gone")
		}
	})
}
