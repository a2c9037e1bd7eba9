package intake_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"channelbook/leads"
)

// problem is an application/problem+json body.
type problem struct {
	Type, Title, Detail, Code, RequestID string
	Status                               int
}

func wantProblem(t *testing.T, r reply, status int, code string) {
	t.Helper()
	if r.status != status || r.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("got %d %s %s, want %d application/problem+json", r.status, r.header.Get("Content-Type"), r.body, status)
		return
	}
	p := read[problem](t, r)
	if p.Status != status || p.Code != code || p.Title == "" || p.Detail == "" || p.RequestID != r.header.Get("X-Request-Id") {
		t.Errorf("got %s, want the status %d, the code %q, a title, a detail and the request's id", r.body, status, code)
	}
}

func TestEveryFaultComesAtOnce(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		key := s.source(leads.SourceInput{})
		for name, c := range map[string]struct {
			body string
			want []string
		}{
			"nothing": {`{}`, []string{"CONTACT_REQUIRED phone", "REQUIRED firstName"}},
			"what is absent in another way": {`{"firstName":null,"phone":"","email":"  ","consent":null,"tracking":null}`,
				[]string{"CONTACT_REQUIRED phone", "REQUIRED firstName"}},
			"unknown fields, by their paths": {
				`{"firstName":"А","email":"a@example.ru","phon":"1","FirstName":"Б","consent":{"purpose":"p","textVersion":"1","givenAt":"2026-11-20T10:11:12Z","ip":"1"},"tracking":{"utm_source":"vk"}}`,
				[]string{"UNKNOWN_FIELD FirstName", "UNKNOWN_FIELD consent.ip", "UNKNOWN_FIELD phon", "UNKNOWN_FIELD tracking.utm_source"}},
			"unknown fields with names that no base holds": {
				`{"firstName":"А","email":"a@example.ru","a\u0000b":1,"` + strings.Repeat("ж", 60) + `":1}`,
				[]string{"UNKNOWN_FIELD a\uFFFDb", "UNKNOWN_FIELD " + strings.Repeat("ж", 50) + "…"}},
			"wrong types, nested ones too": {
				`{"firstName":1,"phone":["8"],"email":{},"test":"true","ip":true,"consent":"yes","tracking":{"age":30,"subIds":["a",2,null,{}]}}`,
				[]string{"INVALID_TYPE consent", "INVALID_TYPE email", "INVALID_TYPE firstName", "INVALID_TYPE ip", "INVALID_TYPE phone",
					"INVALID_TYPE test", "INVALID_TYPE tracking.age", "INVALID_TYPE tracking.subIds[1]", "INVALID_TYPE tracking.subIds[3]"}},
			"wrong types of whole blocks": {`{"firstName":"А","email":"a@example.ru","consent":[],"tracking":[]}`,
				[]string{"INVALID_TYPE consent", "INVALID_TYPE tracking"}},
			"wrong values": {
				`{"firstName":"123","lastName":"` + strings.Repeat("я", 101) + `","phone":"123","email":"a@","ip":"1.2.3","distributorId":"lead_1","externalId":"a\u0000b",
				"consent":{"givenAt":"yesterday"},"tracking":{"utmSource":"` + strings.Repeat("я", 513) + `","subIds":["1","2","3","4","5","6","7","8","9","10","11"]}}`,
				[]string{"INVALID_CHARACTERS externalId", "INVALID_DISTRIBUTOR_ID distributorId", "INVALID_EMAIL email", "INVALID_IP ip", "INVALID_NAME firstName",
					"INVALID_PHONE phone", "INVALID_TIME consent.givenAt", "REQUIRED consent.purpose", "REQUIRED consent.textVersion",
					"TOO_LONG lastName", "TOO_LONG tracking.utmSource", "TOO_MANY tracking.subIds"}},
			"all kinds together": {`{"firstName":2,"phone":"1","colour":"red","consent":{"purpose":1,"textVersion":"1","givenAt":"2027-01-01"},"advertisingConsent":{"purpose":"advertising","textVersion":"1"}}`,
				[]string{"INVALID_PHONE phone", "INVALID_TYPE consent.purpose", "INVALID_TYPE firstName", "INVALID_TIME consent.givenAt", "REQUIRED advertisingConsent.givenAt",
					"UNKNOWN_FIELD advertisingConsent.purpose", "UNKNOWN_FIELD colour"}},
		} {
			t.Run(name, func(t *testing.T) {
				r := s.post(one, key, c.body)
				got := read[result](t, r)
				slices.Sort(c.want)
				if r.status != 422 || got.Outcome != "INVALID" || !slices.Equal(got.faults(), c.want) {
					t.Errorf("got %d %s %q,\nwant 422 INVALID %q", r.status, got.Outcome, got.faults(), c.want)
				}
				for _, e := range got.Errors {
					if e.Message == "" {
						t.Errorf("%s of %s has no message", e.Code, e.Field)
					}
				}
				a := s.last()
				wantLogged(t, a, "INVALID", 422, c.body)
				slices.Sort(a.ErrorCodes)
				if !slices.Equal(a.ErrorCodes, c.want) {
					t.Errorf("the intake log has the codes %q, want %q", a.ErrorCodes, c.want)
				}
			})
		}
		if n := s.leadCount(); n != 0 {
			t.Errorf("got %d leads, want none", n)
		}
	})
}

