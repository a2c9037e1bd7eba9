package demo_test

import (
	"testing"
	"time"

	"channelbook/demo"
	"channelbook/ent"
	"channelbook/ent/goalmilestone"
	"channelbook/ent/notice"
	"channelbook/ent/notification"
	"channelbook/ent/user"
	"channelbook/goals"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
)

func TestADemoOfTheFirstOfAMonthBeginsWithoutAFlood(t *testing.T) {
	d := dbtest.SQLite(t)
	first := time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)
	filled, err := demo.Fill(t.Context(), services(t, d), demo.Story{Now: first, Months: 2, AdminPassword: "a long enough password"})
	if err != nil {
		t.Fatal(err)
	}
	wantFeeds(t, d, filled, first, 2)
}

// wantFeeds checks what people find when they sign in to the demo of a story of so many months that ended now.
func wantFeeds(t *testing.T, d *db.DB, filled demo.Filled, now time.Time, months int) {
	t.Helper()
	ctx := auth.AsSystem(t.Context(), "test")
	notices := d.Notice.Query().Order(ent.Asc(notice.FieldPlace)).WithNotifications().AllX(ctx)
	kinds := map[notice.Kind]int{}
	last := now.AddDate(0, 0, -180)
	for _, n := range notices {
		kinds[n.Kind]++
		if n.Place == nil || n.At.Before(last) || n.At.After(now) {
			t.Fatalf("got %v after one of %s, want all of half a year in its order", n, last)
		}
		last = n.At
		if len(n.Edges.Notifications) == 0 && n.ExceptID == nil { // a company's only user is told of nothing that others have done
			t.Errorf("got nobody who was told %v", n)
		}
		for _, one := range n.Edges.Notifications {
			old := n.At.Before(now.AddDate(0, 0, -3))
			if old != (one.ReadAt != nil) || old && (!one.ReadAt.After(n.At) || one.ReadAt.After(n.At.Add(24*time.Hour)) || one.ReadAt.After(now)) {
				t.Fatalf("got %v of %s, want it read within a day where it is three days old, and unread else", one, n.At)
			}
		}
	}
	wantKinds(t, kinds, months)
	for _, login := range []string{filled.Admin.Login, filled.Distributor.Login} {
		mine := d.Notification.Query().Where(notification.HasUserWith(user.Login(login)))
		all, fresh := mine.Clone().CountX(ctx), mine.Where(notification.ReadAtIsNil()).CountX(ctx)
		if all < 10 || fresh == 0 || fresh > 60 {
			t.Errorf("%s: got %d unread of %d, want some and not hundreds", login, fresh, all)
		}
	}
	wantNoNews(t, d, now)
}

// wantKinds wants some of each kind that a story of this length brings. Each kind that leads bring is tested with leads.
func wantKinds(t *testing.T, kinds map[notice.Kind]int, months int) {
	t.Helper()
	want := []notice.Kind{notice.KindGOAL_SET, notice.KindGOAL_MILESTONE, notice.KindMESSAGE}
	if months == demo.Year {
		want = append(want, notice.KindPERIOD_CLOSED, notice.KindSTATEMENT_APPROVED, notice.KindSTATEMENT_PAID)
	}
	for _, kind := range want {
		if kinds[kind] == 0 {
			t.Errorf("got %v, want some %s", kinds, kind)
		}
	}
}

// wantNoNews wants nothing left for the first start to tell.
func wantNoNews(t *testing.T, d *db.DB, now time.Time) {
	t.Helper()
	ctx := auth.AsSystem(t.Context(), "test")
	if n := d.GoalMilestone.Query().Where(goalmilestone.ToldAtIsNil()).CountX(ctx); n != 0 {
		t.Errorf("got %d milestones that wait, want them told within the story", n)
	}
	moscow, err := time.LoadLocation("Europe/Moscow")
	if err != nil {
		t.Fatal(err)
	}
	at := &goals.Service{DB: d, Now: func() time.Time { return now }, TimeZone: moscow, Log: dbtest.Log(t)}
	if n, err := at.Milestones(ctx); err != nil || n != 0 {
		t.Errorf("got the milestones of %d goals, %v, want none new at the first start", n, err)
	}
}
