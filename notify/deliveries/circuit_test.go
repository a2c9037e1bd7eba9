package deliveries_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"channelbook/ent"
	"channelbook/ent/channelstate"
	"channelbook/ent/delivery"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
	"channelbook/notify/channel"
	"channelbook/notify/deliveries"
)

func (k *desk) state() *ent.ChannelState { return k.DB.ChannelState.Query().OnlyX(k.system) }

// stop has five messages fail in a row.
func (k *desk) stop() {
	k.t.Helper()
	k.mail.fails(fails(channel.Passing))
	for range 5 {
		k.send(k.mailTo("anna"))
	}
	k.mail.works()
}

func TestFailuresInARowStopAChannel(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.mail.fails(fails(channel.Passing))
		for range 4 {
			k.send(k.mailTo("anna"))
		}
		k.mail.works()
		k.send(k.mailTo("anna")) // so it is not in a row
		k.stop()
		calls, waiting := k.mail.calls(), k.mailTo("boris")
		if s := k.state(); s.State != channelstate.StateSTOPPED || s.Stops != 1 || !s.RetryAt.Equal(k.at.Add(30*time.Second)) || s.Code != "SOME_CODE" || calls != 10 {
			t.Fatalf("after %d calls the channel is %+v", calls, s)
		}
		if wait := k.send(waiting); wait < 30*time.Second || k.mail.calls() != calls {
			t.Errorf("a message waits for %v, and there were %d calls more", wait, k.mail.calls()-calls)
		}
		if got := k.is(waiting, delivery.StatusQUEUED, ""); got.Attempts != 0 {
			t.Errorf("waiting was an attempt: %+v", got)
		}
		k.pass(30 * time.Second)
		k.send(waiting)
		k.is(waiting, delivery.StatusSENT, "")
		if s := k.state(); s.State != channelstate.StateRUNNING || s.Stops != 0 || s.Failures != 0 || s.RetryAt != nil {
			t.Errorf("the channel is %+v, want it running", s)
		}
		if told := k.told(); !slices.Equal(told, []string{"CHANNEL_STOPPED", "CHANNEL_RESUMED"}) {
			t.Errorf("people were told %v, want once that it stopped and once that it goes on", told)
		}
	})
}

func TestEachStopIsLongerAndPeopleAreToldOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.stop()
		k.mail.fails(fails(channel.Passing))
		for i, want := range []time.Duration{1, 2, 4, 8, 15, 15} {
			k.pass(k.state().RetryAt.Sub(k.at))
			k.send(k.mailTo("anna"))
			if got := k.state().RetryAt.Sub(k.at); got != want*time.Minute {
				t.Errorf("stop %d lasts %v, want %v", i+2, got, want*time.Minute)
			}
			if told := k.told(); len(told) != 1 {
				t.Errorf("after stop %d people were told %v", i+2, told)
			}
		}
		k.mail.works()
		k.pass(15 * time.Minute)
		k.send(k.mailTo("anna"))
		k.send(k.mailTo("anna"))
		if told := k.told(); !slices.Equal(told, []string{"CHANNEL_STOPPED", "CHANNEL_RESUMED"}) {
			t.Errorf("told %v", told)
		}
	})
}

// TestOneOfManyTriesAStoppedChannel, on two instances at once.
func TestOneOfManyTriesAStoppedChannel(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.stop()
		var rows []*ent.Delivery
		for range 16 {
			rows = append(rows, k.mailTo("boris"))
		}
		k.pass(30 * time.Second)
		calls := k.mail.calls()
		begun, release := make(chan struct{}, 16), make(chan struct{})
		k.mail.answer = nil
		slow := slowly{k.mail, begun, release}
		second := k.over(dbtest.Second(t, d))
		for _, s := range []*deliveries.Service{k.Service, second} {
			s.Senders[channel.Email] = slow
		}
		var sending sync.WaitGroup
		turnedAway := make(chan struct{}, 16)
		for i, row := range rows {
			sending.Go(func() {
				if k.sendAt([]*deliveries.Service{k.Service, second}[i%2], row) > 0 {
					turnedAway <- struct{}{}
				}
			})
		}
		for range 15 { // all but the one that tries
			<-turnedAway
		}
		close(release)
		sending.Wait()
		if n := k.mail.calls() - calls; n != 1 {
			t.Errorf("%d tried, want one", n)
		}
		if s := k.state(); s.State != channelstate.StateRUNNING {
			t.Errorf("the channel is %+v", s)
		}
	})
}

// slowly is a provider that answers when it is let.
type slowly struct {
	*provider
	begun   chan struct{}
	release chan struct{}
}

func (s slowly) Send(ctx context.Context, m channel.Message) (channel.Receipt, error) {
	s.begun <- struct{}{}
	<-s.release
	return s.provider.Send(ctx, m)
}