func TestTheFormOfFaults(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		r := s.post(one, s.source(leads.SourceInput{}), `{"firstName":"Анна"}`)
		const want = `{"outcome":"INVALID","errors":[{"code":"CONTACT_REQUIRED","message":"Give a phone number or an e-mail address.","field":"phone"}]}` + "\n"
		if r.status != 422 || r.body != want || r.header.Get("Content-Type") != "application/json; charset=utf-8" {
			t.Errorf("got %d %s, want 422 %s", r.status, r.body, want)
		}
	})
}

func TestAKeyThatIsTooLongIsAFault(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		r := s.post(one, s.source(leads.SourceInput{}), anna(1), "Idempotency-Key", strings.Repeat("k", 256))
		if got := read[result](t, r).faults(); r.status != 422 || !slices.Equal(got, []string{"TOO_LONG idempotencyKey"}) {
			t.Errorf("got %d %q, want 422 TOO_LONG idempotencyKey", r.status, got)
		}
	})
}

func TestWhatIsNotALeadIsRefused(t *testing.T) {
	padded := func(n int) string { // a good lead of n bytes
		return `{"firstName":"Anna","phone":"+79123456789"` + strings.Repeat(" ", n-43) + `}`
	}
	const unknown = "cb_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	each(t, func(t *testing.T, s *site) {
		key := s.source(leads.SourceInput{})
		gone, stopped := s.namedSource(leads.SourceInput{})
		if _, err := s.leads.StopSource(s.system, gone.ID); err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			path, key, body string
			headers         []string
			status          int
			code, outcome   string // the code is the outcome where there is none of its own
			kept            string // of the body, where not the whole
		}{
			"not JSON":             {path: one, key: key, body: `firstName=Анна`, status: 400, outcome: "MALFORMED"},
			"nothing":              {path: one, key: key, body: ``, status: 400, outcome: "MALFORMED"},
			"half a lead":          {path: one, key: key, body: `{"firstName":"Анна"`, status: 400, outcome: "MALFORMED"},
			"trailing data":        {path: one, key: key, body: anna(1) + anna(2), status: 400, outcome: "MALFORMED"},
			"trailing rubbish":     {path: one, key: key, body: anna(1) + "}", status: 400, outcome: "MALFORMED"},
			"a list":               {path: one, key: key, body: `[` + anna(1) + `]`, status: 400, outcome: "MALFORMED"},
			"a text":               {path: one, key: key, body: `"Анна"`, status: 400, outcome: "MALFORMED"},
			"null":                 {path: one, key: key, body: `null`, status: 400, outcome: "MALFORMED"},
			"not UTF-8":            {path: one, key: key, body: "{\"firstName\":\"\xc0\xed\xed\xe0\"}", status: 400, outcome: "MALFORMED"},
			"a batch of something": {path: many, key: key, body: `{"lead":[]}`, status: 400, outcome: "MALFORMED"},
			"a batch and more":     {path: many, key: key, body: `{"leads":[` + anna(1) + `],"more":1}`, status: 400, outcome: "MALFORMED"},
			"a batch in capitals":  {path: many, key: key, body: `{"LEADS":[` + anna(1) + `]}`, status: 400, outcome: "MALFORMED"},
			"a batch of null":      {path: many, key: key, body: `{"leads":null}`, status: 400, outcome: "MALFORMED"},
			"a batch of one lead":  {path: many, key: key, body: anna(1), status: 400, outcome: "MALFORMED"},
			"a batch of a text":    {path: many, key: key, body: `"leads"`, status: 400, outcome: "MALFORMED"},
			"no key":               {path: one, body: anna(1), status: 401, code: "UNAUTHENTICATED", outcome: "UNAUTHENTICATED"},
			"an unknown key":       {path: one, key: unknown, body: anna(1), status: 401, code: "UNAUTHENTICATED", outcome: "UNAUTHENTICATED"},
			"a key of a kind":      {path: many, key: "secret", body: anna(1), status: 401, code: "UNAUTHENTICATED", outcome: "UNAUTHENTICATED"},
			"a stopped source":     {path: one, key: stopped, body: anna(1), status: 403, code: "SOURCE_STOPPED", outcome: "UNAUTHENTICATED"},
			"a stranger's volume":  {path: many, body: padded(100_000), status: 401, code: "UNAUTHENTICATED", outcome: "UNAUTHENTICATED", kept: padded(100_000)[:8<<10]},
			"a form":               {path: one, key: key, body: `a=1`, headers: []string{"Content-Type", "application/x-www-form-urlencoded"}, status: 415, outcome: "UNSUPPORTED_TYPE"},
			"no type":              {path: one, key: key, body: anna(1), headers: []string{"Content-Type", ""}, status: 415, outcome: "UNSUPPORTED_TYPE"},
			"a type of JSON's kin": {path: many, key: key, body: anna(1), headers: []string{"Content-Type", "application/ld+json"}, status: 415, outcome: "UNSUPPORTED_TYPE"},
			"a lead of 64 KiB + 1": {path: one, key: key, body: padded(64<<10 + 1), status: 413, outcome: "TOO_LARGE", kept: padded(64<<10 + 1)[:64<<10]},
			"a batch of 1 MiB + 1": {path: many, key: key, body: padded(1<<20 + 1), status: 413, outcome: "TOO_LARGE", kept: padded(1<<20 + 1)[:1<<20]},
		} {
			t.Run(name, func(t *testing.T) {
				before := len(s.attempts())
				r := s.post(c.path, c.key, c.body, c.headers...)
				if c.code == "" {
					c.code = c.outcome
				}
				wantProblem(t, r, c.status, c.code)
				if n := len(s.attempts()) - before; n != 1 {
					t.Fatalf("got %d lines in the intake log, want 1", n)
				}
				if c.kept == "" {
					c.kept = c.body
				}
				a := s.last()
				wantLogged(t, a, c.outcome, c.status, c.kept)
				if known := a.SourceID != nil; known != (c.key == key || c.key == stopped) {
					t.Errorf("the intake log has the source %v, want it only where it is known", a.SourceID)
				}
			})
		}
		if n := s.leadCount(); n != 0 {
			t.Errorf("got %d leads, want none", n)
		}
		t.Run("and a lead of 64 KiB is taken", func(t *testing.T) {
			if r := s.post(one, key, padded(64<<10)); r.status != 201 {
				t.Errorf("got %d %s, want 201", r.status, r.body)
			}
		})
		t.Run("with any parameters of the type", func(t *testing.T) {
			if r := s.post(one, key, anna(1), "Content-Type", "Application/JSON; charset=UTF-8"); r.status != 201 {
				t.Errorf("got %d %s, want 201", r.status, r.body)
			}
		})
	})
}

