package graph_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"channelbook/accounts"
	"channelbook/distributors"
	"channelbook/ent"
	"channelbook/ent/values"
	"channelbook/goals"
	"channelbook/graph"
	"channelbook/graph/model"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/internal/jobs"
	"channelbook/leads"
	"channelbook/leads/figures"
	"channelbook/leads/insight"
	"channelbook/leads/watch"
	"channelbook/notify"
	"channelbook/notify/channel"
	"channelbook/notify/deliveries"
	"channelbook/notify/preferences"
	"channelbook/notify/templates"
	"channelbook/notify/webhooks"
	"channelbook/payouts"
	"channelbook/personaldata/audit"
	"channelbook/personaldata/consent"
	"channelbook/personaldata/processors"
	"channelbook/reports"
)

// house is a system with a company in it, whose API is called the way clients call it.
type house struct {
	t       testing.TB
	db      *db.DB
	edge    graph.Edge
	handler http.Handler
	tokens  *auth.Tokens
	now     func() time.Time

	accounts     *accounts.Service
	revocations  *accounts.Revocations
	distributors *distributors.Service
	leads        *leads.Service
	figures      *figures.Service
	insight      *insight.Service
	goals        *goals.Service
	payouts      *payouts.Service
	consents     *consent.Service
	notify       *notify.Service
	webhooks     *webhooks.Service
	watch        *watch.Service
	audit        *audit.Log
	templates    *templates.Service
	deliveries   *deliveries.Service
	processors   *processors.Service
	jobs         *jobs.Queue
	reports      *reports.Service
}

const (
	jwtKeys      = "test:0123456789abcdef0123456789abcdef"
	personalKeys = "test:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
)

// each opens a house on SQLite and on PostgreSQL.
func each(t *testing.T, fn func(t *testing.T, h *house)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) { fn(t, open(t, d)) })
}

func open(t testing.TB, d *db.DB) *house {
	t.Helper()
	keys, err := auth.ParseKeys(jwtKeys)
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, db: d, now: dbtest.Clock("2026-11-23T09:00:00Z")}
	log := dbtest.Log(t)
	h.tokens = &auth.Tokens{Keys: keys, Now: h.now}
	revocations := &accounts.Revocations{DB: d, Now: h.now, Log: log}
	h.revocations = revocations
	if err := revocations.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.accounts = &accounts.Service{DB: d, Now: h.now, Tokens: h.tokens, Log: log, Revocations: revocations, Keys: dbtest.Keys()}
	h.distributors = &distributors.Service{DB: d, Now: h.now, TimeZone: time.UTC, Keys: dbtest.Keys()}
	h.leads = &leads.Service{DB: d, Now: func() time.Time { return h.now() }, TimeZone: time.UTC, Keys: dbtest.Keys(), Log: log}
	h.goals = &goals.Service{DB: d, Now: func() time.Time { return h.now() }, TimeZone: time.UTC, Log: log}
	h.insight = &insight.Service{DB: d, Now: func() time.Time { return h.now() }, TimeZone: time.UTC, Eyes: leads.Eyes{Keys: dbtest.Keys(), MaskUntilTaken: true}}
	h.payouts = &payouts.Service{DB: d, Now: func() time.Time { return h.now() }, TimeZone: time.UTC, Leads: h.leads}
	h.figures = &figures.Service{DB: d, Now: func() time.Time { return h.now() }, TimeZone: time.UTC, Log: log}
	h.consents = &consent.Service{DB: d, Now: func() time.Time { return h.now() }, Changed: h.leads.Changed}
	h.notify = &notify.Service{DB: d, Now: func() time.Time { return h.now() }, Log: log}
	h.webhooks = &webhooks.Service{DB: d, Now: func() time.Time { return h.now() }, Log: log, Keys: dbtest.Keys(), AllowPrivate: true}
	h.watch = &watch.Service{DB: d, Log: log}
	h.audit = &audit.Log{DB: d, Keys: dbtest.Keys(), Now: func() time.Time { return h.now() }, Log: log}
	h.jobs = &jobs.Queue{DB: d, Log: log, Audit: audit.Jobs(h.now), Watched: &jobs.Recorder{DB: d, Log: log, Every: map[string]time.Duration{"goals_rollover": time.Minute}}}
	h.jobs.Regularly("sessions", time.Hour, func(context.Context) error { return nil })
	if err := h.audit.Begin(h.system()); err != nil {
		t.Fatal(err)
	}
	h.outside()
	h.makesReports()
	h.edge = graph.Edge{
		Resolver: &graph.Resolver{
			Imports:   h.importing(),
			Templates: h.templates, Deliveries: h.deliveries, Processors: h.processors, Preferences: &preferences.Service{DB: d, Now: h.now, TimeZone: time.UTC}, Webhooks: h.webhooks,
			Accounts: h.accounts, Distributors: h.distributors, Leads: h.leads, Insight: h.insight, Goals: h.goals, Payouts: h.payouts, Notify: h.notify, Watch: h.watch, Consents: h.consents, Audit: h.audit, Jobs: h.jobs, Reports: h.reports, Read: &model.Reader{DB: d, Now: h.now, Figures: h.figures, Plans: h.goals, Payouts: h.payouts, Feed: h.notify, Jobs: h.jobs, Reports: h.reports, Eyes: leads.Eyes{Keys: dbtest.Keys(), MaskUntilTaken: true}, Link: func(path string) string { return "https://files.example" + path + "?signed" }, LinkUntil: signedUntil}, Log: log,
		},
		Bearer: accounts.Bearer{Tokens: h.tokens, Revocations: revocations}, Now: func() time.Time { return h.now() }, Log: log,
	}
	h.handler = handlerOf(t, h.edge)
	return h
}