// TestOneNotice: sixteen messages that are refused at once, on two instances, have administrators told once.
func TestOneNotice(t *testing.T) {
	for _, class := range []channel.Class{channel.Refused, channel.Held} {
		t.Run(names[class], func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				k := newDesk(t, d)
				second := k.over(dbtest.Second(t, d))
				k.mail.fails(fails(class))
				var rows []*ent.Delivery
				for range 16 {
					rows = append(rows, k.mailTo("anna"))
				}
				var sending sync.WaitGroup
				for i, row := range rows {
					sending.Go(func() { k.sendAt([]*deliveries.Service{k.Service, second}[i%2], row) })
				}
				sending.Wait()
				if told := k.told(); !slices.Equal(told, []string{"CHANNEL_STOPPED"}) {
					t.Errorf("told %v, want once", told)
				}
				if n := k.DB.Delivery.Query().Where(delivery.StatusEQ(delivery.StatusQUEUED)).CountX(k.system); n != 16 {
					t.Errorf("%d wait, want all: none is lost", n)
				}
				k.mail.works()
				k.pass(time.Hour)
				for _, row := range rows {
					k.send(row)
				}
				if told := k.told(); !slices.Equal(told, []string{"CHANNEL_STOPPED", "CHANNEL_RESUMED"}) {
					t.Errorf("told %v", told)
				}
				if n := k.DB.Delivery.Query().Where(delivery.StatusEQ(delivery.StatusSENT)).CountX(k.system); n != 16 {
					t.Errorf("%d were sent, want all", n)
				}
			})
		})
	}
}

func TestStopsThatPeopleHaveToEndGrow(t *testing.T) {
	for class, want := range map[channel.Class][]time.Duration{
		channel.Held:    {time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 16 * time.Hour, 24 * time.Hour, 24 * time.Hour},
		channel.Refused: {15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 6 * time.Hour, 6 * time.Hour},
	} {
		t.Run(names[class], func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				k := newDesk(t, d)
				k.mail.fails(fails(class))
				row := k.mailTo("anna")
				for _, lasts := range want {
					k.send(row)
					if got := k.state().RetryAt.Sub(k.at); got != lasts {
						t.Errorf("it lasts %v, want %v", got, lasts)
					}
					k.pass(lasts)
				}
				k.is(row, delivery.StatusQUEUED, "SOME_CODE")
			})
		})
	}
}

func TestAnAdministratorHasAStoppedChannelTried(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		if err := k.Resume(k.admin, channel.Email); !fault.HasCode(err, "CHANNEL_RUNNING") {
			t.Errorf("got %v of a channel that runs", err)
		}
		if err := k.Resume(k.admin, channel.Web); !fault.HasCode(err, "NO_CHANNEL") {
			t.Errorf("got %v of the feed", err)
		}
		row := k.mailTo("anna")
		k.mail.fails(fails(channel.Refused))
		k.send(row)
		if k.send(row) == 0 {
			t.Error("it does not wait")
		}
		if err := k.Resume(k.admin, channel.Email); err != nil {
			t.Fatal(err)
		}
		k.mail.works()
		k.send(row)
		k.is(row, delivery.StatusSENT, "")
	})
}

func TestARecipientOfWhatsAppGetsOneInSixSeconds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		second := k.over(dbtest.Second(t, d))
		var rows []*ent.Delivery
		for range 8 {
			rows = append(rows, k.delivery(delivery.ChannelWHATSAPP, "anna"))
		}
		other := k.delivery(delivery.ChannelWHATSAPP, "boris")
		for round := range 3 {
			var sending sync.WaitGroup
			for i, row := range rows {
				sending.Go(func() { k.sendAt([]*deliveries.Service{k.Service, second}[i%2], row) })
			}
			sending.Wait()
			if n := k.whatsapp.calls(); n != round+1 {
				t.Fatalf("%d were sent in round %d", n, round+1)
			}
			k.pass(6*time.Second - time.Microsecond)
			for _, row := range rows {
				k.send(row)
			}
			if n := k.whatsapp.calls(); n != round+1 {
				t.Fatalf("%d were sent before six seconds were over", n)
			}
			k.pass(time.Microsecond)
		}
		k.send(other)
		k.is(other, delivery.StatusSENT, "")
	})
}

func TestWhoHadTooManyWaitsLongerEachTime(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		row, other := k.delivery(delivery.ChannelWHATSAPP, "anna"), k.delivery(delivery.ChannelWHATSAPP, "boris")
		k.whatsapp.fails(fails(channel.Crowded))
		for _, want := range []time.Duration{6, 12, 24, 48} {
			if got := k.send(row); got != want*time.Second {
				t.Errorf("waits for %v, want %v", got, want*time.Second)
			}
			k.pass(want * time.Second)
		}
		k.whatsapp.works()
		k.send(other)
		k.is(other, delivery.StatusSENT, "")
		k.send(row)
		k.is(row, delivery.StatusSENT, "")
		if k.DB.ChannelState.Query().Where(channelstate.FailuresGT(0)).ExistX(k.system) {
			t.Error("it counted as a failure of the channel")
		}
	})
}

func TestAHeldTemplateWaitsAloneAndLongerEachTime(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		row, same := k.delivery(delivery.ChannelWHATSAPP, "anna"), k.delivery(delivery.ChannelWHATSAPP, "boris")
		k.whatsapp.fails(fails(channel.TemplateHeld))
		for i, want := range []time.Duration{1, 2, 4, 8, 16, 24, 24} {
			k.send(row)
			if wait := k.send(same); wait < want*time.Hour || k.whatsapp.calls() != i+1 {
				t.Errorf("another of the template waits for %v after %d calls, want %d hours", wait, k.whatsapp.calls(), want)
			}
			k.pass(want * time.Hour)
		}
		if told := k.told(); !slices.Equal(told, []string{"CHANNEL_STOPPED"}) {
			t.Errorf("administrators were told %v, want that the template is held, once", told)
		}
		k.whatsapp.works()
		k.send(same)
		k.is(same, delivery.StatusSENT, "")
		k.Templates = composer{"another"}
		third := k.delivery(delivery.ChannelWHATSAPP, "anna")
		k.send(third)
		k.is(third, delivery.StatusSENT, "")
	})
}
