package leads_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"channelbook/ent"
	"channelbook/ent/distributor"
	"channelbook/ent/intakeattempt"
	"channelbook/ent/lead"
	"channelbook/ent/leadevent"
	"channelbook/ent/sealed"
	"channelbook/ent/user"
	"channelbook/ent/values"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
	"channelbook/internal/fold"
	"channelbook/internal/gid"
	"channelbook/leads"
)

// book is a service over a fresh base, with what the tests set up and look at. Set-up and looking are the system's.
type book struct {
	*leads.Service
	t      testing.TB
	system context.Context
	admin  context.Context
}

// clock is the instant of all tests: noon in Moscow, a Sunday.
const clock = "2026-03-01T09:00:00Z"

func newBook(t testing.TB, d *db.DB) *book {
	t.Helper()
	moscow, err := time.LoadLocation("Europe/Moscow")
	if err != nil {
		t.Fatal(err)
	}
	b := &book{t: t, Service: &leads.Service{
		DB: d, Now: dbtest.Clock(clock), TimeZone: moscow, Keys: dbtest.Keys(), Log: dbtest.Log(t),
	}}
	b.system = db.Unaudited(auth.AsSystem(context.Background(), "test"), "a test")
	b.admin = auth.With(context.Background(), auth.Viewer{Role: auth.Admin, UserID: b.user(nil)})
	return b
}

// on is the same book read and written by another instance.
func (b *book) on(d *db.DB) *leads.Service {
	return &leads.Service{DB: d, Now: b.Now, TimeZone: b.TimeZone, Keys: b.Keys, Log: b.Log}
}

func (b *book) at(rfc3339 string) { b.Now = dbtest.Clock(rfc3339) }

// must is for set-up and looking, which do not fail: where they do, the whole run is worth nothing.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
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

func (b *book) distributor(name string) gid.ID {
	b.t.Helper()
	return must(b.DB.Distributor.Create().SetCompanyName(name).SetCompanyNameFold(fold.Name(name)).
		SetCreatedAt(b.Now()).SetUpdatedAt(b.Now()).Save(b.system)).ID
}

func (b *book) distributors(n int) []gid.ID {
	b.t.Helper()
	ids := make([]gid.ID, n)
	for i := range ids {
		ids[i] = b.distributor(fmt.Sprintf("D%d", i+1))
	}
	return ids
}

func (b *book) suspend(id gid.ID) {
	b.t.Helper()
	err := b.DB.Distributor.UpdateOneID(id).SetStatus(distributor.StatusSUSPENDED).Exec(b.system)
	if err != nil {
		b.t.Fatal(err)
	}
}

// as is the context of a user of a distributor.
func (b *book) as(id gid.ID) context.Context {
	b.t.Helper()
	return auth.With(context.Background(), auth.Viewer{Role: auth.Distributor, UserID: b.user(&id), Distributor: id})
}

// source makes a lead source that asks for no consent and looks for phone and e-mail within 30 days in the whole base,
// changed by with, and returns it as a viewer.
func (b *book) source(with ...func(*ent.LeadSourceCreate)) context.Context {
	b.t.Helper()
	id := gid.New()
	create := b.DB.LeadSource.Create().SetID(id).SetName("site").SetKeyHash(id[:]).SetKeyHint("abcd").
		SetRequireConsent(false).SetDuplicateFields([]string{"PHONE", "EMAIL"}).
		SetCreatedAt(b.Now()).SetUpdatedAt(b.Now())
	for _, change := range with {
		change(create)
	}
	if err := create.Exec(b.system); err != nil {
		b.t.Fatal(err)
	}
	return auth.With(context.Background(), auth.Viewer{Role: auth.Source, SourceID: id})
}

func sourceID(ctx context.Context) gid.ID {
	v, _ := auth.From(ctx)
	return v.SourceID
}

// anna is a whole and valid submission, with a phone of its own for each n.
func anna(n int) leads.Submission {
	return leads.Submission{FirstName: "Анна", LastName: "Петрова", Phone: fmt.Sprintf("8 (912) %03d-%02d-%02d", n/10000, n/100%100, n%100)}
}

func (b *book) accept(source context.Context, in leads.Submission) leads.Accepted {
	b.t.Helper()
	return must(b.Accept(source, in))
}

// lead accepts anna(n) and returns the stored lead.
func (b *book) lead(source context.Context, n int) *ent.Lead {
	b.t.Helper()
	return b.read(b.accept(source, anna(n)).LeadID)
}

func (b *book) read(id gid.ID) *ent.Lead {
	b.t.Helper()
	return must(b.DB.Lead.Get(b.system, id))
}

// put sets a lead's status behind the service's back.
func (b *book) put(id gid.ID, status lead.Status) {
	b.t.Helper()
	if err := b.DB.Lead.UpdateOneID(id).SetStatus(status).Exec(b.system); err != nil {
		b.t.Fatal(err)
	}
}

