package goals_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"channelbook/ent"
	"channelbook/ent/distributor"
	"channelbook/ent/goal"
	"channelbook/ent/goalchange"
	"channelbook/ent/user"
	"channelbook/goals"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
	"channelbook/internal/fold"
	"channelbook/internal/gid"
	"channelbook/leads"
	"channelbook/payouts"
)

// plan is a service over a fresh base, with what sells beside it. Set-up and looking are the system's.
type plan struct {
	*goals.Service
	t       testing.TB
	clock   *atomic.Pointer[time.Time]
	leads   *leads.Service
	payouts *payouts.Service
	system  context.Context
	admin   context.Context
	source  context.Context
	heard   int64 // the place up to which told has been asked
}

func newPlan(t testing.TB, d *db.DB, zone string) *plan {
	t.Helper()
	p := planOn(t, d, zone, &atomic.Pointer[time.Time]{})
	p.at("2026-03-10T09:00:00Z")
	boss := must(d.User.Create().SetLogin("boss").SetPasswordHash("-").SetRole(user.RoleADMIN).SetCreatedAt(p.Now()).SetUpdatedAt(p.Now()).Save(p.system))
	p.admin = auth.With(context.Background(), auth.Viewer{Role: auth.Admin, UserID: boss.ID})
	id := gid.New()
	if err := d.LeadSource.Create().SetID(id).SetName("site").SetKeyHash(id[:]).SetKeyHint("abcd").SetRequireConsent(false).
		SetDuplicateFields([]string{}).SetCreatedAt(p.Now()).SetUpdatedAt(p.Now()).Exec(p.system); err != nil {
		t.Fatal(err)
	}
	p.source = auth.With(context.Background(), auth.Viewer{Role: auth.Source, SourceID: id})
	return p
}

func planOn(t testing.TB, d *db.DB, zone string, clock *atomic.Pointer[time.Time]) *plan {
	in := must(time.LoadLocation(zone))
	now := func() time.Time { return *clock.Load() }
	p := &plan{t: t, clock: clock, Service: &goals.Service{DB: d, Now: now, TimeZone: in, Log: dbtest.Log(t)}}
	p.leads = &leads.Service{DB: d, Now: now, TimeZone: in, Keys: dbtest.Keys(), Log: dbtest.Log(t)}
	p.payouts = &payouts.Service{DB: d, Now: now, TimeZone: in, Leads: p.leads}
	p.system = db.Unaudited(auth.AsSystem(context.Background(), "test"), "a test")
	return p
}

// second is the same plan on another instance.
func (p *plan) second() *plan {
	other := planOn(p.t, dbtest.Second(p.t.(*testing.T), p.DB), p.TimeZone.String(), p.clock)
	other.admin, other.source = p.admin, p.source
	return other
}

