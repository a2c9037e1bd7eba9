package intake_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"channelbook/ent"
	"channelbook/ent/blacklistentry"
	"channelbook/ent/intakeattempt"
	"channelbook/ent/lead"
	"channelbook/ent/sealed"
	"channelbook/intake"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/internal/ratelimit"
	"channelbook/leads"
	"channelbook/web"
)

const (
	one  = "/api/v1/leads"
	many = "/api/v1/leads/batch"
	// client is the address that the tests' requests come from, by the word of a trusted proxy.
	client = "198.51.100.1"
)

// site is a server with the REST edge, reached over HTTP.
type site struct {
	t      *testing.T
	url    string
	db     *db.DB
	leads  *leads.Service
	system context.Context
	later  atomic.Int64 // how far the clock was put forward
}

// each opens a site on SQLite and on PostgreSQL.
func each(t *testing.T, test func(t *testing.T, s *site)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) { test(t, open(t, d)) })
}

func open(t *testing.T, d *db.DB) *site {
	t.Helper()
	return openLimited(t, d, ratelimit.Requests{})
}

// openLimited is open where each may send so many requests.
func openLimited(t *testing.T, d *db.DB, requests ratelimit.Requests) *site {
	t.Helper()
	log := dbtest.Log(t)
	s := &site{t: t, db: d, system: db.Unaudited(auth.AsSystem(t.Context(), "test"), "a test")}
	start := dbtest.Clock("2026-11-23T09:00:00Z")
	now := func() time.Time { return start().Add(time.Duration(s.later.Load())) }
	s.leads = &leads.Service{DB: d, Now: now, TimeZone: time.UTC, Keys: dbtest.Keys(), Log: log}
	handler, err := web.Edge{
		Log: log, TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Ready: d.Ready,
	}.Handler(intake.Edge{Leads: s.leads, Requests: requests, Log: log}.Routes())
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// must is for set-up and looking, which do not fail: where they do, the whole run is worth nothing.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func ptr[T any](v T) *T { return &v }

// source makes a lead source with the default duplicate policy and returns its key. It asks for no consent, unless in
// says so.
func (s *site) source(in leads.SourceInput) (key string) {
	s.t.Helper()
	_, key = s.namedSource(in)
	return key
}

func (s *site) namedSource(in leads.SourceInput) (row *ent.LeadSource, key string) {
	s.t.Helper()
	in.Name = "site"
	if in.RequireConsent == nil {
		in.RequireConsent = ptr(false)
	}
	row, key, err := s.leads.CreateSource(s.system, in)
	if err != nil {
		s.t.Fatal(err)
	}
	return row, key
}

// reply is an answer as it came over the wire.
type reply struct {
	status int
	header http.Header
	body   string
}

// result is the part of an answer that stands for one lead.
type result struct {
	Index     int
	Outcome   string
	Reference string
	Errors    []struct{ Code, Message, Field string }
}

// post sends a body as JSON. headers come in pairs; an empty value takes a header away.
func (s *site) post(path, key, body string, headers ...string) reply {
	s.t.Helper()
	r := must(http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url+path, strings.NewReader(body)))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Forwarded-For", client)
	if key != "" {
		r.Header.Set("X-Api-Key", key)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Del(headers[i])
		if headers[i+1] != "" {
			r.Header.Set(headers[i], headers[i+1])
		}
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatalf("POST %s: %v", path, err)
	}
	defer answer.Body.Close()
	return reply{answer.StatusCode, answer.Header, string(must(io.ReadAll(answer.Body)))}
}

// read is the answer's body as a value.
func read[T any](t *testing.T, r reply) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(r.body), &v); err != nil {
		t.Fatalf("got %d %s, want JSON: %v", r.status, r.body, err)
	}
	return v
}

// faults are the errors of a lead as "CODE field", in order of the alphabet.
func (r result) faults() []string {
	list := make([]string, len(r.Errors))
	for i, e := range r.Errors {
		list[i] = strings.TrimSpace(e.Code + " " + e.Field)
	}
	slices.Sort(list)
	return list
}