// timeline is the kinds of a lead's events that the viewer sees.
func (b *book) timeline(ctx context.Context, id gid.ID) string {
	b.t.Helper()
	events := must(b.DB.LeadEvent.Query().Where(leadevent.LeadID(id)).Order(leadevent.ByAt(), leadevent.ByID()).All(ctx))
	kinds := make([]string, len(events))
	for i, e := range events {
		kinds[i] = e.Kind.String()
	}
	return strings.Join(kinds, " ")
}

// attempts is the intake log, oldest first.
func (b *book) attempts() []*ent.IntakeAttempt {
	b.t.Helper()
	return must(b.DB.IntakeAttempt.Query().Order(intakeattempt.ByReceivedAt(), intakeattempt.ByID()).All(b.system))
}

// shares counts how many leads each distributor has.
func (b *book) shares(ids []gid.ID) []int {
	b.t.Helper()
	shares := make([]int, len(ids))
	for i, id := range ids {
		shares[i] = must(b.DB.Lead.Query().Where(lead.DistributorID(id)).Count(b.system))
	}
	return shares
}

// wantOutcome checks an answer's outcome.
func wantOutcome(t testing.TB, got leads.Accepted, want string) {
	t.Helper()
	if got.Outcome != want {
		t.Errorf("outcome is %s, want %s", got.Outcome, want)
	}
}

// wantOwner checks whose lead it is.
func wantOwner(t testing.TB, l *ent.Lead, want gid.ID) {
	t.Helper()
	if l.DistributorID == nil || *l.DistributorID != want {
		t.Errorf("distributor is %v, want %v", l.DistributorID, want)
	}
}

func wantStatus(t testing.TB, l *ent.Lead, want lead.Status) {
	t.Helper()
	if l == nil || l.Status != want {
		t.Errorf("lead is %v, want status %s", l, want)
	}
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

// check is the step of a lead's trace.
func check(t testing.TB, l *ent.Lead, step string) values.Check {
	t.Helper()
	for _, c := range l.DecisionTrace {
		if c.Step == step {
			return c
		}
	}
	t.Fatalf("the trace has no step %s: %v", step, l.DecisionTrace)
	return values.Check{}
}

func consent() *values.Consent {
	return &values.Consent{Purpose: "lead", TextVersion: "2026-09", GivenAt: "2026-03-01T12:00:00+03:00", UserAgent: "Mozilla/5.0"}
}

// byContract is another basis than consent, for a release.
func byContract() *leads.Basis {
	return &leads.Basis{LegalBasis: lead.LegalBasisCONTRACT, Note: "просит о договоре"}
}

// atOnce runs do for 0 … n-1 on workers goroutines that begin together.
func atOnce(n, workers int, do func(i int)) {
	start := make(chan struct{})
	work := make(chan int, n)
	for i := range n {
		work <- i
	}
	close(work)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			<-start
			for i := range work {
				do(i)
			}
		})
	}
	close(start)
	wg.Wait()
}

// tally counts what happened, from many goroutines.
type tally struct {
	mu    sync.Mutex
	count map[string]int
}

func (c *tally) add(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count == nil {
		c.count = map[string]int{}
	}
	c.count[what]++
}

// outcome names what an Accept came to.
func outcome(a leads.Accepted, err error) string {
	var f *fault.Error
	switch {
	case errors.As(err, &f):
		return f.Code
	case err != nil:
		return err.Error()
	case a.Replayed:
		return "REPLAYED " + a.Outcome
	}
	return a.Outcome
}

func (c *tally) want(t testing.TB, want map[string]int) {
	t.Helper()
	if fmt.Sprint(c.count) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", c.count, want)
	}
}

func userID(ctx context.Context) gid.ID {
	v, _ := auth.From(ctx)
	return v.UserID
}

// phone and email are a lead's, and body what the intake log keeps of a submission; empty where there is none.
func (b *book) phone(l *ent.Lead) string {
	return dbtest.Opened(b.t, sealed.LeadPhone, l.ID, l.PhoneSealed)
}

func (b *book) email(l *ent.Lead) string {
	return dbtest.Opened(b.t, sealed.LeadEmail, l.ID, l.EmailSealed)
}

func (b *book) body(a *ent.IntakeAttempt) string {
	return dbtest.Opened(b.t, sealed.AttemptRawBody, a.ID, a.RawBodySealed)
}

// found counts the leads that an administrator finds by a filter.
func (b *book) found(f leads.Filter) (int, error) {
	admin, _ := auth.From(b.admin)
	return b.DB.Lead.Query().Where(must(f.Where(admin, leads.Eyes{Keys: b.Keys}))).Count(b.system)
}
