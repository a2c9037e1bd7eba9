package leads_test

import (
	"context"
	"strings"
	"testing"

	"channelbook/ent"
	"channelbook/ent/lead"
	"channelbook/ent/leadevent"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/leads"
)

func kopecks(n int64) *int64 { return &n }

func (b *book) sale(id gid.ID) leads.Sale {
	return leads.Sale{LeadID: id, Payout: kopecks(150_000), SaleAmount: kopecks(1_234_567_89)}
}

// texts is what the viewer reads on a lead's timeline.
func (b *book) texts(ctx context.Context, id gid.ID) string {
	b.t.Helper()
	var texts []string
	for _, e := range must(b.DB.LeadEvent.Query().Where(leadevent.LeadID(id)).Order(leadevent.ByAt(), leadevent.ByID()).All(ctx)) {
		texts = append(texts, e.Text)
	}
	return strings.Join(texts, "\n")
}

func TestASaleAndItsReversal(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		owner := b.distributor("Ромашка")
		its := b.as(owner)
		id := b.lead(b.source(), 1).ID

		taken := must(b.Take(its, id))
		wantStatus(t, taken, lead.StatusIN_PROGRESS)
		if taken.TakenAt == nil || !taken.TakenAt.Equal(b.Now()) {
			t.Errorf("taken at %v, want %v", taken.TakenAt, b.Now())
		}
		b.at("2026-03-05T22:00:00Z") // the 6th in Moscow
		sold := must(registerSale(b.admin, b.Service, b.sale(id)))
		wantStatus(t, sold, lead.StatusSALE)
		if sold.Payout != 150_000 || sold.SaleAmount == nil || *sold.SaleAmount != 1_234_567_89 || sold.SoldOn == nil || sold.SoldOn.String() != "2026-03-06" || sold.ClosedAt == nil {
			t.Errorf("sold on %v for %v with payout %d, closed at %v; want 2026-03-06, 123456789, 150000 and now", sold.SoldOn, sold.SaleAmount, sold.Payout, sold.ClosedAt)
		}
		back := must(reverseSale(b.admin, b.Service, id, "клиент передумал"))
		wantStatus(t, back, lead.StatusIN_PROGRESS)
		if back.Payout != 0 || back.SaleAmount != nil || !back.SoldOn.IsZero() || back.ClosedAt != nil {
			t.Errorf("after the reversal: %v, want nothing of the sale left", back)
		}
		if got, want := b.timeline(its, id), "RECEIVED ASSIGNED TAKEN SALE_REGISTERED SALE_REVERSED"; got != want {
			t.Errorf("the timeline is %s, want %s", got, want)
		}
		const text = "Продажа 06.03.2026, выплата 1\u00a0500,00\u00a0₽, сумма 1\u00a0234\u00a0567,89\u00a0₽."
		if got := b.texts(its, id); !strings.Contains(got, text) || !strings.Contains(got, "Продажа отменена: клиент передумал") {
			t.Errorf("the timeline reads\n%s\nwant %q in it, and the reversal's reason", got, text)
		}
	})
}

func TestEventsNameTheActor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		owner := b.distributor("Ромашка")
		its := b.as(owner)
		id := b.lead(b.source(), 1).ID
		must(b.Take(its, id))
		must(b.AddNote(b.admin, id, "позвонить\nутром"))
		for _, e := range must(d.LeadEvent.Query().Where(leadevent.LeadID(id)).WithActor().All(b.system)) {
			want := map[leadevent.Kind]context.Context{leadevent.KindTAKEN: its, leadevent.KindNOTE: b.admin}[e.Kind]
			switch {
			case want == nil && e.ActorID != nil:
				t.Errorf("the actor of %s is %v, want none", e.Kind, e.ActorID)
			case want != nil && (e.ActorID == nil || *e.ActorID != userID(want)):
				t.Errorf("the actor of %s is %v, want %v", e.Kind, e.ActorID, userID(want))
			}
			if !e.At.Equal(b.Now()) || e.DistributorID == nil || *e.DistributorID != owner {
				t.Errorf("%s is at %v of %v, want %v and %v", e.Kind, e.At, e.DistributorID, b.Now(), owner)
			}
		}
	})
}

func TestRejectAndReopen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		owner := b.distributor("Ромашка")
		source := b.source()
		for name, ctx := range map[string]context.Context{"an administrator": b.admin, "its distributor": b.as(owner)} {
			id := b.lead(source, len(name)).ID
			rejected := must(b.Reject(ctx, leads.Rejection{LeadID: id, Reason: "не дозвонились", Comment: "пять раз"}))
			wantStatus(t, rejected, lead.StatusREJECTED)
			if rejected.ClosedAt == nil {
				t.Errorf("rejected by %s it has no time of closing", name)
			}
			reopened := must(b.Reopen(b.admin, id, ""))
			wantStatus(t, reopened, lead.StatusIN_PROGRESS)
			wantOwner(t, reopened, owner)
			if reopened.ClosedAt != nil {
				t.Errorf("reopened it is still closed at %v", reopened.ClosedAt)
			}
		}
	})
}

