package deliveries_test

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"channelbook/ent"
	"channelbook/ent/delivery"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/notify/channel"
)

// every is each status that a delivery may have.
var every = []delivery.Status{delivery.StatusSCHEDULED, delivery.StatusQUEUED, delivery.StatusSENDING, delivery.StatusSENT, delivery.StatusDELIVERED, delivery.StatusREAD,
	delivery.StatusFAILED, delivery.StatusDEAD, delivery.StatusUNKNOWN, delivery.StatusSUPPRESSED, delivery.StatusSKIPPED, delivery.StatusCANCELLED}

func TestWhatAnAdministratorMayDo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		acts := map[string]struct {
			do   func(id gid.ID) (*ent.Delivery, error)
			from []delivery.Status
			to   delivery.Status
		}{
			"retry": {func(id gid.ID) (*ent.Delivery, error) { return k.Retry(k.admin, id) },
				[]delivery.Status{delivery.StatusFAILED, delivery.StatusDEAD, delivery.StatusUNKNOWN, delivery.StatusSUPPRESSED, delivery.StatusSKIPPED, delivery.StatusCANCELLED}, delivery.StatusQUEUED},
			"cancel":               {func(id gid.ID) (*ent.Delivery, error) { return k.Cancel(k.admin, id) }, []delivery.Status{delivery.StatusSCHEDULED, delivery.StatusQUEUED}, delivery.StatusCANCELLED},
			"settle as sent":       {func(id gid.ID) (*ent.Delivery, error) { return k.Settle(k.admin, id, true) }, []delivery.Status{delivery.StatusUNKNOWN}, delivery.StatusSENT},
			"settle as never sent": {func(id gid.ID) (*ent.Delivery, error) { return k.Settle(k.admin, id, false) }, []delivery.Status{delivery.StatusUNKNOWN}, delivery.StatusFAILED},
		}
		for name, act := range acts {
			for _, from := range every {
				k.DB.Delivery.Update().SetStatus(delivery.StatusSENT).ExecX(k.system)
				row := k.delivery(delivery.ChannelEMAIL, "anna", func(c *ent.DeliveryCreate) { c.SetStatus(from) })
				got, err := act.do(row.ID)
				switch may := slices.Contains(act.from, from); {
				case may && (err != nil || got.Status != act.to):
					t.Errorf("%s of one that is %s: got %v, %v", name, from, got, err)
				case !may && !fault.HasCode(err, "DELIVERY_STATUS"):
					t.Errorf("%s of one that is %s: got %v, want a fault", name, from, err)
				}
			}
			if _, err := act.do(gid.New()); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s of none: got %v", name, err)
			}
		}
		nobody := auth.With(t.Context(), auth.Viewer{Role: auth.Distributor, UserID: k.people["anna"], Distributor: k.company})
		_, err1 := k.Retry(nobody, gid.New())
		_, err2 := k.Cancel(nobody, gid.New())
		_, err3 := k.Settle(nobody, gid.New(), true)
		for _, err := range []error{err1, err2, err3, k.Resume(nobody, channel.Email), k.Unsuppress(nobody, gid.New())} {
			if !fault.Is(err, fault.Forbidden) {
				t.Errorf("a distributor's user: got %v", err)
			}
		}
	})
}

func TestManyRetriesMakeOneRound(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		row := k.delivery(delivery.ChannelEMAIL, "anna", func(c *ent.DeliveryCreate) { c.SetStatus(delivery.StatusUNKNOWN).SetAttempts(2).SetUnclear(2) })
		var done atomic.Int32
		var retrying sync.WaitGroup
		for range 16 {
			retrying.Go(func() {
				_, err := k.Retry(k.admin, row.ID)
				if err == nil {
					done.Add(1)
				} else if !fault.HasCode(err, "DELIVERY_STATUS") {
					t.Error(err)
				}
			})
		}
		retrying.Wait()
		if got := k.row(row); done.Load() != 1 || got.Round != 1 || got.Attempts != 0 || got.Unclear != 0 || !got.Repeated {
			t.Errorf("%d retries went well: %+v", done.Load(), got)
		}
		old := k.due(row)
		old.Round = 0
		if err := k.Send(t.Context(), old); err != nil || k.mail.calls() != 0 {
			t.Errorf("the job of the round before: %v, %d calls", err, k.mail.calls())
		}
		k.send(row)
		k.is(row, delivery.StatusSENT, "")
	})
}

func TestOldDeliveriesAreDropped(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		for i := range 130 {
			row := k.delivery(delivery.ChannelEMAIL, "anna", func(c *ent.DeliveryCreate) {
				c.SetCreatedAt(k.at.Add(-time.Hour)).SetStatus([]delivery.Status{delivery.StatusSENT, delivery.StatusQUEUED, delivery.StatusDEAD}[min(i, 2)])
			})
			if i == 0 {
				k.report(row, channel.Delivered)
			}
		}
		k.mailTo("anna")
		n, err := k.Drop(t.Context(), k.at)
		if err != nil || n != 129 {
			t.Errorf("dropped %d, %v, want all but the one that waits and the young one", n, err)
		}
		if left := k.DB.Delivery.Query().CountX(k.system); left != 2 || k.DB.DeliveryItem.Query().CountX(k.system) != 2 || k.DB.DeliveryReport.Query().ExistX(k.system) {
			t.Errorf("%d are left", left)
		}
		k.send(k.delivery(delivery.ChannelWHATSAPP, "anna"))
		for _, left := range []int{1, 0} {
			if _, err := k.Drop(t.Context(), k.at); err != nil || k.DB.Pace.Query().CountX(k.system) != left {
				t.Errorf("%v, paces: want %d", err, left)
			}
			k.pass(25 * time.Hour)
		}
	})
}

func TestWhatHasLostItsJobGetsOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		for _, status := range every {
			k.delivery(delivery.ChannelEMAIL, "anna", func(c *ent.DeliveryCreate) { c.SetStatus(status) })
		}
		k.pass(time.Hour)
		n1, err1 := k.Overdue(t.Context())
		k.pass(time.Second)
		n2, err2 := k.Overdue(t.Context())
		n3, err3 := k.Overdue(t.Context())
		if err := errors.Join(err1, err2, err3); err != nil || n1 != 0 || n2 != 3 || n3 != 3 {
			t.Errorf("got %d, %d and %d, %v", n1, n2, n3, err)
		}
		rows, err := d.QueryContext(k.system, "SELECT count(*) FROM river_job WHERE kind = 'delivery'")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		var jobs int
		for rows.Next() {
			if err := rows.Scan(&jobs); err != nil {
				t.Fatal(err)
			}
		}
		if jobs != 3 {
			t.Errorf("there are %d jobs, want 3", jobs)
		}
	})
}

func TestHowThingsStand(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		for _, status := range append(every, delivery.StatusDEAD) {
			k.delivery(delivery.ChannelEMAIL, "anna", func(c *ent.DeliveryCreate) { c.SetStatus(status) })
		}
		k.whatsapp.fails(fails(channel.Refused))
		k.send(k.delivery(delivery.ChannelWHATSAPP, "anna"))
		got, err := k.Standing(t.Context())
		if err != nil || got[0].Channel != channel.Email || got[0].Dead != 2 || got[0].Unknown != 1 || got[0].Stopped || got[1].Dead != 0 || !got[1].Stopped {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}
