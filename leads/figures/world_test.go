package figures_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"channelbook/ent"
	entconsent "channelbook/ent/consent"
	"channelbook/ent/lead"
	"channelbook/ent/user"
	"channelbook/ent/values"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
	"channelbook/internal/fold"
	"channelbook/internal/gid"
	"channelbook/leads"
	"channelbook/leads/figures"
	"channelbook/personaldata/consent"
)

// instance is the services of one server.
type instance struct {
	leads    *leads.Service
	figures  *figures.Service
	consents *consent.Service
}

// world is two servers over one base, with a clock that the test moves, and what people do there.
type world struct {
	t             testing.TB
	d             *db.DB
	zone          *time.Location
	clock         atomic.Int64 // microseconds
	instances     []instance
	system, admin context.Context
	distributors  []gid.ID
	workers       []context.Context // of the distributors
	sources       []context.Context
	person        atomic.Int64
	mu            sync.Mutex
	ids           []gid.ID // of leads
}

func moscow(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Moscow")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func newWorld(t testing.TB, d *db.DB, zone *time.Location, at string, others ...*db.DB) *world {
	t.Helper()
	w := &world{t: t, d: d, zone: zone}
	w.at(at)
	w.system = db.Unaudited(auth.AsSystem(context.Background(), "test"), "a test")
	w.admin = auth.With(context.Background(), auth.Viewer{Role: auth.Admin, UserID: w.user(nil)})
	for _, base := range append([]*db.DB{d}, others...) {
		counted := w.counting(base, zone)
		w.instances = append(w.instances, instance{
			&leads.Service{DB: base, Now: w.now, TimeZone: zone, Keys: dbtest.Keys(), Log: dbtest.Log(t)}, counted,
			&consent.Service{DB: base, Now: w.now, Changed: counted.Changed},
		})
	}
	for i := range 3 {
		name := fmt.Sprintf("D%d", i)
		row := d.Distributor.Create().SetCompanyName(name).SetCompanyNameFold(fold.Name(name)).SetCreatedAt(w.now()).SetUpdatedAt(w.now()).SaveX(w.system)
		w.distributors = append(w.distributors, row.ID)
		w.workers = append(w.workers, auth.With(context.Background(), auth.Viewer{Role: auth.Distributor, UserID: w.user(&row.ID), Distributor: row.ID}))
	}
	for i := range 2 {
		id := gid.New()
		d.LeadSource.Create().SetID(id).SetName(fmt.Sprintf("S%d", i)).SetKeyHash(id[:]).SetKeyHint("abcd").SetRequireConsent(i == 0).
			SetDuplicateFields([]string{"PHONE"}).SetCreatedAt(w.now()).SetUpdatedAt(w.now()).ExecX(w.system)
		w.sources = append(w.sources, auth.With(context.Background(), auth.Viewer{Role: auth.Source, SourceID: id}))
	}
	return w
}

func (w *world) counting(d *db.DB, zone *time.Location) *figures.Service {
	return &figures.Service{DB: d, Now: w.now, TimeZone: zone, Log: dbtest.Log(w.t)}
}

func (w *world) user(of *gid.ID) gid.ID {
	role := user.RoleADMIN
	if of != nil {
		role = user.RoleDISTRIBUTOR
	}
	return w.d.User.Create().SetLogin("u-" + gid.New().String()).SetPasswordHash("-").SetRole(role).
		SetNillableDistributorID(of).SetCreatedAt(w.now()).SetUpdatedAt(w.now()).SaveX(w.system).ID
}

func (w *world) now() time.Time { return time.UnixMicro(w.clock.Load()).UTC() }

func (w *world) at(rfc3339 string) {
	at, err := time.Parse(time.RFC3339, rfc3339)
	if err != nil {
		w.t.Fatal(err)
	}
	w.clock.Store(at.UnixMicro())
}

func (w *world) pass(d time.Duration) { w.clock.Add(d.Microseconds()) }

// rollUp makes the figures of days that are over.
func (w *world) rollUp() {
	w.t.Helper()
	if err := w.instances[0].figures.RollUp(context.Background()); err != nil {
		w.t.Fatal(err)
	}
}