func TestWhatIsReopenedIsHandedOut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		ids := b.distributors(2)
		source := b.source()
		own := b.source(func(s *ent.LeadSourceCreate) { s.SetDistributorID(ids[0]) })
		for i, c := range []struct {
			name   string
			source context.Context
			from   lead.Status
			want   gid.ID
		}{
			{"a duplicate", source, lead.StatusDUPLICATE, ids[0]},
			{"a blocked one", source, lead.StatusBLOCKED, ids[1]},
			{"of a source with its own distributor", own, lead.StatusBLOCKED, ids[0]},
		} {
			in := anna(i)
			in.Test = true // takes no turn, and so is nobody's
			id := b.accept(c.source, in).LeadID
			must(d.ExecContext(b.system, "UPDATE leads SET is_test = FALSE, distributor_id = NULL"))
			b.put(id, c.from)
			reopened := must(b.Reopen(b.admin, id, "проверено"))
			wantStatus(t, reopened, lead.StatusNEW)
			wantOwner(t, reopened, c.want)
			if got := b.timeline(b.as(c.want), id); !strings.HasSuffix(got, "ASSIGNED") || strings.Contains(got, "REOPENED") {
				t.Errorf("%s: its distributor sees %s, want ASSIGNED and nothing from before", c.name, got)
			}
		}
	})
}

func TestRelease(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		owner := b.distributor("Ромашка")
		strict := b.source(func(s *ent.LeadSourceCreate) { s.SetRequireConsent(true) })
		capped := b.source(func(s *ent.LeadSourceCreate) { s.SetDailyCap(1) })
		b.lead(capped, 100)

		for name, held := range map[string]*ent.Lead{"quarantined": b.lead(strict, 1), "over the cap": b.lead(capped, 2)} {
			t.Run(name+" comes in", func(t *testing.T) {
				_, err := b.Release(b.admin, held.ID, "", byContract())
				wantFaults(t, err, "REQUIRED reason")
				released := must(b.Release(b.admin, held.ID, "согласие прислано письмом", byContract()))
				wantStatus(t, released, lead.StatusNEW)
				wantOwner(t, released, owner)
				_, err = b.Release(b.admin, held.ID, "ещё раз", byContract())
				wantFaults(t, err, "LEAD_STATUS leadId")
			})
		}
		t.Run("not beside an equal accepted one", func(t *testing.T) {
			held := b.lead(strict, 3)
			b.lead(b.source(), 3)
			_, err := b.Release(b.admin, held.ID, "согласие прислано", byContract())
			wantFaults(t, err, "DUPLICATE_LEAD leadId")
			wantStatus(t, b.read(held.ID), lead.StatusQUARANTINED)
		})
		t.Run("of two equal ones the first", func(t *testing.T) {
			one, two := b.lead(strict, 4), b.lead(strict, 4)
			wantStatus(t, must(b.Release(b.admin, two.ID, "согласие прислано", byContract())), lead.StatusNEW)
			_, err := b.Release(b.admin, one.ID, "согласие прислано", byContract())
			wantFaults(t, err, "DUPLICATE_LEAD leadId")
		})
	})
}

func TestDeclineGoesOnUntilNobodyIsLeft(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		ids := b.distributors(4)
		b.suspend(ids[3])
		id := b.lead(b.source(), 1).ID
		for i, owner := range ids[:3] {
			its := b.as(owner)
			wantOwner(t, b.read(id), owner)
			if i == 1 {
				must(b.Take(its, id))
			}
			seen := must(b.Decline(its, leads.Decline{LeadID: id, Reason: "не наш регион", Contacted: i == 0}))
			if seen != nil {
				t.Errorf("after its decline distributor %d still sees %v", i, seen)
			}
			if got := b.timeline(its, id); got != "" {
				t.Errorf("after its decline distributor %d still sees %s", i, got)
			}
		}
		left := b.read(id)
		wantStatus(t, left, lead.StatusNEW)
		if left.DistributorID != nil || left.AssignedAt != nil || left.TakenAt != nil {
			t.Errorf("it is of %v, assigned %v, taken %v; want nobody's", left.DistributorID, left.AssignedAt, left.TakenAt)
		}
		if got, want := b.timeline(b.admin, id), "RECEIVED ASSIGNED DECLINED ASSIGNED TAKEN DECLINED ASSIGNED DECLINED UNASSIGNED"; got != want {
			t.Errorf("the timeline is %s, want %s", got, want)
		}
		if got := b.texts(b.admin, id); !strings.Contains(got, "с клиентом связывались): не наш регион") || !strings.Contains(got, "с клиентом не связывались): не наш регион") {
			t.Errorf("the timeline reads\n%s\nwant it to tell who contacted the client", got)
		}

		t.Run("a new distributor can still be given it", func(t *testing.T) {
			_, err := b.Reassign(b.admin, id, nil, "")
			wantFaults(t, err, "NO_DISTRIBUTOR_LEFT distributorId")
			late := b.distributor("Новая")
			wantOwner(t, must(b.Reassign(b.admin, id, nil, "")), late)
		})
	})
}