func TestAResumedSourceIsTakenAgain(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		row, key := s.namedSource(leads.SourceInput{})
		for _, step := range []struct {
			act    func() error
			status int
		}{
			{func() error { _, err := s.leads.StopSource(s.system, row.ID); return err }, 403},
			{func() error { _, err := s.leads.ResumeSource(s.system, row.ID); return err }, 201},
		} {
			if err := step.act(); err != nil {
				t.Fatal(err)
			}
			if r := s.post(one, key, anna(1)); r.status != step.status {
				t.Errorf("got %d %s, want %d", r.status, r.body, step.status)
			}
		}
	})
}

func TestABodyThatBreaksOffIsLogged(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		conn := must(net.Dial("tcp", strings.TrimPrefix(s.url, "http://")))
		defer conn.Close()
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: %s\r\nX-Api-Key: %s\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n%s",
			one, client, s.source(leads.SourceInput{}), `{"firstName":"А`)
		if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		answer := must(http.ReadResponse(bufio.NewReader(conn), nil))
		defer answer.Body.Close()
		wantProblem(t, reply{answer.StatusCode, answer.Header, string(must(io.ReadAll(answer.Body)))}, 400, "MALFORMED")
		wantLogged(t, s.last(), "MALFORMED", 400, `{"firstName":"А`)
	})
}

