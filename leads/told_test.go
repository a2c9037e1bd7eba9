package leads_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"channelbook/ent"
	"channelbook/ent/lead"
	"channelbook/ent/leadevent"
	"channelbook/ent/notice"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/leads"
	"channelbook/notify"
)

// crowd is a book with people whose names are known: administrators, and users of two distributors, each with one who may
// not sign in any more.
type crowd struct {
	*book
	notices      *notify.Service
	north, south gid.ID
	people       map[string]context.Context
	names        map[gid.ID]string
	last         int64 // the place up to which heard has told
}

func newCrowd(t *testing.T, d *db.DB) *crowd {
	t.Helper()
	c := &crowd{book: newBook(t, d), people: map[string]context.Context{}, names: map[gid.ID]string{}}
	c.notices = &notify.Service{DB: d, Now: c.Now, Log: dbtest.Log(t)}
	c.north, c.south = c.distributor("Север"), c.distributor("Юг")
	c.names[userID(c.admin)], c.people["boss"] = "boss", c.admin
	c.join("chief", nil)
	c.join("former", nil)
	for _, name := range []string{"nick", "nora", "nobody"} {
		c.join(name, &c.north)
	}
	for _, name := range []string{"sam", "sue", "someone"} {
		c.join(name, &c.south)
	}
	for _, name := range []string{"former", "nobody", "someone"} {
		d.User.UpdateOneID(userID(c.people[name])).SetDisabledAt(c.Now()).ExecX(c.system)
	}
	return c
}

func (c *crowd) join(name string, of *gid.ID) {
	v := auth.Viewer{Role: auth.Admin, UserID: c.user(of)}
	if of != nil {
		v.Role, v.Distributor = auth.Distributor, *of
	}
	c.names[v.UserID], c.people[name] = name, auth.With(context.Background(), v)
}

// The recipients of most notices, all who may sign in.
const (
	admins = "boss chief"
	norths = "nick nora"
	souths = "sam sue"
)

// fresh are the notices since it was last asked, in their order, with who was told.
func (c *crowd) fresh() []*ent.Notice {
	c.t.Helper()
	must(c.notices.Settle(c.system))
	rows := must(c.DB.Notice.Query().Where(notice.PlaceGT(c.last)).Order(ent.Asc(notice.FieldPlace)).WithNotifications().All(c.system))
	for _, n := range rows {
		c.last = *n.Place
	}
	return rows
}

func (c *crowd) told(n *ent.Notice) string {
	var to []string
	for _, row := range n.Edges.Notifications {
		to = append(to, c.names[row.UserID])
	}
	slices.Sort(to)
	return strings.Join(to, " ")
}

