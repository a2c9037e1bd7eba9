package notify_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"channelbook/ent"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/notify"
)

// tellAt tells of something that happened at an instant.
func (k *desk) tellAt(at time.Time, notices ...notify.Notice) {
	k.t.Helper()
	if err := db.WithTx(k.system, k.DB, func(tx *db.Tx) error { return notify.Tell(k.system, tx, at, notices...) }); err != nil {
		k.t.Fatal(err)
	}
}

func (k *desk) many(from, n int) (notices []notify.Notice) {
	for i := range n {
		notices = append(notices, message(fmt.Sprint(from+i), notify.To{Everyone: true}))
	}
	return notices
}

func TestWhatIsPastItsTermIsDropped(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		now := k.Now()
		term := now.Add(-24 * time.Hour)
		k.tellAt(term.Add(-time.Hour), k.many(0, 250)...)
		k.tellAt(term.Add(-time.Microsecond), k.many(250, 1)...)
		k.tellAt(term, k.many(251, 1)...) // the first that is young enough
		k.tellAt(now, k.many(252, 2)...)
		k.feed("anna")
		k.tellAt(term.Add(-time.Hour), k.many(254, 1)...) // waits for its place

		n, err := k.Drop(t.Context(), term)
		if err != nil || n != 251 {
			t.Fatalf("dropped %d, %v, want 251", n, err)
		}
		if n, err := k.Drop(t.Context(), term); err != nil || n != 0 {
			t.Errorf("dropped %d, %v the second time, want none", n, err)
		}
		if got := k.DB.Notification.Query().CountX(k.system); got != 3*len(k.people) {
			t.Errorf("%d notifications are left, want those of 3 notices", got)
		}
		for login := range k.people {
			if got, want := k.feed(login), []string{"251", "252", "253", "254"}; !slices.Equal(got, want) {
				t.Errorf("%s has %v, want %v: what waits for its place is not dropped", login, got, want)
			}
		}
	})
}

// TestDroppingStandsInNobodysWay: several instances drop at once, and who follows hears all that comes meanwhile.
func TestDroppingStandsInNobodysWay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		other := service(t, dbtest.Second(t, d))
		term := k.Now().Add(-24 * time.Hour)
		k.tellAt(term.Add(-time.Hour), k.many(0, 330)...)
		k.feed("anna")
		run(t, k.Service)
		anna := k.listen(k.Service, "anna", nil)
		var dropping sync.WaitGroup
		for _, s := range []*notify.Service{k.Service, other} {
			dropping.Go(func() {
				if _, err := s.Drop(context.WithoutCancel(t.Context()), term); err != nil {
					t.Error(err)
				}
			})
		}
		k.tell(k.many(330, 20)...)
		dropping.Wait()
		if got := anna.next(20); got[0] != "330" || got[19] != "349" {
			t.Errorf("anna heard %v, want what came meanwhile", got)
		}
		if got := k.feed("boss"); len(got) != 20 {
			t.Errorf("boss has %d, want the 20 that came meanwhile", len(got))
		}
	})
}

// TestWhoComesBackWithWhatIsGone hears all that the feed still holds, in its order, as does who comes with another person's.
func TestWhoComesBackWithWhatIsGone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		term := k.Now().Add(-24 * time.Hour)
		k.tellAt(term.Add(-time.Hour), k.many(0, 3)...)
		k.tell(message("для Юга", notify.To{Distributor: k.people["vera"].Distributor}))
		k.tell(k.many(3, 3)...)
		k.feed("anna")
		rows := k.DB.Notification.Query().Order(ent.Asc("place")).WithNotice().AllX(auth.With(k.system, k.people["vera"]))
		gone, foreign := rows[1].NoticeID, rows[3].NoticeID
		if foreignTitle := rows[3].Edges.Notice.Title; foreignTitle != "для Юга" {
			t.Fatal(foreignTitle)
		}
		if _, err := k.Drop(t.Context(), term); err != nil {
			t.Fatal(err)
		}
		run(t, k.Service)
		for name, after := range map[string]gid.ID{"dropped": gone, "another person's": foreign, "nobody's": gid.New()} {
			anna := k.listen(k.Service, "anna", &after)
			if got, want := anna.next(3), []string{"3", "4", "5"}; !slices.Equal(got, want) {
				t.Errorf("behind one that is %s anna heard %v, want %v", name, got, want)
			}
			anna.silent()
		}
	})
}