func (p *plan) at(rfc3339 string) {
	now := dbtest.Clock(rfc3339)()
	p.clock.Store(&now)
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func day(text string) calendar.Date { return must(calendar.ParseDate(text)) }

func month(text string) calendar.Period {
	return must(calendar.ParsePeriod(calendar.Month, day(text+"-01")))
}

func whole(k calendar.Kind, startsOn string) calendar.Period {
	return calendar.Period{Kind: k, StartsOn: day(startsOn)}
}

func (p *plan) distributor(name string) gid.ID {
	p.t.Helper()
	return must(p.DB.Distributor.Create().SetCompanyName(name).SetCompanyNameFold(fold.Name(name)).
		SetCreatedAt(p.Now()).SetUpdatedAt(p.Now()).Save(p.system)).ID
}

func (p *plan) suspend(id gid.ID) {
	p.t.Helper()
	if err := p.DB.Distributor.UpdateOneID(id).SetStatus(distributor.StatusSUSPENDED).Exec(p.system); err != nil {
		p.t.Fatal(err)
	}
}

func target(of gid.ID, p calendar.Period, m goal.Metric, amount string) goals.Target {
	return goals.Target{DistributorID: of, Period: p, Metric: m, Target: decimal.RequireFromString(amount)}
}

func (p *plan) set(targets ...goals.Target) []*ent.Goal {
	p.t.Helper()
	rows, err := p.Set(p.admin, targets, "")
	if err != nil {
		p.t.Fatal(err)
	}
	return rows
}

// lead is received now for a distributor.
func (p *plan) lead(of gid.ID) gid.ID {
	p.t.Helper()
	return must(p.leads.Accept(p.source, leads.Submission{FirstName: "Анна", Email: strings.ToLower(gid.New().String()) + "@example.ru", DistributorID: gid.Distributor.Format(of)})).LeadID
}

// sell receives a lead now and sells it today, for kopecks.
func (p *plan) sell(of gid.ID, payout, amount int64) gid.ID {
	p.t.Helper()
	id := p.lead(of)
	must(p.payouts.RegisterSale(p.admin, leads.Sale{LeadID: id, Payout: &payout, SaleAmount: &amount}))
	return id
}

// of are the goals of a distributor for a period, as "METRIC=target" in order.
func (p *plan) of(id gid.ID, in calendar.Period) string {
	p.t.Helper()
	rows := must(p.DB.Goal.Query().Where(goal.DistributorID(id), goal.PeriodKindEQ(goal.PeriodKind(in.Kind)), goal.StartsOn(&in.StartsOn)).All(p.system))
	var texts []string
	for _, g := range rows {
		texts = append(texts, fmt.Sprintf("%s=%d", g.Metric, g.Target))
	}
	slices.Sort(texts)
	return strings.Join(texts, " ")
}

// history are the changes of all goals of a distributor, oldest first.
func (p *plan) history(id gid.ID) string {
	p.t.Helper()
	rows := must(p.DB.GoalChange.Query().Where(goalchange.DistributorID(id)).Order(ent.Asc(goalchange.FieldAt, goalchange.FieldID)).All(p.system))
	texts := make([]string, len(rows))
	for i, c := range rows {
		texts[i] = fmt.Sprintf("%s %s %s→%s", c.Kind, c.Metric, number(c.FromTarget), number(c.ToTarget))
	}
	return strings.Join(texts, ", ")
}

// reasons are those of a distributor's history, with | between them.
func (p *plan) reasons(id gid.ID) string {
	p.t.Helper()
	rows := must(p.DB.GoalChange.Query().Where(goalchange.DistributorID(id)).Order(ent.Asc(goalchange.FieldAt, goalchange.FieldID)).All(p.system))
	texts := make([]string, len(rows))
	for i, c := range rows {
		texts[i] = c.Reason
	}
	return strings.Join(texts, "|")
}

func number(n *int64) string {
	if n == nil {
		return "-"
	}
	return fmt.Sprint(*n)
}

// acts are the actions of the audit about goals and periods, sorted.
func (p *plan) acts() string {
	p.t.Helper()
	var texts []string
	for _, r := range must(p.DB.AuditRecord.Query().All(p.system)) {
		if strings.HasPrefix(r.Action, "GOAL") || strings.HasPrefix(r.Action, "PERIOD") {
			texts = append(texts, r.Action)
		}
	}
	slices.Sort(texts)
	return strings.Join(texts, " ")
}

func (p *plan) progress(g *ent.Goal) goals.Progress {
	p.t.Helper()
	return must(p.Progress(p.admin, []*ent.Goal{must(p.DB.Goal.Get(p.system, g.ID))}))[g.ID]
}

func wantFaults(t testing.TB, err error, want ...string) {
	t.Helper()
	all, ok := fault.All(err)
	var got []string
	for _, f := range all {
		got = append(got, f.Code+" "+f.Field)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !ok || !slices.Equal(got, want) {
		t.Errorf("got %v (%v), want %v", got, err, want)
	}
}

func equal[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// atOnce runs n at a time.
func atOnce(n int, do func(i int)) {
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-start
			do(i)
		})
	}
	close(start)
	all.Wait()
}