func TestASourceIsHeldToItsRate(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		row, key := s.namedSource(leads.SourceInput{RatePerMinute: ptr(2)})
		other := s.source(leads.SourceInput{})
		for n := range 2 {
			if r := s.post(one, key, anna(n)); r.status != 201 {
				t.Fatalf("lead %d: got %d %s, want 201", n, r.status, r.body)
			}
		}
		r := s.post(one, key, anna(2))
		wantProblem(t, r, 429, "RATE_LIMITED")
		if got := r.header.Get("Retry-After"); got != "30" {
			t.Errorf("got Retry-After %q, want 30: two a minute", got)
		}
		wantLogged(t, s.last(), "RATE_LIMITED", 429, anna(2))
		if s.last().SourceID == nil {
			t.Error("the intake log does not name the source")
		}
		batch := `[` + anna(3) + `]`
		r = s.post(many, key, batch)
		wantProblem(t, r, 429, "RATE_LIMITED")
		wantLogged(t, s.last(), "RATE_LIMITED", 429, batch)
		if n := s.leadCount(); n != 2 {
			t.Errorf("got %d leads, want 2", n)
		}
		if r := s.post(one, other, anna(4)); r.status != 201 {
			t.Errorf("another source: got %d %s, want 201", r.status, r.body)
		}

		s.later.Add(int64(30 * time.Second))
		if r := s.post(one, key, anna(5)); r.status != 201 {
			t.Errorf("after the time to wait: got %d %s, want 201", r.status, r.body)
		}
		if _, err := s.leads.UpdateSource(s.system, row.ID, leads.SourcePatch{RatePerMinute: ptr(0)}); err != nil {
			t.Fatal(err)
		}
		for n := range 5 {
			if r := s.post(one, key, anna(10+n)); r.status != 201 {
				t.Errorf("once the limit is lifted: got %d %s, want 201", r.status, r.body)
			}
		}
	})
}

func TestStrangersFillTheLogOnlySoFar(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		answers := map[int]int{}
		for range 250 {
			r := s.post(one, "", "{}")
			answers[r.status]++
			if r.status == 429 {
				wantProblem(t, r, 429, "RATE_LIMITED")
				if got := r.header.Get("Retry-After"); got != "1" {
					t.Errorf("got Retry-After %q, want 1", got)
				}
			}
		}
		if n := len(s.attempts()); answers[401] != 200 || answers[429] != 50 || n != 200 {
			t.Errorf("got the answers %v and %d lines in the intake log, want 200 of 401 with a line each and 50 of 429", answers, n)
		}
		if r := s.post(one, s.source(leads.SourceInput{}), anna(1)); r.status != 201 {
			t.Errorf("a known source meanwhile: got %d %s, want 201", r.status, r.body)
		}
	})
}