// lead takes a lead in.
func (w *world) lead(i instance, r *rand.Rand) gid.ID {
	n := w.person.Add(1)
	some := func(values ...string) string { return values[r.IntN(len(values))] }
	in := leads.Submission{
		FirstName: "Анна", Phone: fmt.Sprintf("+7912%07d", n-int64(r.IntN(12)/11)), Test: r.IntN(15) == 0, Funnel: some("", "quiz"),
		Tracking: leads.Tracking{UTMSource: some("", "vk", "ya"), CampaignID: some("", "c1", "c2"), CampaignName: some("", "Весна", "Осень"), Region: some("", "Москва", "Тверь", "тверь")},
	}
	source := w.sources[r.IntN(2)]
	if r.IntN(10) > 0 {
		in.Consent = &values.Consent{Purpose: values.PurposeLead, TextVersion: "2026-09", GivenAt: w.now().Format(time.RFC3339)}
	}
	accepted, err := i.leads.Accept(source, in)
	w.fine(err)
	if err != nil {
		return gid.ID{}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ids = append(w.ids, accepted.LeadID)
	return accepted.LeadID
}

// fine lets faults pass: an act may come too late.
func (w *world) fine(err error) {
	if _, ok := fault.All(err); err != nil && !ok {
		w.t.Error(err)
	}
}

// act does something to some lead.
func (w *world) act(i instance, r *rand.Rand) {
	w.mu.Lock()
	if len(w.ids) == 0 {
		w.mu.Unlock()
		return
	}
	id := w.ids[r.IntN(len(w.ids))]
	w.mu.Unlock()
	var err error
	switch r.IntN(11) {
	case 0, 1:
		_, err = i.leads.Take(w.workers[r.IntN(3)], id)
	case 2:
		_, err = i.leads.Reject(w.admin, leads.Rejection{LeadID: id, Reason: "нет"})
	case 3:
		_, err = i.leads.Reopen(w.admin, id, "да")
	case 4, 5, 6:
		err = w.sell(i, id, r.IntN(4))
	case 7:
		err = db.WithTx(w.admin, i.leads.DB, func(tx *db.Tx) error { _, err := i.leads.TakeBack(w.admin, tx, id, "возврат"); return err })
	case 8:
		_, err = i.leads.Decline(w.workers[r.IntN(3)], leads.Decline{LeadID: id, Reason: "не мой город"})
	case 9:
		to := &w.distributors[r.IntN(3)]
		if r.IntN(4) == 0 {
			to = nil
		}
		_, err = i.leads.Reassign(w.admin, id, to, "так надо")
	case 10:
		err = w.withdrawOrAgree(i, id)
	}
	w.fine(err)
}

// sell registers a sale of some days ago.
func (w *world) sell(i instance, id gid.ID, daysAgo int) error {
	day, payout := calendar.DateOf(w.now(), w.zone).AddDays(-daysAgo), int64(100+daysAgo)
	return db.WithTx(w.admin, i.leads.DB, func(tx *db.Tx) error {
		_, err := i.leads.Sell(w.admin, tx, leads.Sale{LeadID: id, Payout: &payout, SoldOn: &day})
		return err
	})
}

func (w *world) withdrawOrAgree(i instance, id gid.ID) error {
	given, err := w.d.Consent.Query().Where(entconsent.LeadID(id), entconsent.WithdrawnAtIsNil()).First(w.system)
	if ent.IsNotFound(err) {
		_, err = i.consents.Record(w.admin, id, consent.Given{TextVersion: "2026-09", GivenAt: w.now(), How: entconsent.HowSITE_FORM})
		return err
	}
	if err != nil {
		return err
	}
	_, err = i.consents.Withdraw(w.admin, consent.Withdrawal{ConsentID: given.ID, Channel: entconsent.WithdrawalChannelEMAIL, Comment: "просит"})
	return err
}

// viewers are whose figures are compared: an administrator's and each distributor's.
func (w *world) viewers() map[string]context.Context {
	all := map[string]context.Context{"an administrator": w.admin}
	for i, worker := range w.workers {
		all[fmt.Sprintf("distributor %d", i)] = worker
	}
	return all
}

// check compares figures with what the leads themselves say.
func (w *world) check(what string, s *figures.Service, q figures.Question) {
	w.t.Helper()
	all := w.d.Lead.Query().AllX(w.system)
	for who, ctx := range w.viewers() {
		for _, q.Group = range figures.Groups {
			viewer, _ := auth.From(ctx)
			if q.Group == figures.BySource && viewer.Role == auth.Distributor {
				continue
			}
			got, err := s.Stats(ctx, q)
			if err != nil {
				w.t.Fatalf("%s: %s by %s: %v", what, who, q.Group, err)
			}
			want := plain(all, viewer, q, s.TimeZone)
			got = slices.DeleteFunc(got, func(r figures.Row) bool { return r.Figures == figures.Figures{} })
			if !slices.Equal(sorted(got), sorted(want)) {
				w.t.Errorf("%s: %s by %s of %v to %v:\n got %v\nwant %v", what, who, q.Group, q.From, q.To, sorted(got), sorted(want))
			}
		}
	}
}

func sorted(rows []figures.Row) []figures.Row {
	return slices.SortedFunc(slices.Values(rows), func(a, b figures.Row) int { return cmp.Compare(a.Key, b.Key) })
}

// plain counts the leads one by one.
func plain(all []*ent.Lead, v auth.Viewer, q figures.Question, zone *time.Location) []figures.Row {
	rows := map[string]figures.Row{}
	add := func(l *ent.Lead, day calendar.Date, f figures.Figures) {
		key, label := keyOf(l, day, q.Group)
		row := rows[key]
		rows[key] = figures.Row{Key: key, Label: max(row.Label, label), Figures: row.Add(f)}
	}
	for _, l := range all {
		own := l.DistributorID != nil && *l.DistributorID == v.Distributor && l.RestrictedAt == nil
		if l.IsTest || !slices.Contains(figures.Accepted, l.Status) || v.Role == auth.Distributor && !own ||
			len(q.Distributors) > 0 && (l.DistributorID == nil || !slices.Contains(q.Distributors, *l.DistributorID)) {
			continue
		}
		sold := l.Status == lead.StatusSALE
		if !l.ReceivedAt.Before(*q.From) && l.ReceivedAt.Before(*q.To) {
			f := figures.Figures{Leads: 1}
			if sold {
				f.Converted = 1
			}
			add(l, calendar.DateOf(l.ReceivedAt, zone), f)
		}
		first, last := calendar.DateOf(*q.From, zone), calendar.DateOf(q.To.Add(-time.Microsecond), zone)
		if sold && !first.After(*l.SoldOn) && !l.SoldOn.After(last) {
			add(l, *l.SoldOn, figures.Figures{Sales: 1, Payout: l.Payout})
		}
	}
	var out []figures.Row
	for _, row := range rows {
		out = append(out, row)
	}
	return out
}

func keyOf(l *ent.Lead, day calendar.Date, g figures.Group) (key, label string) {
	at := day.Start(time.UTC)
	switch g {
	case figures.ByDay:
		return day.String(), ""
	case figures.ByWeek:
		for at.Weekday() != time.Monday {
			at = at.AddDate(0, 0, -1)
		}
		return at.Format(time.DateOnly), ""
	case figures.ByMonth:
		return at.Format("2006-01"), ""
	case figures.ByDistributor:
		if l.DistributorID == nil {
			return "", ""
		}
		return l.DistributorID.String(), ""
	case figures.ByStatus:
		return l.Status.String(), ""
	case figures.BySource:
		return l.SourceID.String(), ""
	case figures.ByUTMSource:
		return l.UtmSource, ""
	case figures.ByCampaign:
		return cmp.Or(l.CampaignID, l.CampaignName), l.CampaignName
	case figures.ByRegion:
		return l.Region, ""
	}
	return l.Funnel, ""
}

func instant(t testing.TB, rfc3339 string) *time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, rfc3339)
	if err != nil {
		t.Fatal(err)
	}
	return &at
}

func (w *world) reject(id gid.ID) {
	w.t.Helper()
	if _, err := w.instances[0].leads.Reject(w.admin, leads.Rejection{LeadID: id, Reason: "нет"}); err != nil {
		w.t.Fatal(err)
	}
}
