package deliveries_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"channelbook/ent"
	"channelbook/ent/delivery"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/notify/channel"
)

func (k *desk) report(row *ent.Delivery, status channel.Status, f ...*channel.Failure) {
	k.t.Helper()
	r := channel.Report{Channel: row.Channel.String(), Delivery: row.ID, ID: "theirs-1", Status: status, At: k.at}
	if len(f) > 0 {
		r.Failure = f[0]
	}
	if err := k.Report(k.t.Context(), r); err != nil {
		k.t.Fatal(err)
	}
}

// TestReportsInAnyOrderEndTheSame: a delivery that was sent, or of which nobody knew, and reports of it in many orders, each once or
// several times.
func TestReportsInAnyOrderEndTheSame(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		chance := rand.New(rand.NewPCG(1, 2))
		at := func(n int) time.Time { return k.at.Add(time.Duration(n) * time.Second) }
		all := []channel.Report{
			{Status: channel.Sent, At: at(1)}, {Status: channel.Delivered, At: at(2)}, {Status: channel.Read, At: at(3)},
			{Status: channel.Failed, At: at(4), Failure: fails(channel.NotToday)},
			{Status: channel.Read, At: at(5), Failure: fails(channel.Unwanted)},
		}
		for _, from := range []delivery.Status{delivery.StatusSENT, delivery.StatusSENDING, delivery.StatusUNKNOWN, delivery.StatusQUEUED} {
			for some := 1; some < 1<<len(all); some++ {
				var first string
				for range 3 {
					k.DB.Suppression.Delete().ExecX(k.system)
					row := k.delivery(delivery.ChannelEMAIL, "anna", func(c *ent.DeliveryCreate) { c.SetStatus(from).SetAttempts(1).SetUnclear(1) })
					var told []channel.Report
					for i, r := range all {
						for range chance.IntN(3) + 1 {
							if r.Channel, r.Delivery, r.ID = channel.Email, row.ID, "theirs"; some&(1<<i) != 0 {
								told = append(told, r)
							}
						}
					}
					chance.Shuffle(len(told), func(i, j int) { told[i], told[j] = told[j], told[i] })
					if err := k.Report(t.Context(), told...); err != nil {
						t.Fatal(err)
					}
					got := k.row(row)
					stands := fmt.Sprint(got.Status, got.ProviderID, got.ErrorCode, orNone(got.SentAt), orNone(got.DeliveredAt), orNone(got.EndedAt),
						k.DB.Suppression.Query().CountX(k.system))
					if first == "" {
						first = stands
					}
					if stands != first {
						t.Fatalf("from %s: %v ends as %s, and in another order as %s", from, told, stands, first)
					}
				}
			}
		}
	})
}

func orNone(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.UTC().String()
}

func TestAReportSettlesWhatNobodyKnew(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		row := k.mailTo("anna")
		k.mail.fails(fails(channel.Unclear))
		k.send(row)
		k.report(row, channel.Sent)
		k.pass(135 * time.Second)
		if k.send(row); k.mail.calls() != 1 {
			t.Errorf("it was sent again, though a report says that it went")
		}
		if got := k.is(row, delivery.StatusSENT, ""); got.ProviderID != "theirs-1" {
			t.Errorf("got %+v", got)
		}
	})
}

func TestAReportThatComesBeforeTheAnswer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		row := k.mailTo("anna")
		k.Senders[channel.Email] = early{k, row}
		k.send(row)
		if got := k.is(row, delivery.StatusDELIVERED, ""); got.ProviderID != "theirs-1" || got.TransactionID != "transaction" {
			t.Errorf("got %+v", got)
		}
	})
}

func TestWhatAFailureReportedLaterMeans(t *testing.T) {
	for class, want := range map[channel.Class]struct {
		status     delivery.Status
		told       int
		suppressed int
	}{
		channel.NotToday: {delivery.StatusFAILED, 0, 0}, channel.Unreachable: {delivery.StatusFAILED, 0, 0}, channel.Unwanted: {delivery.StatusFAILED, 0, 1},
		channel.Unfit: {delivery.StatusDEAD, 0, 0}, channel.Refused: {delivery.StatusQUEUED, 1, 0}, channel.Held: {delivery.StatusQUEUED, 1, 0},
		channel.TemplateHeld: {delivery.StatusQUEUED, 0, 0}, channel.Passing: {delivery.StatusQUEUED, 0, 0}, channel.Crowded: {delivery.StatusQUEUED, 0, 0},
	} {
		t.Run(names[class], func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				k := newDesk(t, d)
				row := k.mailTo("anna")
				k.send(row)
				k.report(row, channel.Failed, fails(class))
				k.report(row, channel.Sent) // late
				k.report(row, channel.Failed, fails(class))
				k.is(row, want.status, "SOME_CODE")
				if n := len(k.told()); n != want.told {
					t.Errorf("people were told %d times, want %d", n, want.told)
				}
				if n := k.DB.Suppression.Query().CountX(k.system); n != want.suppressed {
					t.Errorf("%d addresses are suppressed, want %d", n, want.suppressed)
				}
			})
		})
	}
}

func TestAComplaintAfterReadingSuppresses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		row := k.mailTo("anna")
		k.send(row)
		k.report(row, channel.Read)
		k.report(row, channel.Read, fails(channel.Unwanted))
		k.is(row, delivery.StatusREAD, "")
		next := k.mailTo("anna")
		k.send(next)
		k.is(next, delivery.StatusSUPPRESSED, "SUPPRESSED")
		found := k.DB.Suppression.Query().OnlyX(k.system)
		if err := k.Unsuppress(k.admin, found.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := k.Retry(k.admin, next.ID); err != nil {
			t.Fatal(err)
		}
		k.send(next)
		k.is(next, delivery.StatusSENT, "")
	})
}

func TestReportsOfNothingOfOurs(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		row := k.mailTo("anna")
		k.send(row)
		for _, r := range []channel.Report{
			{Channel: channel.Email, Delivery: gid.New(), ID: "x", Status: channel.Read, At: k.at},
			{Channel: channel.WhatsApp, Delivery: row.ID, ID: "theirs-1", Status: channel.Read, At: k.at},
			{Channel: channel.Web, Delivery: row.ID, ID: "theirs-1", Status: channel.Read, At: k.at},
			{Channel: channel.Email, Status: channel.Read, At: k.at},
			{Channel: channel.Email, ID: "another", Status: channel.Read, At: k.at},
		} {
			if err := k.Report(t.Context(), r); err != nil {
				t.Error(err)
			}
		}
		k.is(row, delivery.StatusSENT, "")
		if n := k.DB.DeliveryReport.Query().CountX(k.system); n != 0 {
			t.Errorf("%d were kept", n)
		}
		if err := k.Report(t.Context(), channel.Report{Channel: channel.Email, ID: "theirs-1", Status: channel.Delivered, At: k.at}); err != nil {
			t.Error(err)
		}
		k.is(row, delivery.StatusDELIVERED, "") // by the provider's id alone
	})
}

// early is a provider whose report comes before its answer.
type early struct {
	k   *desk
	row *ent.Delivery
}

func (e early) Send(ctx context.Context, m channel.Message) (channel.Receipt, error) {
	e.k.report(e.row, channel.Delivered)
	return e.k.mail.Send(ctx, m)
}