// outside wires what leaves the house. E-mail is set up, and nothing is sent.
func (h *house) outside() {
	now := func() time.Time { return h.now() }
	h.processors = &processors.Service{DB: h.db, Now: now, SetUp: []string{channel.Email}}
	h.templates = &templates.Service{DB: h.db, Now: now, TimeZone: time.UTC, Keys: dbtest.Keys(), PublicURL: "https://book.example"}
	h.deliveries = &deliveries.Service{
		DB: h.db, Now: now, Log: dbtest.Log(h.t), Keys: dbtest.Keys(), TimeZone: time.UTC, Templates: h.templates,
		Wishes:  &preferences.Service{DB: h.db, Now: now, TimeZone: time.UTC},
		Senders: map[string]channel.Sender{channel.Email: nowhere{}},
	}
}

// nowhere is a way out by which nothing is sent.
type nowhere struct{}

func (nowhere) Send(context.Context, channel.Message) (channel.Receipt, error) {
	return channel.Receipt{ID: "sent"}, nil
}

// handlerOf serves an edge for as long as the test goes on.
func handlerOf(t testing.TB, e graph.Edge) http.Handler {
	t.Helper()
	h, end := e.Handler()
	t.Cleanup(end)
	return h
}

// caller is somebody who sends requests; the zero caller has not signed in.
type caller struct{ header, value string }

func (c caller) set(r *http.Request) {
	if c.header != "" {
		r.Header.Set(c.header, c.value)
	}
}

// admin makes an administrator.
func (h *house) admin(login string) caller {
	h.t.Helper()
	return h.user(accounts.NewUser{Login: login, Role: auth.Admin})
}

// worker makes a user of a distributor.
func (h *house) worker(login string, distributor gid.ID) caller {
	h.t.Helper()
	return h.user(accounts.NewUser{Login: login, Role: auth.Distributor, DistributorID: &distributor})
}

func (h *house) user(in accounts.NewUser) caller {
	h.t.Helper()
	in.Password = "a long enough password"
	u, err := h.accounts.CreateUser(h.system(), in)
	if err != nil {
		h.t.Fatal(err)
	}
	v := auth.Viewer{Role: in.Role, UserID: u.ID, SessionID: gid.New()}
	if in.DistributorID != nil {
		v.Distributor = *in.DistributorID
	}
	token, _, err := h.tokens.Issue(v)
	if err != nil {
		h.t.Fatal(err)
	}
	return caller{"Authorization", "Bearer " + token}
}

func (h *house) system() context.Context {
	return db.Unaudited(auth.AsSystem(h.t.Context(), "test"), "a test")
}

func (h *house) distributor(name string) gid.ID {
	h.t.Helper()
	d, err := h.distributors.Create(h.system(), distributors.Input{CompanyName: name})
	if err != nil {
		h.t.Fatal(err)
	}
	return d.ID
}