func TestADeclinedTestLeadTakesNobodysTurn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		ids := b.distributors(2)
		in := anna(1)
		in.Test, in.DistributorID = true, gid.Distributor.Format(ids[1])
		id := b.accept(b.source(), in).LeadID
		must(b.Decline(b.as(ids[1]), leads.Decline{LeadID: id, Reason: "тест"}))
		if l := b.read(id); l.DistributorID != nil {
			t.Errorf("it went to %v, want nobody", l.DistributorID)
		}
	})
}

func TestReassign(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		ids := b.distributors(3)
		b.suspend(ids[2])
		id := b.lead(b.source(), 1).ID
		must(b.Take(b.as(ids[0]), id))

		moved := must(b.Reassign(b.admin, id, &ids[1], "попросили"))
		wantStatus(t, moved, lead.StatusNEW)
		wantOwner(t, moved, ids[1])
		if moved.TakenAt != nil {
			t.Errorf("taken at %v, want it not taken", moved.TakenAt)
		}
		if got := b.texts(b.as(ids[1]), id); got != "Лид передан дистрибьютору администратором." {
			t.Errorf("the new distributor reads %q, want nothing of what was before", got)
		}
		if got, want := b.timeline(b.admin, id), "RECEIVED ASSIGNED TAKEN UNASSIGNED ASSIGNED"; got != want {
			t.Errorf("the timeline is %s, want %s", got, want)
		}
		unknown := gid.New()
		for _, c := range []struct {
			to   *gid.ID
			want string
		}{
			{&ids[1], "SAME_DISTRIBUTOR distributorId"}, {&ids[2], "DISTRIBUTOR_SUSPENDED distributorId"}, {&unknown, "NOT_FOUND distributorId"},
		} {
			_, err := b.Reassign(b.admin, id, c.to, "")
			wantFaults(t, err, c.want)
		}
		wantOwner(t, must(b.Reassign(b.admin, id, nil, "")), ids[0])
	})
}

func TestRefusedTransitions(t *testing.T) {
	all := []lead.Status{lead.StatusNEW, lead.StatusIN_PROGRESS, lead.StatusSALE, lead.StatusREJECTED, lead.StatusDUPLICATE,
		lead.StatusBLOCKED, lead.StatusQUARANTINED, lead.StatusOVER_CAP}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		ids := b.distributors(2)
		its := b.as(ids[0])
		source := b.source(func(s *ent.LeadSourceCreate) { s.SetDistributorID(ids[0]).SetDuplicateFields([]string{}) })
		for name, c := range map[string]struct {
			from string
			act  func(id gid.ID) (*ent.Lead, error)
		}{
			"take":    {"NEW", func(id gid.ID) (*ent.Lead, error) { return b.Take(its, id) }},
			"decline": {"NEW IN_PROGRESS", func(id gid.ID) (*ent.Lead, error) { return b.Decline(its, leads.Decline{LeadID: id, Reason: "нет"}) }},
			"sell":    {"NEW IN_PROGRESS", func(id gid.ID) (*ent.Lead, error) { return registerSale(b.admin, b.Service, b.sale(id)) }},
			"reverse": {"SALE", func(id gid.ID) (*ent.Lead, error) { return reverseSale(b.admin, b.Service, id, "нет") }},
			"reject": {"NEW IN_PROGRESS", func(id gid.ID) (*ent.Lead, error) {
				return b.Reject(its, leads.Rejection{LeadID: id, Reason: "нет"})
			}},
			"reopen":   {"REJECTED DUPLICATE BLOCKED", func(id gid.ID) (*ent.Lead, error) { return b.Reopen(b.admin, id, "да") }},
			"release":  {"QUARANTINED OVER_CAP", func(id gid.ID) (*ent.Lead, error) { return b.Release(b.admin, id, "да", byContract()) }},
			"reassign": {"NEW IN_PROGRESS", func(id gid.ID) (*ent.Lead, error) { return b.Reassign(b.admin, id, &ids[1], "") }},
			"note":     {"NEW IN_PROGRESS SALE REJECTED DUPLICATE BLOCKED QUARANTINED OVER_CAP", func(id gid.ID) (*ent.Lead, error) { return b.AddNote(its, id, "да") }},
		} {
			for _, status := range all {
				id := b.lead(source, 1).ID
				b.put(id, status)
				_, err := c.act(id)
				allowed := strings.Contains(" "+c.from+" ", " "+status.String()+" ")
				if allowed && err != nil {
					t.Errorf("%s of a lead that is %s: %v, want it done", name, status, err)
				}
				if !allowed {
					wantFaults(t, err, "LEAD_STATUS leadId")
					if l := b.read(id); l.Status != status || b.timeline(b.system, id) != "RECEIVED ASSIGNED" {
						t.Errorf("refused, %s left the lead %s with %s, want it untouched", name, l.Status, b.timeline(b.system, id))
					}
				}
			}
		}
	})
}

