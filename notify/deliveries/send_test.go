package deliveries_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"channelbook/ent"
	entchannel "channelbook/ent/channel"
	"channelbook/ent/delivery"
	"channelbook/ent/deliveryitem"
	"channelbook/ent/notification"
	"channelbook/ent/sealed"
	"channelbook/ent/suppression"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/jobs"
	"channelbook/notify/channel"
)

func TestWhatIsDueIsSentOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		row := k.mailTo("anna")
		k.item(row, k.notice("И ещё", "anna"))
		if wait := k.send(row); wait != 0 {
			t.Errorf("the job waits for %v, want it done", wait)
		}
		got := k.is(row, delivery.StatusSENT, "")
		if got.ProviderID != "theirs-1" || got.TransactionID != "transaction" || got.Attempts != 1 || got.SentAt == nil || got.Repeated {
			t.Errorf("got %+v", got)
		}
		if m := k.mail.sent[0]; m.Subject != "Новость, И ещё" || m.To != "anna@example.ru" || m.Delivery != row.ID {
			t.Errorf("sent %+v", m)
		}
		if k.send(row); k.mail.calls() != 1 {
			t.Errorf("called %d times, want once", k.mail.calls())
		}
	})
}

func TestManyJobsOfOneDeliverySendItOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		row := k.mailTo("anna")
		other := k.over(dbtest.Second(t, d))
		var jobs sync.WaitGroup
		for i := range 16 {
			jobs.Go(func() {
				if i%2 == 0 {
					k.sendAt(other, row)
				} else {
					k.sendAt(k.Service, row)
				}
			})
		}
		jobs.Wait()
		if k.is(row, delivery.StatusSENT, ""); k.mail.calls() != 1 {
			t.Errorf("called %d times, want once", k.mail.calls())
		}
	})
}

// TestEveryClass: what becomes of a message after one attempt that failed, and whether its channel goes on.
func TestEveryClass(t *testing.T) {
	for class, want := range map[channel.Class]struct {
		status      delivery.Status
		least, most time.Duration // until the job comes again
		stopped     bool
		suppressed  int
	}{
		channel.Unclear:      {delivery.StatusQUEUED, 135 * time.Second, 135 * time.Second, false, 0},
		channel.Passing:      {delivery.StatusQUEUED, time.Second, 6 * time.Second, false, 0},
		channel.Crowded:      {delivery.StatusQUEUED, 6 * time.Second, 6 * time.Second, false, 0},
		channel.Held:         {delivery.StatusQUEUED, time.Hour, 70 * time.Minute, true, 0},
		channel.TemplateHeld: {delivery.StatusQUEUED, time.Hour, 70 * time.Minute, false, 0},
		channel.NotToday:     {delivery.StatusFAILED, 0, 0, false, 0},
		channel.Unreachable:  {delivery.StatusFAILED, 0, 0, false, 0},
		channel.Unwanted:     {delivery.StatusFAILED, 0, 0, false, 1},
		channel.Unfit:        {delivery.StatusDEAD, 0, 0, false, 0},
		channel.Refused:      {delivery.StatusQUEUED, 15 * time.Minute, 18 * time.Minute, true, 0},
	} {
		t.Run(names[class], func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				k := newDesk(t, d)
				row := k.delivery(delivery.ChannelWHATSAPP, "anna")
				k.whatsapp.fails(fails(class))
				wait := k.send(row)
				if wait < want.least || wait > want.most {
					t.Errorf("the job waits for %v, want %v to %v", wait, want.least, want.most)
				}
				if got := k.is(row, want.status, "SOME_CODE"); got.Error != "some words" || (got.EndedAt != nil) != (want.least == 0) {
					t.Errorf("got %+v", got)
				}
				if n := k.DB.Suppression.Query().CountX(k.system); n != want.suppressed {
					t.Errorf("%d addresses are suppressed, want %d", n, want.suppressed)
				}
				k.whatsapp.works()
				k.pass(7 * time.Second)
				other := k.delivery(delivery.ChannelWHATSAPP, "boris")
				waits := k.send(other) > 0
				if want.stopped != waits && class != channel.TemplateHeld {
					t.Errorf("another's message waits: %v, want %v", waits, want.stopped)
				}
			})
		})
	}
}

var names = map[channel.Class]string{
	channel.Unclear: "unclear", channel.Passing: "passing", channel.Crowded: "crowded", channel.Held: "held", channel.TemplateHeld: "template held",
	channel.NotToday: "not today", channel.Unreachable: "unreachable", channel.Unwanted: "unwanted", channel.Unfit: "unfit", channel.Refused: "refused",
}