// stored is the lead of an answer's reference.
func (s *site) stored(reference string) *ent.Lead {
	s.t.Helper()
	id, err := gid.Submission.Parse(reference)
	if err != nil {
		s.t.Fatalf("reference %q: %v", reference, err)
	}
	return must(s.db.Lead.Get(s.system, id))
}

func (s *site) leadCount() int { return must(s.db.Lead.Query().Count(s.system)) }

// attempts is the intake log, oldest first.
func (s *site) attempts() []*ent.IntakeAttempt {
	return must(s.db.IntakeAttempt.Query().Order(intakeattempt.ByReceivedAt(), intakeattempt.ByID()).All(s.system))
}

// last is the newest line of the intake log.
func (s *site) last() *ent.IntakeAttempt {
	s.t.Helper()
	all := s.attempts()
	if len(all) == 0 {
		s.t.Fatal("the intake log is empty")
	}
	return all[len(all)-1]
}

// wantLogged checks a line of the intake log.
func wantLogged(t *testing.T, a *ent.IntakeAttempt, outcome string, status int, body string) {
	t.Helper()
	if got := fmt.Sprint(a.Outcome, a.HTTPStatus, a.RemoteAddress); got != fmt.Sprint(outcome, status, client) {
		t.Errorf("the intake log has %s, want %s %d %s", got, outcome, status, client)
	}
	if kept := kept(t, a); kept != body {
		t.Errorf("the intake log keeps the body %.200q, want %.200q", kept, body)
	}
}

func deref[T any](v *T) (zero T) {
	if v == nil {
		return zero
	}
	return *v
}

// anna is the body of a lead with a phone of its own for each n.
func anna(n int) string { return fmt.Sprintf(`{"firstName":"Анна","phone":"%s"}`, phone(n)) }

func phone(n int) string { return fmt.Sprintf("+7912%07d", n) }

// TestBothConsentsOfALeadAreRecorded, over REST as alone as in a batch.
func TestBothConsentsOfALeadAreRecorded(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		key := s.source(leads.SourceInput{RequireConsent: ptr(true)})
		body := func(n int) string {
			return fmt.Sprintf(`{"firstName":"Анна","phone":%q,"consent":{"purpose":"lead","textVersion":"2026-09","givenAt":"2026-11-20T10:11:12Z"},
				"advertisingConsent":{"textVersion":"2026-09","givenAt":"2026-11-20T10:11:12Z","userAgent":"Mozilla"}}`, phone(n))
		}
		if r := s.post(one, key, body(1)); r.status != 201 {
			t.Errorf("got %d %s, want 201", r.status, r.body)
		}
		if r := s.post(many, key, `{"leads":[`+body(2)+`,`+body(3)+`]}`); !strings.Contains(r.body, `"acceptedCount":2`) {
			t.Errorf("got %d %s, want two accepted", r.status, r.body)
		}
		if n := must(s.db.Consent.Query().Count(s.system)); n != 6 {
			t.Errorf("%d consents are recorded, want 6", n)
		}
	})
}

// whole is the contract's example with every field.
const whole = `{ "externalId": "vk-981", "firstName": "Анна", "lastName": "Петрова", "phone": "8 (912) 345-67-89", "email": "anna@example.ru",
  "ip": "203.0.113.7", "funnel": "spring", "distributorId": null, "test": false,
  "consent": { "purpose": "lead", "textVersion": "2026-09", "givenAt": "2026-11-20T10:11:12+03:00", "userAgent": "Mozilla/5.0" },
  "tracking": { "subid": "s", "utmSource": "vk", "utmMedium": "cpc", "utmCampaign": "c", "utmTerm": "t", "campaignId": "1",
    "campaignName": "n", "bannerId": "2", "advertiserId": "3", "region": "Москва", "gender": "f", "age": "30", "random": "r",
    "impressionWeekday": "1", "impressionHour": "12", "userTimezone": "+3", "placement": "p", "deviceType": "d", "position": "4",
    "subIds": ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"] } }`

