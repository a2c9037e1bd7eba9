package payouts_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"channelbook/distributors"
	"channelbook/ent"
	"channelbook/ent/ledgerentry"
	"channelbook/ent/period"
	"channelbook/ent/statementline"
	"channelbook/ent/user"
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

// book is a service over a fresh base, with what the tests set up and look at. Set-up and looking are the system's.
type book struct {
	*payouts.Service
	t            testing.TB
	terms        *distributors.Service
	system       context.Context
	admin, other context.Context // two administrators
	source       context.Context
	people       int
}

// clock is the instant at which tests begin: noon in Moscow on the 10th of April.
const clock = "2026-04-10T09:00:00Z"

func newBook(t testing.TB, d *db.DB) *book {
	t.Helper()
	b := &book{t: t}
	b.Service = service(t, d, dbtest.Clock(clock))
	b.terms = &distributors.Service{DB: d, Now: func() time.Time { return b.Now() }, TimeZone: b.TimeZone, Keys: dbtest.Keys()}
	b.system = db.Unaudited(auth.AsSystem(context.Background(), "test"), "a test")
	b.admin, b.other = b.administrator(), b.administrator()
	id := gid.New()
	must(d.LeadSource.Create().SetID(id).SetName("site").SetKeyHash(id[:]).SetKeyHint("abcd").SetRequireConsent(false).
		SetDuplicateFields([]string{}).SetCreatedAt(b.Now()).SetUpdatedAt(b.Now()).Save(b.system))
	b.source = auth.With(context.Background(), auth.Viewer{Role: auth.Source, SourceID: id})
	return b
}

func service(t testing.TB, d *db.DB, now func() time.Time) *payouts.Service {
	t.Helper()
	moscow, err := time.LoadLocation("Europe/Moscow")
	if err != nil {
		t.Fatal(err)
	}
	s := &payouts.Service{DB: d, Now: now, TimeZone: moscow}
	s.Leads = &leads.Service{DB: d, Now: func() time.Time { return s.Now() }, TimeZone: moscow, Keys: dbtest.Keys(), Log: dbtest.Log(t)}
	return s
}

func (b *book) at(rfc3339 string) { b.Now = dbtest.Clock(rfc3339) }

// must is for set-up and looking, which do not fail: where they do, the whole run is worth nothing.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func done(err error) {
	if err != nil {
		panic(err)
	}
}

func day(s string) *calendar.Date {
	d := must(calendar.ParseDate(s))
	return &d
}

func month(startsOn string) calendar.Period {
	return calendar.Period{Kind: calendar.Month, StartsOn: *day(startsOn)}
}

func (b *book) administrator() context.Context {
	b.t.Helper()
	return auth.With(context.Background(), auth.Viewer{Role: auth.Admin, UserID: b.user(nil)})
}

func (b *book) user(of *gid.ID) gid.ID {
	b.t.Helper()
	role := user.RoleADMIN
	if of != nil {
		role = user.RoleDISTRIBUTOR
	}
	return must(b.DB.User.Create().SetLogin("u-" + gid.New().String()).SetPasswordHash("-").SetRole(role).
		SetNillableDistributorID(of).SetCreatedAt(b.Now()).SetUpdatedAt(b.Now()).Save(b.system)).ID
}

// as is a user of a distributor.
func (b *book) as(of gid.ID) context.Context {
	b.t.Helper()
	return auth.With(context.Background(), auth.Viewer{Role: auth.Distributor, UserID: b.user(&of), Distributor: of})
}

func (b *book) distributor(name string) gid.ID {
	b.t.Helper()
	return must(b.DB.Distributor.Create().SetCompanyName(name).SetCompanyNameFold(fold.Name(name)).
		SetCreatedAt(b.Now()).SetUpdatedAt(b.Now()).Save(b.system)).ID
}

// lead is a new lead of a distributor, received in January.
func (b *book) lead(of gid.ID, with ...func(*leads.Submission)) gid.ID {
	b.t.Helper()
	b.people++
	in := leads.Submission{FirstName: "Анна", Phone: fmt.Sprintf("8 (912) %03d-%02d-%02d", b.people/10000, b.people/100%100, b.people%100)}
	for _, change := range with {
		change(&in)
	}
	now := b.Now
	b.at("2026-01-01T09:00:00Z")
	l := must(b.Leads.Accept(b.source, in))
	b.Now = now
	done(b.DB.Lead.UpdateOneID(l.LeadID).SetDistributorID(of).Exec(b.system))
	return l.LeadID
}