func TestTheProvidersTimeIsHeeded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		row := k.mailTo("anna")
		k.mail.fails(&channel.Failure{Class: channel.Passing, Code: "429", After: 10 * time.Minute})
		if wait := k.send(row); wait != 10*time.Minute {
			t.Errorf("the job waits for %v, want as long as the provider says", wait)
		}
		k.mail.works()
		if wait := k.send(row); wait != 10*time.Minute || k.mail.calls() != 1 {
			t.Errorf("a job that comes early waits for %v and called %d times, want the rest and no call", wait, k.mail.calls())
		}
		k.pass(10 * time.Minute)
		k.send(row)
		k.is(row, delivery.StatusSENT, "")
	})
}

func TestAMessageThatIsNeverTakenDies(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		for name, c := range map[string]struct {
			attempts int
			age      time.Duration
			want     delivery.Status
		}{
			"after many attempts":            {19, 0, delivery.StatusDEAD},
			"not before":                     {18, 0, delivery.StatusQUEUED},
			"a day old, after some":          {4, 25 * time.Hour, delivery.StatusDEAD},
			"a day old, after the first few": {3, 25 * time.Hour, delivery.StatusQUEUED},
		} {
			k.DB.ChannelState.Delete().ExecX(k.system)
			row := k.delivery(delivery.ChannelEMAIL, "anna", func(c2 *ent.DeliveryCreate) { c2.SetAttempts(c.attempts).SetCreatedAt(k.at.Add(-c.age)) })
			k.mail.fails(fails(channel.Passing))
			k.send(row)
			if got := k.row(row).Status; got != c.want {
				t.Errorf("%s: %s, want %s", name, got, c.want)
			}
		}
	})
}

func TestAnUnclearAttemptIsRepeatedOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		row := k.mailTo("anna")
		k.mail.fails(fails(channel.Unclear))
		k.send(row)
		k.pass(135 * time.Second)
		if wait := k.send(row); wait != 0 {
			t.Errorf("after the second the job waits for %v", wait)
		}
		if got := k.is(row, delivery.StatusUNKNOWN, "SOME_CODE"); !got.Repeated || got.Unclear != 2 {
			t.Errorf("got %+v", got)
		}
		k.pass(time.Hour)
		if k.send(row); k.mail.calls() != 2 {
			t.Errorf("called %d times, want 2", k.mail.calls())
		}
		t.Run("and what a sender does not class is unclear", func(t *testing.T) {
			for _, err := range []error{context.DeadlineExceeded, errors.New("strange")} {
				k.mail.answer = func(int, channel.Message) error { return err }
				row := k.mailTo("boris")
				k.send(row)
				if got := k.row(row); got.Unclear != 1 || got.Status != delivery.StatusQUEUED {
					t.Errorf("%v: got %+v", err, got)
				}
			}
		})
	})
}

func TestAnAttemptThatWasBrokenOff(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		begun := k.at
		row := k.delivery(delivery.ChannelEMAIL, "anna", func(c *ent.DeliveryCreate) { c.SetStatus(delivery.StatusSENDING).SetAttempts(1).SetBegunAt(begun) })
		k.pass(40 * time.Second)
		if wait := k.send(row); wait != 5*time.Second {
			t.Errorf("one that may still run is waited for for %v, want 5s", wait)
		}
		k.pass(5 * time.Second)
		if wait := k.send(row); wait != 135*time.Second || k.mail.calls() != 0 {
			t.Errorf("waits for %v, called %d times, want three times a job's time for a report", wait, k.mail.calls())
		}
		k.is(row, delivery.StatusQUEUED, "BROKEN_OFF")
		k.pass(135 * time.Second)
		k.send(row)
		if got := k.is(row, delivery.StatusSENT, ""); !got.Repeated || got.Attempts != 2 {
			t.Errorf("got %+v", got)
		}
	})
}

