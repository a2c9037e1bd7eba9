package insight_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"channelbook/ent"
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
	"channelbook/leads/insight"
)

// stock is a service over a base that a test fills as it likes.
type stock struct {
	*insight.Service
	t      testing.TB
	system context.Context
	admin  context.Context
}

// In Vladivostok it is half past seven in the morning of 1 March, a Sunday, while it is still February in UTC.
const (
	clock = "2026-02-28T21:30:00Z"
	zone  = "Asia/Vladivostok" // UTC+10
)

func each(t *testing.T, test func(t *testing.T, s *stock)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) { test(t, open(t, d)) })
}

func open(t testing.TB, d *db.DB) *stock {
	t.Helper()
	in, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	s := &stock{t: t, Service: &insight.Service{DB: d, Now: dbtest.Clock(clock), TimeZone: in, Eyes: leads.Eyes{Keys: dbtest.Keys(), MaskUntilTaken: true}}}
	s.system = db.Unaudited(auth.AsSystem(context.Background(), "test"), "a test")
	s.admin = auth.With(context.Background(), auth.Viewer{Role: auth.Admin, UserID: s.user(nil)})
	return s
}

func (s *stock) user(of *gid.ID) gid.ID {
	s.t.Helper()
	role := user.RoleADMIN
	if of != nil {
		role = user.RoleDISTRIBUTOR
	}
	return s.DB.User.Create().SetLogin("u-" + gid.New().String()).SetPasswordHash("-").SetRole(role).
		SetNillableDistributorID(of).SetCreatedAt(s.Now()).SetUpdatedAt(s.Now()).SaveX(s.system).ID
}

func (s *stock) distributor(name string) gid.ID {
	s.t.Helper()
	return s.DB.Distributor.Create().SetCompanyName(name).SetCompanyNameFold(fold.Name(name)).
		SetCreatedAt(s.Now()).SetUpdatedAt(s.Now()).SaveX(s.system).ID
}

// as is a context of a distributor's user.
func (s *stock) as(id gid.ID) context.Context {
	return auth.With(context.Background(), auth.Viewer{Role: auth.Distributor, UserID: s.user(&id), Distributor: id})
}

func (s *stock) source(name string) gid.ID {
	s.t.Helper()
	id := gid.New()
	s.DB.LeadSource.Create().SetID(id).SetName(name).SetKeyHash(id[:]).SetKeyHint("abcd").SetDuplicateFields([]string{}).
		SetCreatedAt(s.Now()).SetUpdatedAt(s.Now()).ExecX(s.system)
	return id
}

// lead stores an accepted one as it came in at an instant, changed by with.
func (s *stock) lead(source gid.ID, at string, with ...func(*ent.LeadCreate)) gid.ID {
	s.t.Helper()
	id := gid.New()
	received := instant(s.t, at)
	create := s.DB.Lead.Create().SetID(id).SetReceivedAt(received).SetUpdatedAt(received).SetSourceID(source).SetStatus(lead.StatusNEW).
		SetOutcome(lead.OutcomeACCEPTED).SetBodyHash(id[:]).SetFirstName("Анна").SetFirstNameFold("анна").SetDecisionTrace([]values.Check{})
	for _, change := range with {
		change(create)
	}
	create.ExecX(s.system)
	return id
}

func test(c *ent.LeadCreate) { c.SetIsTest(true) }

func of(distributor gid.ID) func(*ent.LeadCreate) {
	return func(c *ent.LeadCreate) { c.SetDistributorID(distributor) }
}

func with(column string, value any) func(*ent.LeadCreate) {
	return func(c *ent.LeadCreate) {
		if err := c.Mutation().SetField(column, value); err != nil {
			panic(err)
		}
	}
}

// came is what a submission came to.
func came(outcome lead.Outcome, status lead.Status) func(*ent.LeadCreate) {
	return func(c *ent.LeadCreate) { c.SetOutcome(outcome).SetStatus(status) }
}

func instant(t testing.TB, rfc3339 string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, rfc3339)
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC()
}

func day(t testing.TB, text string) calendar.Date {
	t.Helper()
	d, err := calendar.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func ptr[T any](v T) *T { return &v }

// between is a filter by dates of receipt.
func between(t testing.TB, from, to string) leads.Filter {
	return leads.Filter{ReceivedFrom: ptr(instant(t, from)), ReceivedTo: ptr(instant(t, to))}
}

// wantFaults checks that err holds exactly these faults, as "CODE field".
func wantFaults(t testing.TB, err error, want ...string) {
	t.Helper()
	list, ok := fault.All(err)
	got := make([]string, len(list))
	for i, f := range list {
		got[i] = strings.TrimSpace(f.Code + " " + f.Field)
	}
	if !ok || !slices.Equal(got, want) {
		t.Errorf("got %v, faults %q, want %q", err, got, want)
	}
}