// want checks who has been told of what since it was last asked, each as "KIND who", of this lead.
func (c *crowd) want(t *testing.T, of gid.ID, want ...string) {
	t.Helper()
	var got []string
	for _, n := range c.fresh() {
		got = append(got, n.Kind.String()+" "+c.told(n))
		if n.Object != gid.Lead.Format(of) || !n.At.Equal(c.Now()) {
			t.Errorf("%s is of %s at %v, want %s at %v", n.Kind, n.Object, n.At, gid.Lead.Format(of), c.Now())
		}
		text := n.Title + "\n" + n.Text
		if found := dbtest.Personal(text); found != "" || strings.Contains(text, "site") {
			t.Errorf("%s tells %q, want no personal data (%q) and no source", n.Kind, text, found)
		}
		if !n.Admins && (strings.Contains(text, "Север") || strings.Contains(text, "Юг")) {
			t.Errorf("%s tells a distributor %q, want no company named", n.Kind, text)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("told\n%q\nwant\n%q", got, want)
	}
}

// to is a source whose leads go to one distributor.
func (c *crowd) to(id gid.ID) context.Context {
	return c.source(func(s *ent.LeadSourceCreate) { s.SetDistributorID(id) })
}

func TestWhoIsToldOfALead(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newCrowd(t, d)
		north, south := c.to(c.north), c.to(c.south)
		strict := c.source(func(s *ent.LeadSourceCreate) { s.SetRequireConsent(true).SetDistributorID(c.north) })
		nick, sam := c.people["nick"], c.people["sam"]
		n := 0
		accepted := func(source context.Context, test bool) gid.ID {
			n++
			in := anna(n)
			in.Test = test
			return c.accept(source, in).LeadID
		}
		given := func(source context.Context) gid.ID { // and nobody is told any more
			id := accepted(source, false)
			c.fresh()
			return id
		}
		t.Run("what comes in to its distributor", func(t *testing.T) {
			c.want(t, accepted(north, false), "LEAD_ASSIGNED "+norths)
			c.want(t, accepted(south, true), "LEAD_ASSIGNED "+souths)
		})
		t.Run("a test lead that is nobody's nobody", func(t *testing.T) {
			c.want(t, accepted(c.source(), true))
		})
		t.Run("what is not let in nobody, before it is released", func(t *testing.T) {
			id := accepted(strict, false)
			c.want(t, id)
			must(c.Release(c.admin, id, "согласие есть", byContract()))
			c.want(t, id, "LEAD_ASSIGNED "+norths)
		})
		t.Run("a taken one administrators and the colleagues", func(t *testing.T) {
			id := given(north)
			must(c.Take(nick, id))
			c.want(t, id, "LEAD_TAKEN "+admins, "LEAD_TAKEN nora")
		})
		t.Run("a declined one besides who gets it, and administrators where nobody does", func(t *testing.T) {
			id := given(north)
			must(c.Decline(nick, leads.Decline{LeadID: id, Reason: "не наш регион", Contacted: true}))
			c.want(t, id, "LEAD_DECLINED "+admins, "LEAD_DECLINED nora", "LEAD_ASSIGNED "+souths)
			must(c.Decline(sam, leads.Decline{LeadID: id, Reason: "не наш регион"}))
			c.want(t, id, "LEAD_DECLINED "+admins, "LEAD_DECLINED sue", "LEAD_UNASSIGNED "+admins)
		})
		t.Run("a declined test lead that is nobody's", func(t *testing.T) {
			id := accepted(north, true)
			c.fresh()
			must(c.Decline(nick, leads.Decline{LeadID: id, Reason: "проверка"}))
			c.want(t, id, "LEAD_DECLINED "+admins, "LEAD_DECLINED nora")
		})
		t.Run("a reassigned one both distributors", func(t *testing.T) {
			id := given(north)
			must(c.Reassign(c.admin, id, &c.south, "Юг ближе"))
			c.want(t, id, "LEAD_WITHDRAWN "+norths, "LEAD_ASSIGNED "+souths)
		})
		t.Run("a reopened one who gets it, nobody where it stays", func(t *testing.T) {
			id := given(north)
			must(c.Reject(nick, leads.Rejection{LeadID: id, Reason: "не дозвонились"}))
			must(c.Reopen(c.admin, id, "перезвонил"))
			c.want(t, id)
			d.Lead.UpdateOneID(id).ClearDistributorID().SetStatus(lead.StatusREJECTED).ExecX(c.system)
			must(c.Reopen(c.admin, id, "перезвонил"))
			c.want(t, id, "LEAD_ASSIGNED "+norths)
		})
		t.Run("a blocked one who gets it once it is reopened", func(t *testing.T) {
			id := given(south)
			d.Lead.UpdateOneID(id).ClearDistributorID().SetStatus(lead.StatusBLOCKED).ExecX(c.system)
			must(c.Reopen(c.admin, id, "ошибка"))
			c.want(t, id, "LEAD_ASSIGNED "+souths)
		})
		t.Run("a sale and its reversal the distributor", func(t *testing.T) {
			id := given(south)
			must(registerSale(c.admin, c.Service, c.sale(id)))
			c.want(t, id, "SALE_REGISTERED "+souths)
			must(reverseSale(c.admin, c.Service, id, "возврат"))
			c.want(t, id, "SALE_REVERSED "+souths)
		})
		t.Run("a note nobody", func(t *testing.T) {
			id := given(north)
			must(c.AddNote(nick, id, "перезвонить"))
			c.want(t, id)
		})
		t.Run("what nobody can get administrators", func(t *testing.T) {
			held := accepted(c.source(func(s *ent.LeadSourceCreate) { s.SetRequireConsent(true) }), false)
			c.suspend(c.north)
			c.suspend(c.south)
			c.want(t, accepted(c.source(), false), "LEAD_UNASSIGNED "+admins)
			must(c.Release(c.admin, held, "согласие есть", byContract()))
			c.want(t, held, "LEAD_UNASSIGNED "+admins)
		})
	})
}

// TestWhoeverHasALeadIsToldThatItIsNotToBeProcessed: once, when the consent that it stands on is withdrawn.
func TestWhoeverHasALeadIsToldThatItIsNotToBeProcessed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newCrowd(t, d)
		in := agreeing(1)
		in.Advertising = consent()
		id := c.accept(c.source(strict, func(s *ent.LeadSourceCreate) { s.SetDistributorID(c.north) }), in).LeadID
		records := c.consentsOf(id)
		c.fresh()
		must(c.withdraw(records[1].ID))
		c.want(t, id)
		must(c.withdraw(records[0].ID))
		c.want(t, id, "LEAD_RESTRICTED "+admins, "LEAD_RESTRICTED "+norths)
	})
}