// absence enters an absence of a distributor.
func (h *house) absence(distributor gid.ID) gid.ID {
	h.t.Helper()
	first, err := calendar.ParseDate("2026-12-30")
	if err != nil {
		h.t.Fatal(err)
	}
	a, err := h.distributors.AddAbsence(h.system(), distributors.Absence{
		DistributorID: distributor, StartsOn: first, EndsOn: first.AddDays(9), Reason: "Каникулы canary",
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return a.ID
}

// picture makes the row of a picture that nobody shows.
func (h *house) picture() gid.ID {
	h.t.Helper()
	p, err := h.db.Picture.Create().SetDigest("00").SetMediaType("image/png").SetSize(1).SetWidth(1).SetHeight(1).
		SetCreatedAt(h.now()).Save(h.system())
	if err != nil {
		h.t.Fatal(err)
	}
	return p.ID
}

// consentToLead is a consent to the text that a base is born with.
func consentToLead() *values.Consent {
	return &values.Consent{Purpose: values.PurposeLead, TextVersion: "2026-09", GivenAt: "2026-11-20T10:11:12Z", UserAgent: "canary"}
}

// source makes a lead source that asks for no consent and finds no duplicates, unless in says otherwise.
func (h *house) source(in leads.SourceInput) (*ent.LeadSource, caller) {
	h.t.Helper()
	if in.RequireConsent == nil {
		no := false
		in.RequireConsent = &no
	}
	if in.Duplicates.Fields == nil {
		in.Duplicates.Fields = []string{}
	}
	s, key, err := h.leads.CreateSource(h.system(), in)
	if err != nil {
		h.t.Fatal(err)
	}
	return s, caller{"X-Api-Key", key}
}

// lead submits a lead of a source; distributor, where it is given, is who is to get it.
func (h *house) lead(source *ent.LeadSource, in leads.Submission, distributor ...gid.ID) gid.ID {
	h.t.Helper()
	if in.FirstName == "" {
		in.FirstName = "Анна"
	}
	if in.Phone == "" && in.Email == "" {
		in.Email = strings.ToLower(gid.New().String()) + "@example.ru"
	}
	for _, id := range distributor {
		in.DistributorID = gid.Distributor.Format(id)
	}
	ctx := auth.With(h.t.Context(), auth.Viewer{Role: auth.Source, SourceID: source.ID})
	accepted, err := h.leads.Accept(ctx, in)
	if err != nil {
		h.t.Fatal(err)
	}
	return accepted.LeadID
}

// reply is a GraphQL answer.
type reply struct {
	status int
	Data   map[string]any `json:"data"`
	Errors []struct {
		Message    string         `json:"message"`
		Path       []any          `json:"path"`
		Extensions map[string]any `json:"extensions"`
	} `json:"errors"`
	Extensions map[string]any `json:"extensions"`
	raw        string
}

// code of the first error; empty without one.
func (r reply) code() string {
	if len(r.Errors) == 0 {
		return ""
	}
	code, _ := r.Errors[0].Extensions["code"].(string)
	return code
}

// at walks the data: field names, and indexes of lists.
func (r reply) at(path ...any) any {
	var v any = r.Data
	for _, p := range path {
		switch p := p.(type) {
		case string:
			object, _ := v.(map[string]any)
			v = object[p]
		case int:
			list, _ := v.([]any)
			if p >= len(list) {
				return nil
			}
			v = list[p]
		}
	}
	return v
}

// nodes are the nodes of a connection.
func (r reply) nodes(path ...any) []map[string]any {
	edges, _ := r.at(append(path, "edges")...).([]any)
	out := make([]map[string]any, len(edges))
	for i, e := range edges {
		out[i], _ = e.(map[string]any)["node"].(map[string]any)
	}
	return out
}

// ask sends an operation and returns whatever is answered.
func (h *house) ask(who caller, query string, variables map[string]any) reply {
	h.t.Helper()
	return h.askIn(h.t.Context(), who, query, variables)
}

func (h *house) askIn(ctx context.Context, who caller, query string, variables map[string]any) reply {
	h.t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		h.t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/query", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	who.set(r)
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	out := reply{status: w.Code, raw: w.Body.String()}
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		h.t.Fatalf("got %d %s, want JSON: %v", w.Code, w.Body, err)
	}
	return out
}

// must is ask for an operation that has to go well, user errors included.
func (h *house) must(who caller, query string, variables map[string]any) reply {
	h.t.Helper()
	r := h.ask(who, query, variables)
	if len(r.Errors) > 0 || strings.Contains(r.raw, `"userErrors":[{`) {
		h.t.Fatalf("%s\ngot %s, want no errors", query, r.raw)
	}
	return r
}

// read is a file of testdata.
func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

type vars = map[string]any

// testSource is the text of a test file, to see what is tried in it.
func testSource(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
