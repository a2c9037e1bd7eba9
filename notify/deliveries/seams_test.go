package deliveries_test

import (
	"context"
	"testing"
	"time"

	"channelbook/ent"
	"channelbook/ent/delivery"
	"channelbook/ent/notificationpreference"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/jobs"
	"channelbook/notify/channel"
	"channelbook/notify/templates"
)

// during is a provider that has something happen between taking a message and answering.
type during struct {
	*provider
	happens func()
}

func (p during) Send(ctx context.Context, m channel.Message) (channel.Receipt, error) {
	receipt, err := p.provider.Send(ctx, m)
	p.happens()
	return receipt, err
}

func TestAnAnswerThatIsWrittenDownLateCountsStill(t *testing.T) {
	for name, unclear := range map[string]int{"before the repeat": 0, "before a person decides": 1} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				k := newDesk(t, d)
				row := k.mailTo("anna")
				k.DB.Delivery.UpdateOne(row).SetUnclear(unclear).ExecX(k.system)
				k.Senders[channel.Email] = during{k.mail, func() {
					k.pass(46 * time.Second)
					k.send(row) // another job takes the attempt for one that was broken off
				}}
				k.send(row)
				if got := k.is(row, delivery.StatusSENT, ""); got.ProviderID != "theirs-1" || got.Unclear != unclear || got.SentAt == nil {
					t.Errorf("got %+v", got)
				}
				k.pass(time.Hour)
				if k.send(row); k.mail.calls() != 1 {
					t.Errorf("called %d times, want once", k.mail.calls())
				}
			})
		})
	}
}

// TestAFailureReportedBeforeTheAnswerIsTriedAgain: the job of the attempt runs still, and must not be taken for the one that tries again.
func TestAFailureReportedBeforeTheAnswerIsTriedAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.Now = func() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
		row := k.mailTo("anna")
		k.DB.Delivery.UpdateOne(row).SetDueAt(k.Now()).ExecX(k.system)
		answered := make(chan struct{}, 9)
		k.Senders[channel.Email] = during{k.mail, func() {
			k.report(row, channel.Failed, fails(channel.Passing))
			answered <- struct{}{}
		}}
		q := &jobs.Queue{DB: d, Log: dbtest.Log(t), Poll: 5 * time.Millisecond, Lines: map[string]int{"email": 1, "whatsapp": 1}}
		k.Work(q)
		err := db.WithTx(k.system, d, func(tx *db.Tx) error { return jobs.Enqueue(k.system, tx, jobs.Job{Args: k.due(row)}) })
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
		done := make(chan struct{})
		go func() { q.Run(ctx); close(done) }()
		<-answered
		stop()
		<-done
		k.is(row, delivery.StatusQUEUED, "SOME_CODE")
		waiting, _, err := q.List(k.admin, jobs.Filter{States: []string{"available", "scheduled", "retryable"}}, 0, 9, false)
		if err != nil || len(waiting) != 1 {
			t.Errorf("%d jobs wait to try it again, %v, want one", len(waiting), err)
		}
	})
}

func TestWhoWantsAChannelNoMoreIsToldByTheNext(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		row := k.mailTo("anna")
		for by, mode := range map[notificationpreference.Channel]notificationpreference.Mode{"EMAIL": "NEVER", "WHATSAPP": "FALLBACK"} {
			k.DB.NotificationPreference.Create().SetUserID(k.people["anna"]).SetKind("LEAD_TAKEN").SetChannel(by).SetMode(mode).ExecX(k.system)
		}
		k.send(row)
		k.is(row, delivery.StatusSKIPPED, "NOT_WANTED")
		next := k.DB.Delivery.Query().Where(delivery.ChannelEQ(delivery.ChannelWHATSAPP)).AllX(k.system)
		if len(next) != 1 || next[0].Status != delivery.StatusQUEUED || !next[0].Fallback {
			t.Errorf("got %+v, want one delivery by WhatsApp", next)
		}
	})
}

// mute has no template for a channel.
type mute struct{ class channel.Class }

func (m mute) Compose(context.Context, templates.Letter) (channel.Message, error) {
	return channel.Message{}, fails(m.class)
}

func TestWhatNoMessageCanBeMadeOf(t *testing.T) {
	for name, c := range map[string]struct {
		class channel.Class
		want  delivery.Status
	}{
		"the channel has no template": {channel.Unreachable, delivery.StatusFAILED}, "the template is wrong": {channel.Unfit, delivery.StatusDEAD},
	} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				k := newDesk(t, d)
				k.Templates = mute{c.class}
				row := k.delivery(delivery.ChannelWHATSAPP, "anna")
				k.send(row)
				if k.is(row, c.want, "SOME_CODE"); k.whatsapp.calls() != 0 {
					t.Error("the provider was called")
				}
			})
		})
	}
}

// TestACancelledJobOfAnAttemptThatWasBrokenOff: nothing may repeat it, and nobody knows whether it went.
func TestACancelledJobOfAnAttemptThatWasBrokenOff(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		row := k.delivery(delivery.ChannelEMAIL, "anna", func(c *ent.DeliveryCreate) { c.SetStatus(delivery.StatusSENDING).SetAttempts(1).SetBegunAt(k.at) })
		cancel := func() {
			if err := k.Unsent(t.Context(), k.due(row)); err != nil {
				t.Fatal(err)
			}
		}
		cancel()
		k.is(row, delivery.StatusSENDING, "")
		k.pass(45 * time.Second)
		cancel()
		k.is(row, delivery.StatusUNKNOWN, "BROKEN_OFF")
		k.pass(2 * time.Hour)
		if n, err := k.Overdue(t.Context()); n != 0 || err != nil {
			t.Errorf("%d are taken up again, %v, want none", n, err)
		}
	})
}

func TestAReportRaisesNoDead(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		row := k.delivery(delivery.ChannelEMAIL, "anna", func(c *ent.DeliveryCreate) { c.SetStatus(delivery.StatusDEAD).SetAttempts(2).SetErrorCode("HTTP_400") })
		k.report(row, channel.Failed, fails(channel.Passing))
		k.is(row, delivery.StatusDEAD, "HTTP_400")
	})
}