// TestWhatIsToldOnTheWay follows one lead and reads what is written to whom.
func TestWhatIsToldOnTheWay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newCrowd(t, d)
		id := c.lead(c.to(c.north), 1).ID
		c.at("2026-03-05T22:00:00Z") // the 6th in Moscow
		must(c.Take(c.people["nick"], id))
		must(c.Decline(c.people["nora"], leads.Decline{LeadID: id, Reason: "не наш регион", Contacted: true}))
		must(registerSale(c.admin, c.Service, c.sale(id)))
		must(reverseSale(c.admin, c.Service, id, "клиент передумал"))
		page := "/leads/" + gid.Lead.Format(id)
		const came, payout = " от 01.03.2026, 12:00", "выплата 1\u00a0500,00\u00a0₽"
		var got []string
		for _, n := range c.fresh() {
			got = append(got, fmt.Sprintf("%s: %s: %s: %s", c.told(n), n.Title, n.Text, n.URL))
		}
		want := []string{
			norths + ": Новый лид: Лид" + came + " теперь у вас. Возьмите его в работу и свяжитесь с клиентом, пока он ждёт.: " + page,
			admins + ": Лид взят в работу: Север\nЛид" + came + " взят в работу.: " + page,
			"nora: Лид взят в работу: Лид" + came + " взял в работу ваш коллега.: " + page,
			admins + ": Отказ от лида: Север\nЛид" + came + " возвращён. С клиентом связывались. Причина — в истории лида.\nТеперь он у дистрибьютора: Юг: " + page,
			"nick: Отказ от лида: Лид" + came + " больше не у вас: ваш коллега от него отказался.: /leads",
			souths + ": Новый лид: Лид" + came + " теперь у вас. Возьмите его в работу и свяжитесь с клиентом, пока он ждёт.: " + page,
			souths + ": Продажа зарегистрирована: По лиду" + came + " — продажа 06.03.2026, ваша " + payout + ". Поздравляем!: " + page,
			souths + ": Продажа отменена: По лиду" + came + " отменена продажа 06.03.2026, " + payout + " снята. Причина — в истории лида.: " + page,
		}
		if !slices.Equal(got, want) {
			t.Errorf("told\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

func TestWhatDidNotHappenIsNotTold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newCrowd(t, d)
		source := c.to(c.north)
		id := c.lead(source, 1).ID
		c.fresh()
		changes := func() int { return d.LeadChange.Query().CountX(c.system) }
		before := changes()
		nick, sam := c.people["nick"], c.people["sam"]
		for name, act := range map[string]func() error{
			"another's lead taken":        func() error { _, err := c.Take(sam, id); return err },
			"declined without a reason":   func() error { _, err := c.Decline(nick, leads.Decline{LeadID: id}); return err },
			"given to who has it already": func() error { _, err := c.Reassign(c.admin, id, &c.north, ""); return err },
			"given to a distributor that is not there": func() error {
				none := gid.New()
				_, err := c.Reassign(c.admin, id, &none, "")
				return err
			},
			"an open one reopened":           func() error { _, err := c.Reopen(c.admin, id, ""); return err },
			"sold for nothing that is known": func() error { _, err := registerSale(c.admin, c.Service, leads.Sale{LeadID: id}); return err },
			"a sale that was none taken back": func() error {
				_, err := reverseSale(c.admin, c.Service, id, "возврат")
				return err
			},
			"sold in a transaction that failed": func() error {
				return db.WithTx(c.admin, d, func(tx *db.Tx) error {
					_, err := c.Sell(c.admin, tx, c.sale(id))
					return errors.Join(err, errors.New("its line in the ledger failed"))
				})
			},
			"an invalid submission": func() error { _, err := c.Accept(source, leads.Submission{FirstName: "Анна"}); return err },
		} {
			if err := act(); err == nil {
				t.Errorf("%s: it went well, want it refused", name)
			}
			c.want(t, id)
			if got := changes(); got != before {
				t.Errorf("%s: %d changes of leads, want none besides %d", name, got, before)
			}
		}
	})
}