// TestWhatIsNotSentAnyMore: each attempt looks anew.
func TestWhatIsNotSentAnyMore(t *testing.T) {
	for name, c := range map[string]struct {
		change func(k *desk, row *ent.Delivery)
		status delivery.Status
		code   string
	}{
		"the channel is switched off": {func(k *desk, _ *ent.Delivery) { k.register(entchannel.ChannelEMAIL, false) }, delivery.StatusSKIPPED, "CHANNEL_OFF"},
		"the channel is not set up":   {func(k *desk, _ *ent.Delivery) { delete(k.Senders, channel.Email) }, delivery.StatusSKIPPED, "CHANNEL_NOT_SET_UP"},
		"the person is disabled": {func(k *desk, _ *ent.Delivery) {
			k.DB.User.UpdateOneID(k.people["anna"]).SetDisabledAt(k.at).ExecX(k.system)
		}, delivery.StatusSKIPPED, "USER_DISABLED"},
		"the person has no address": {func(k *desk, _ *ent.Delivery) {
			k.DB.User.UpdateOneID(k.people["anna"]).ClearEmailSealed().ExecX(k.system)
		}, delivery.StatusFAILED, "NO_ADDRESS"},
		"the person is another company's": {func(k *desk, _ *ent.Delivery) {
			other := k.DB.Distributor.Create().SetCompanyName("Юг").SetCompanyNameFold("юг").SetCreatedAt(k.at).SetUpdatedAt(k.at).SaveX(k.system).ID
			k.DB.User.UpdateOneID(k.people["anna"]).SetDistributorID(other).ExecX(k.system)
		}, delivery.StatusSKIPPED, "MOVED"},
		"the address is suppressed": {func(k *desk, _ *ent.Delivery) {
			k.DB.Suppression.Create().SetChannel(suppression.ChannelEMAIL).SetReason("Spam").SetAt(k.at).
				SetAddressIndex(sealed.SuppressionIndex.Of(k.Keys, "anna@example.ru")).ExecX(k.system)
		}, delivery.StatusSUPPRESSED, "SUPPRESSED"},
		"its notices are gone": {func(k *desk, _ *ent.Delivery) { k.DB.Notice.Delete().ExecX(k.system) }, delivery.StatusSKIPPED, "GONE"},
		"nothing forbids it":   {func(*desk, *ent.Delivery) {}, delivery.StatusSENT, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				k := newDesk(t, d)
				row := k.mailTo("anna")
				c.change(k, row)
				k.send(row)
				if k.is(row, c.status, c.code); c.code != "" && k.mail.calls() != 0 {
					t.Error("the provider was called")
				}
			})
		})
	}
}

func TestAFallbackLeavesOutWhatWasRead(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		fallback := func(c *ent.DeliveryCreate) { c.SetFallback(true) }
		row := k.delivery(delivery.ChannelEMAIL, "anna", fallback)
		k.DB.Notification.Update().SetReadAt(k.at).ExecX(k.system)
		k.item(row, k.notice("Не прочитано", "anna"))
		k.send(row)
		if k.is(row, delivery.StatusSENT, ""); k.mail.sent[0].Subject != "Не прочитано" {
			t.Errorf("sent %q", k.mail.sent[0].Subject)
		}
		if n := k.DB.DeliveryItem.Query().Where(deliveryitem.DeliveryID(row.ID)).CountX(k.system); n != 1 {
			t.Errorf("%d notices belong to it, want the one that was told", n)
		}
		all := k.delivery(delivery.ChannelEMAIL, "anna", fallback)
		k.DB.Notification.Update().Where(notification.ReadAtIsNil()).SetReadAt(k.at).ExecX(k.system)
		k.send(all)
		k.is(all, delivery.StatusSKIPPED, "READ")
		read := k.mailTo("anna")
		k.DB.Notification.Update().Where(notification.ReadAtIsNil()).SetReadAt(k.at).ExecX(k.system)
		k.send(read)
		k.is(read, delivery.StatusSENT, "") // it is no fallback
	})
}

func TestACancelledJobCancelsItsDelivery(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		row, sent := k.mailTo("anna"), k.mailTo("boris")
		k.send(sent)
		for _, r := range []*ent.Delivery{row, sent} {
			if err := k.Unsent(t.Context(), k.due(r)); err != nil {
				t.Fatal(err)
			}
		}
		k.is(row, delivery.StatusCANCELLED, "")
		k.is(sent, delivery.StatusSENT, "")
		if k.send(row); k.mail.calls() != 1 {
			t.Error("what is cancelled was sent")
		}
	})
}

// TestOverTheQueue: an attempt that fails comes again by itself.
func TestOverTheQueue(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.Now = func() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
		k.mail.answer = func(n int, _ channel.Message) error {
			if n == 1 {
				return fails(channel.Passing)
			}
			return nil
		}
		row := k.mailTo("anna")
		q := &jobs.Queue{DB: d, Log: dbtest.Log(t), Poll: 5 * time.Millisecond, Lines: map[string]int{"email": 2, "whatsapp": 2}}
		k.Work(q)
		enqueue := func(due any) {
			err := db.WithTx(k.system, d, func(tx *db.Tx) error { return jobs.Enqueue(k.system, tx, jobs.Job{Args: due.(jobs.Args)}) })
			if err != nil {
				t.Fatal(err)
			}
		}
		enqueue(k.due(row))
		ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
		done := make(chan struct{})
		go func() { q.Run(ctx); close(done) }()
		defer func() { stop(); <-done }()
		for end := time.Now().Add(30 * time.Second); k.row(row).Status != delivery.StatusSENT; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("it is %s", k.row(row).Status)
			}
		}
		if k.mail.calls() != 2 {
			t.Errorf("called %d times, want 2", k.mail.calls())
		}
	})
}