func TestEachOutcomeIsAnsweredAsTheContractSays(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		key := s.source(leads.SourceInput{RequireConsent: ptr(true), DailyCap: ptr(1)})
		_, err := s.leads.AddToBlacklist(s.system, leads.BlacklistInput{Kind: blacklistentry.KindPHONE, Value: phone(66)})
		if err != nil {
			t.Fatal(err)
		}
		agreed := func(n int) string {
			return fmt.Sprintf(`{"firstName":"Анна","phone":%q,"consent":{"purpose":"lead","textVersion":"2026-09","givenAt":"2026-11-20T10:11:12Z"}}`, phone(n))
		}
		for _, c := range []struct {
			outcome string
			body    string
			status  int
			stands  lead.Status
		}{
			{"ACCEPTED", whole, 201, lead.StatusNEW},
			{"DUPLICATE", `{"firstName":"Анна","phone":"+79123456789"}`, 200, lead.StatusDUPLICATE},
			{"BLACKLISTED", agreed(66), 200, lead.StatusBLOCKED},
			{"QUARANTINED", anna(2), 200, lead.StatusQUARANTINED},
			{"OVER_CAP", agreed(3), 200, lead.StatusOVER_CAP},
		} {
			t.Run(c.outcome, func(t *testing.T) {
				r := s.post(one, key, c.body)
				form := regexp.MustCompile(`^\{"outcome":"` + c.outcome + `","reference":"ref_[0-9a-z]{26}"\}\n$`)
				if r.status != c.status || !form.MatchString(r.body) {
					t.Fatalf("got %d %s, want %d %s", r.status, r.body, c.status, form)
				}
				if got := r.header.Get("Content-Type"); got != "application/json; charset=utf-8" {
					t.Errorf("got the type %q, want JSON", got)
				}
				if got := r.header.Get("Idempotent-Replayed"); got != "" {
					t.Errorf("got Idempotent-Replayed %q, want none at the first time", got)
				}
				l := s.stored(read[result](t, r).Reference)
				if l.Status != c.stands {
					t.Errorf("the lead is %s, want %s", l.Status, c.stands)
				}
				a := s.last()
				wantLogged(t, a, c.outcome, c.status, c.body)
				if a.LeadID == nil || *a.LeadID != l.ID || a.RequestID != r.header.Get("X-Request-Id") {
					t.Errorf("the intake log has the lead %v and the request %q, want %s and %q", a.LeadID, a.RequestID, l.ID, r.header.Get("X-Request-Id"))
				}
			})
		}
	})
}

func TestADuplicateLearnsNothingOfTheFirst(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		theirs, ours := s.source(leads.SourceInput{}), s.source(leads.SourceInput{})
		s.post(one, theirs, anna(1))
		s.post(one, ours, whole)
		answers := map[string]reply{
			"of another source's lead": s.post(one, ours, anna(1)),
			"of one's own lead":        s.post(one, ours, strings.Replace(whole, "vk-981", "vk-982", 1)),
			"of a duplicate, as well":  s.post(one, ours, anna(1)),
			"by its e-mail, with keys": s.post(one, ours, `{"firstName":"Б","email":"anna@example.ru","externalId":"e"}`, "Idempotency-Key", "k"),
		}
		silent := func(r reply) string {
			reference := read[result](t, r).Reference
			for _, changes := range []string{"Date", "X-Request-Id"} {
				r.header.Del(changes)
			}
			return fmt.Sprint(r.status, r.header, strings.Replace(r.body, reference, "REFERENCE", 1))
		}
		want := silent(answers["of one's own lead"])
		if !strings.Contains(want, `{"outcome":"DUPLICATE","reference":"REFERENCE"}`) {
			t.Errorf("got %s, want a duplicate", want)
		}
		for name, r := range answers {
			if got := silent(r); got != want {
				t.Errorf("%s: got %s, want %s", name, got, want)
			}
		}
	})
}