// TestOfEqualSubmissionsOneIsTold: duplicates and repeats tell nobody, on whichever instance they come in.
func TestOfEqualSubmissionsOneIsTold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newCrowd(t, d)
		source := c.to(c.north)
		instances := []*leads.Service{c.Service, c.on(dbtest.Second(t, d))}
		for name, in := range map[string]leads.Submission{
			"duplicates": anna(1),
			"repeats":    {FirstName: "Анна", Phone: anna(2).Phone, IdempotencyKey: "k"},
		} {
			var mu sync.Mutex
			accepted := map[gid.ID]bool{}
			atOnce(60, 20, func(i int) {
				a, err := instances[i%2].Accept(source, in)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				if a.Outcome == "ACCEPTED" {
					accepted[a.LeadID] = true
				}
			})
			if len(accepted) != 1 {
				t.Fatalf("%s: %d leads were accepted, want one", name, len(accepted))
			}
			for id := range accepted {
				c.want(t, id, "LEAD_ASSIGNED "+norths)
			}
		}
	})
}

func TestABatchTellsOfEachOfItsLeads(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newCrowd(t, d)
		keyed := anna(3)
		keyed.IdempotencyKey = "k3"
		batch := []leads.Submission{anna(1), {FirstName: "Анна"}, anna(1), anna(2), keyed, keyed}
		source := c.to(c.south)
		results := must(c.AcceptBatch(source, batch))
		var got, want []string
		for i, r := range results {
			if i == 0 || i == 3 || i == 4 {
				want = append(want, "LEAD_ASSIGNED "+souths+" "+gid.Lead.Format(r.Accepted.LeadID))
			}
		}
		for _, n := range c.fresh() {
			got = append(got, n.Kind.String()+" "+c.told(n)+" "+n.Object)
		}
		if !slices.Equal(got, want) {
			t.Errorf("told\n%q\nwant\n%q", got, want)
		}
		if n := d.LeadChange.Query().CountX(c.system); n != 4 {
			t.Errorf("%d changes of leads, want one for each of four that are stored", n)
		}
		must(c.AcceptBatch(source, []leads.Submission{keyed}))
		c.want(t, gid.ID{})
		if n := d.LeadChange.Query().CountX(c.system); n != 4 {
			t.Errorf("%d changes of leads after a repeat, want four", n)
		}
	})
}

// TestWhatIsToldIsWhatHappened: of acts on one lead that meet on two instances, each that went well is told, once.
func TestWhatIsToldIsWhatHappened(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newCrowd(t, d)
		other := c.on(dbtest.Second(t, d))
		id := c.lead(c.to(c.north), 1).ID
		atOnce(120, 12, func(i int) {
			s := []*leads.Service{c.Service, other}[i%2]
			its := c.people[[]string{"nick", "sam"}[i/2%2]]
			switch i % 5 {
			case 0, 1:
				_, _ = s.Take(its, id)
			case 2:
				_, _ = s.Reassign(c.admin, id, []*gid.ID{&c.north, &c.south}[i/5%2], "")
			case 3:
				_, _ = s.Reject(its, leads.Rejection{LeadID: id, Reason: "нет"})
			default:
				_, _ = s.Reopen(c.admin, id, "")
			}
		})
		for _, owner := range []string{"nick", "sam"} {
			_, _ = c.Decline(c.people[owner], leads.Decline{LeadID: id, Reason: "нет"})
		}
		happened, told := map[string]int{}, map[string]int{}
		acts := 0
		for _, e := range d.LeadEvent.Query().AllX(c.system) {
			switch {
			case e.Kind == leadevent.KindTAKEN, e.Kind == leadevent.KindDECLINED:
				happened["LEAD_"+e.Kind.String()] += 2 // administrators and colleagues
			case e.Kind == leadevent.KindUNASSIGNED && e.DistributorID != nil:
				happened["LEAD_WITHDRAWN"]++
			case e.Kind == leadevent.KindASSIGNED, e.Kind == leadevent.KindUNASSIGNED:
				happened["LEAD_"+e.Kind.String()]++
			}
			switch e.Kind {
			case leadevent.KindRECEIVED, leadevent.KindTAKEN, leadevent.KindDECLINED, leadevent.KindREJECTED, leadevent.KindREOPENED:
				acts++
			}
		}
		for _, n := range c.fresh() {
			told[n.Kind.String()]++
		}
		if !maps.Equal(told, happened) || told["LEAD_TAKEN"] == 0 || told["LEAD_WITHDRAWN"] == 0 {
			t.Errorf("told %v, want what happened: %v", told, happened)
		}
		if changes := d.LeadChange.Query().CountX(c.system); changes != acts+happened["LEAD_WITHDRAWN"] {
			t.Errorf("%d changes of the lead, want one for each of %d acts", changes, acts+happened["LEAD_WITHDRAWN"])
		}
	})
}
