package notify_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"channelbook/ent"
	"channelbook/ent/user"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/notify"
)

// desk is the service over a fresh base, with an administrator and users of two distributors.
type desk struct {
	*notify.Service
	t      *testing.T
	system context.Context
	people map[string]auth.Viewer // boss, and anna and boris of one distributor, vera of another
}

func newDesk(t *testing.T, d *db.DB) *desk {
	t.Helper()
	k := &desk{service(t, d), t, db.Unaudited(auth.AsSystem(t.Context(), "test"), "a test"), map[string]auth.Viewer{}}
	first, second := k.distributor("Север"), k.distributor("Юг")
	k.person("boss", gid.ID{})
	k.person("anna", first)
	k.person("boris", first)
	k.person("vera", second)
	return k
}

func service(t *testing.T, d *db.DB) *notify.Service {
	return &notify.Service{DB: d, Now: dbtest.Clock("2026-11-26T09:00:00Z"), Log: dbtest.Log(t)}
}

func (k *desk) distributor(name string) gid.ID {
	k.t.Helper()
	return k.DB.Distributor.Create().SetCompanyName(name).SetCompanyNameFold(name).SetCreatedAt(k.Now()).SetUpdatedAt(k.Now()).SaveX(k.system).ID
}

func (k *desk) person(login string, of gid.ID) {
	k.t.Helper()
	v := auth.Viewer{Role: auth.Admin, SessionID: gid.New()}
	create := k.DB.User.Create().SetLogin(login).SetPasswordHash("-").SetRole(user.RoleADMIN).SetCreatedAt(k.Now()).SetUpdatedAt(k.Now())
	if !of.IsZero() {
		v.Role, v.Distributor = auth.Distributor, of
		create.SetRole(user.RoleDISTRIBUTOR).SetDistributorID(of)
	}
	v.UserID = create.SaveX(k.system).ID
	k.people[login] = v
}

func (k *desk) as(login string) context.Context { return auth.With(k.t.Context(), k.people[login]) }

// run runs an instance for as long as the test goes on.
func run(t *testing.T, s *notify.Service) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	running.Go(func() { s.Run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
}

// tell tells of something, in a transaction of its own.
func (k *desk) tell(notices ...notify.Notice) {
	k.t.Helper()
	if err := db.WithTx(k.system, k.DB, func(tx *db.Tx) error { return notify.Tell(k.system, tx, k.Now(), notices...) }); err != nil {
		k.t.Fatal(err)
	}
}

func message(title string, to notify.To) notify.Notice {
	return notify.Notice{Event: notify.Message(title, "Текст", ""), To: to}
}

// ear follows a feed and keeps what it hears.
type ear struct {
	t     *testing.T
	heard chan string
	stop  func()
	last  gid.ID
}

// listen follows the feed of a person at an instance.
func (k *desk) listen(at *notify.Service, login string, after *gid.ID) *ear {
	k.t.Helper()
	ctx, cancel := context.WithCancel(k.as(login))
	sub, err := at.Subscribe(ctx, after)
	if err != nil {
		k.t.Fatal(err)
	}
	e := &ear{t: k.t, heard: make(chan string, 100_000)}
	var following sync.WaitGroup
	following.Go(func() {
		_ = sub.Follow(ctx, func(n *ent.Notification) error {
			e.last = n.NoticeID
			e.heard <- n.Edges.Notice.Title
			return nil
		})
	})
	e.stop = sync.OnceFunc(func() { cancel(); following.Wait(); sub.Leave() })
	k.t.Cleanup(e.stop)
	return e
}

// next are the next n titles.
func (e *ear) next(n int) []string {
	e.t.Helper()
	var titles []string
	for range n {
		select {
		case title := <-e.heard:
			titles = append(titles, title)
		case <-time.After(10 * time.Second):
			e.t.Fatalf("heard %d of %d: %v", len(titles), n, titles)
		}
	}
	return titles
}

func (e *ear) silent() {
	e.t.Helper()
	select {
	case title := <-e.heard:
		e.t.Fatalf("heard %s besides", title)
	case <-time.After(50 * time.Millisecond):
	}
}

// feed are the titles of a person's feed, in its order.
func (k *desk) feed(login string) (titles []string) {
	k.t.Helper()
	if _, err := k.Settle(k.t.Context()); err != nil {
		k.t.Fatal(err)
	}
	rows, err := k.DB.Notification.Query().Order(ent.Asc("place")).WithNotice().All(k.as(login))
	if err != nil {
		k.t.Fatal(err)
	}
	for _, row := range rows {
		titles = append(titles, row.Edges.Notice.Title)
	}
	return titles
}

func TestWhoIsToldIsToldOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		anna, vera := k.people["anna"], k.people["vera"]
		k.DB.User.UpdateOneID(vera.UserID).SetDisabledAt(k.Now()).ExecX(k.system)
		k.tell(
			message("own", notify.To{Distributor: anna.Distributor}),
			message("but anna", notify.To{Distributor: anna.Distributor, Except: anna.UserID}),
			message("admins", notify.To{Admins: true}),
			message("everyone", notify.To{Everyone: true}),
			message("named", notify.To{Users: []gid.ID{anna.UserID, vera.UserID}}),
			message("thrice", notify.To{Users: []gid.ID{anna.UserID}, Distributor: anna.Distributor, Everyone: true}),
			message("nobody", notify.To{}),
		)
		for login, want := range map[string][]string{
			"anna": {"own", "everyone", "named", "thrice"}, "boris": {"own", "but anna", "everyone", "thrice"},
			"boss": {"admins", "everyone", "thrice"}, "vera": nil,
		} {
			if got := k.feed(login); !slices.Equal(got, want) {
				t.Errorf("%s was told %v, want %v", login, got, want)
			}
		}
	})
}

func TestFeedLive(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		other := service(t, dbtest.Second(t, d))
		run(t, k.Service)
		run(t, other)
		for i := range 250 {
			k.tell(message(fmt.Sprint(i), notify.To{Distributor: k.people["anna"].Distributor}))
		}
		all := k.listen(other, "anna", &gid.ID{})
		now := k.listen(k.Service, "boris", nil)
		vera := k.listen(other, "vera", &gid.ID{})
		for i := 250; i < 600; i++ {
			k.tell(message(fmt.Sprint(i), notify.To{Distributor: k.people["anna"].Distributor}))
		}
		got := all.next(600)
		for i := range got {
			if got[i] != fmt.Sprint(i) {
				t.Fatalf("at %d anna heard %s", i, got[i])
			}
		}
		first := now.next(1)[0] // what had its place before boris came is not told
		for i, _ := strconv.Atoi(first); i < 599; i++ {
			if got := now.next(1)[0]; got != fmt.Sprint(i+1) {
				t.Fatalf("behind %d boris heard %s", i, got)
			}
		}
		now.silent()
		all.silent()
		vera.silent()
		all.stop()
		k.tell(message("missed", notify.To{Everyone: true}))
		again := k.listen(k.Service, "anna", &all.last)
		if got := again.next(1); got[0] != "missed" {
			t.Errorf("anna heard %s after she came back", got[0])
		}
		again.silent()
	})
}