func TestADistributorNeverReachesAnothersLead(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		owner, stranger := b.distributor("Своя"), b.distributor("Чужая")
		source := b.source(func(s *ent.LeadSourceCreate) { s.SetDistributorID(owner) })
		id := b.lead(source, 1).ID
		theirs := b.as(stranger)
		before := b.read(id).String()
		for name, act := range map[string]func(id gid.ID) error{
			"take": func(id gid.ID) error { _, err := b.Take(theirs, id); return err },
			"decline": func(id gid.ID) error {
				_, err := b.Decline(theirs, leads.Decline{LeadID: id, Reason: "нет"})
				return err
			},
			"reject": func(id gid.ID) error {
				_, err := b.Reject(theirs, leads.Rejection{LeadID: id, Reason: "нет"})
				return err
			},
			"note": func(id gid.ID) error { _, err := b.AddNote(theirs, id, "да"); return err },
		} {
			wantFaults(t, act(id), "NOT_FOUND leadId")
			wantFaults(t, act(gid.New()), "NOT_FOUND leadId")
			if after := b.read(id).String(); after != before {
				t.Errorf("%s left\n%s, want\n%s", name, after, before)
			}
		}
		for _, act := range []func(context.Context) error{
			func(ctx context.Context) error { _, err := registerSale(ctx, b.Service, b.sale(id)); return err },
			func(ctx context.Context) error { _, err := reverseSale(ctx, b.Service, id, "нет"); return err },
			func(ctx context.Context) error { _, err := b.Reopen(ctx, id, "нет"); return err },
			func(ctx context.Context) error { _, err := b.Release(ctx, id, "нет", byContract()); return err },
			func(ctx context.Context) error { _, err := b.Reassign(ctx, id, &stranger, ""); return err },
		} {
			wantFaults(t, act(b.as(owner)), "FORBIDDEN")
			wantFaults(t, act(source), "FORBIDDEN")
			wantFaults(t, act(context.Background()), "UNAUTHENTICATED")
		}
		_, err := b.Take(b.admin, id)
		wantFaults(t, err, "FORBIDDEN")
	})
}

func TestFaultsOfTheActs(t *testing.T) {
	b := newBook(t, dbtest.SQLite(t))
	owner := b.distributor("Ромашка")
	id := b.lead(b.source(), 1).ID
	day := func(s string) *calendar.Date { d := must(calendar.ParseDate(s)); return &d }
	for name, c := range map[string]struct {
		act  func() error
		want []string
	}{
		"a sale without a payout, in the future": {func() error {
			_, err := registerSale(b.admin, b.Service, leads.Sale{LeadID: id, SaleAmount: kopecks(-1), SoldOn: day("2026-03-02")})
			return err
		}, []string{"PAYOUT_REQUIRED payout", "NEGATIVE saleAmount", "IN_FUTURE soldOn"}},
		"a payout without end": {func() error {
			_, err := registerSale(b.admin, b.Service, leads.Sale{LeadID: id, Payout: kopecks(1 << 62)})
			return err
		}, []string{"TOO_LARGE payout"}},
		"a sale before the lead": {func() error {
			_, err := registerSale(b.admin, b.Service, leads.Sale{LeadID: id, Payout: kopecks(0), SoldOn: day("2026-02-28")})
			return err
		}, []string{"BEFORE_RECEIVED soldOn"}},
		"a decline without a reason": {func() error {
			_, err := b.Decline(b.as(owner), leads.Decline{LeadID: id, Reason: " "})
			return err
		}, []string{"REQUIRED reason"}},
		"a rejection of control characters": {func() error {
			_, err := b.Reject(b.admin, leads.Rejection{LeadID: id, Reason: "\x00", Comment: strings.Repeat("я", 4001)})
			return err
		}, []string{"INVALID_CHARACTERS reason", "TOO_LONG comment"}},
		"an empty note": {func() error { _, err := b.AddNote(b.admin, id, ""); return err }, []string{"REQUIRED text"}},
	} {
		t.Run(name, func(t *testing.T) {
			wantFaults(t, c.act(), c.want...)
			wantStatus(t, b.read(id), lead.StatusNEW)
		})
	}
}