func TestPhonesInAnyWritingAreOneNumber(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		key := s.source(leads.SourceInput{Duplicates: leads.DuplicatePolicy{Fields: []string{}}})
		for _, writing := range []string{
			"+79123456789", "89123456789", "79123456789", "9123456789", "8 (912) 345-67-89", "+7 912 345 67 89", "+7 (912) 345-67-89",
			"8-912-345-67-89", "8.912.345.67.89", "+7\u00a0912\u00a0345\u201367\u201389", "tel:+79123456789", " 8912 3456789 доб. 12 ",
		} {
			r := s.post(one, key, fmt.Sprintf(`{"firstName":"Анна","phone":%q}`, writing))
			if r.status != 201 {
				t.Errorf("%q: got %d %s, want 201", writing, r.status, r.body)
				continue
			}
			if got := phoneOf(t, s.stored(read[result](t, r).Reference)); got != "+79123456789" {
				t.Errorf("%q: stored %q, want +79123456789", writing, got)
			}
		}
	})
}

func TestAPlaceholderAndAnEmptyTextAreAbsent(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		key := s.source(leads.SourceInput{})
		r := s.post(one, key, `{"firstName":"Анна","lastName":"","phone":"{phone}","email":"anna@example.ru","funnel":"{funnel}","ip":"{ip}","externalId":"{click_id}",
			"tracking":{"utmSource":"{utm_source}","utmCampaign":"{{campaign.name}}","region":"","subIds":["a","{sub2}","c","{sub4}"]}}`)
		if r.status != 201 {
			t.Fatalf("got %d %s, want 201", r.status, r.body)
		}
		l := s.stored(read[result](t, r).Reference)
		for field, got := range map[string]string{
			"lastName": l.LastName, "phone": phoneOf(t, l), "funnel": l.Funnel, "ip": deref(l.IP), "externalId": deref(l.ExternalID),
			"utmSource": l.UtmSource, "utmCampaign": l.UtmCampaign, "region": l.Region,
		} {
			if got != "" {
				t.Errorf("%s: got %q, want nothing", field, got)
			}
		}
		if want := []string{"a", "", "c"}; !slices.Equal(l.SubIds, want) {
			t.Errorf("subIds: got %q, want %q, each in its place", l.SubIds, want)
		}
	})
}

func TestALeadWhoseSenderHasLeftIsKept(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		key := s.source(leads.SourceInput{})
		ctx, leave := context.WithCancel(t.Context())
		body := &leaving{Reader: strings.NewReader(anna(1)), leave: leave}
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, one, body)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Api-Key", key)
		intake.Edge{Leads: s.leads, Log: dbtest.Log(t)}.Routes()["POST "+one].ServeHTTP(httptest.NewRecorder(), r)
		if n := s.leadCount(); n != 1 {
			t.Errorf("got %d leads, want 1", n)
		}
	})
}

// leaving is a body whose sender leaves at its end.
type leaving struct {
	io.Reader
	leave func()
}

func (l *leaving) Read(p []byte) (int, error) {
	n, err := l.Reader.Read(p)
	if err != nil {
		l.leave()
	}
	return n, err
}

// phoneOf and emailOf are a lead's, and kept is what the intake log keeps of a body.
func phoneOf(t *testing.T, l *ent.Lead) string {
	t.Helper()
	return dbtest.Opened(t, sealed.LeadPhone, l.ID, l.PhoneSealed)
}

func emailOf(t *testing.T, l *ent.Lead) string {
	t.Helper()
	return dbtest.Opened(t, sealed.LeadEmail, l.ID, l.EmailSealed)
}

func kept(t *testing.T, a *ent.IntakeAttempt) string {
	t.Helper()
	return dbtest.Opened(t, sealed.AttemptRawBody, a.ID, a.RawBodySealed)
}