// sold is a lead of a distributor that was sold on a day for a payout, before any period was closed.
func (b *book) sold(of gid.ID, on string, payout int64) gid.ID {
	b.t.Helper()
	id := b.lead(of)
	closed := must(b.DB.Period.Query().Where(period.StatusEQ(period.StatusCLOSED)).IDs(b.system))
	must(b.DB.Period.Update().SetStatus(period.StatusOPEN).Save(b.system))
	defer func() {
		must(b.DB.Period.Update().Where(period.IDIn(closed...)).SetStatus(period.StatusCLOSED).Save(b.system))
	}()
	must(b.RegisterSale(b.admin, leads.Sale{LeadID: id, Payout: &payout, SoldOn: day(on)}))
	return id
}

// close and reopen set the status of a period behind the back of goals.
func (b *book) close(p calendar.Period) { b.put(p, period.StatusCLOSED) }

func (b *book) reopen(p calendar.Period) { b.put(p, period.StatusOPEN) }

func (b *book) put(p calendar.Period, status period.Status) {
	b.t.Helper()
	n := must(b.DB.Period.Update().Where(period.KindEQ(period.Kind(p.Kind)), period.StartsOn(&p.StartsOn)).SetStatus(status).Save(b.system))
	if n == 0 {
		done(b.DB.Period.Create().SetKind(period.Kind(p.Kind)).SetStartsOn(&p.StartsOn).SetStatus(status).Exec(b.system))
	}
}

// ledger are the lines of a lead in their order.
func (b *book) ledger(lead gid.ID) []*ent.LedgerEntry {
	b.t.Helper()
	return must(b.DB.LedgerEntry.Query().Where(ledgerentry.LeadID(lead)).Order(ledgerentry.ByCreatedAt(), ledgerentry.BySaleNumber(), ledgerentry.ByKind()).All(b.system))
}

// told is a line as kind, number, day, amount, day on which it is available and whether it corrects.
func told(e *ent.LedgerEntry) string {
	s := fmt.Sprintf("%s %d %s %d %s", e.Kind, e.SaleNumber, e.Day, e.Amount, e.AvailableOn)
	if e.Correction {
		s += " correction"
	}
	return s
}

func wantLines(t testing.TB, entries []*ent.LedgerEntry, want ...string) {
	t.Helper()
	var got []string
	for _, e := range entries {
		got = append(got, told(e))
	}
	if !slices.Equal(got, want) {
		t.Errorf("the ledger has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// on are the leads whose lines stand on a statement.
func (b *book) on(statement gid.ID) map[gid.ID]int {
	b.t.Helper()
	found := map[gid.ID]int{}
	for _, l := range must(b.DB.StatementLine.Query().Where(statementline.StatementID(statement)).WithEntry().All(b.system)) {
		found[l.Edges.Entry.LeadID]++
	}
	return found
}

// wantFaults checks that err holds exactly these faults, as "CODE field".
func wantFaults(t testing.TB, err error, want ...string) {
	t.Helper()
	list, ok := fault.All(err)
	if !ok {
		t.Fatalf("got %v, want faults %q", err, want)
	}
	got := make([]string, len(list))
	for i, f := range list {
		got[i] = strings.TrimSpace(f.Code + " " + f.Field)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("faults are %q, want %q", got, want)
	}
}

// atOnce runs do for 0 … n-1 on as many goroutines that begin together.
func atOnce(n int, do func(i int)) {
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			do(i)
		})
	}
	close(start)
	wg.Wait()
}

// tally counts what acts came to, from many goroutines.
type tally struct {
	mu    sync.Mutex
	count map[string]int
}

func (c *tally) add(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	what := "done"
	var f *fault.Error
	if errors.As(err, &f) {
		what = f.Code
	} else if err != nil {
		what = err.Error()
	}
	if c.count == nil {
		c.count = map[string]int{}
	}
	c.count[what]++
}

func (c *tally) want(t testing.TB, want map[string]int) {
	t.Helper()
	if fmt.Sprint(c.count) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", c.count, want)
	}
}
