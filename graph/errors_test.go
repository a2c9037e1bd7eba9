package graph_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"channelbook/internal/auth"
	"channelbook/internal/gid"
	"channelbook/leads"
)

func (h *house) send(method, contentType, body string) *httptest.ResponseRecorder {
	h.t.Helper()
	r := httptest.NewRequestWithContext(h.t.Context(), method, "/query", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w
}

func TestWhatIsNoRequestIsRefusedWithoutAnEcho(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		const canary = "canary-4711"
		for name, c := range map[string]struct {
			method, contentType, body string
			status                    int
		}{
			"not JSON":       {http.MethodPost, "application/json", `{"query": ` + canary, 400},
			"trailing data":  {http.MethodPost, "application/json", `{"query":"{ __typename }"} ` + canary, 400},
			"a list":         {http.MethodPost, "application/json", `["` + canary + `"]`, 400},
			"another type":   {http.MethodPost, "text/plain", `{"query":"{ __typename }"}`, 415},
			"a form":         {http.MethodPost, "multipart/form-data; boundary=x", canary, 415},
			"another method": {http.MethodPut, "application/json", canary, 405},
			"too large":      {http.MethodPost, "application/json", `{"query":"` + strings.Repeat("x", 1<<20) + `"}`, 413},
		} {
			got := h.send(c.method, c.contentType, c.body)
			if got.Code != c.status || strings.Contains(got.Body.String(), canary) || !strings.Contains(got.Body.String(), `"BAD_REQUEST"`) {
				t.Errorf("%s: got %d %s, want %d and no echo", name, got.Code, got.Body, c.status)
			}
		}
	})
}

func TestTopLevelCodes(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin := h.admin("boss")
		stopped, key := h.source(leads.SourceInput{Name: "Stopped"})
		if _, err := h.leads.StopSource(h.system(), stopped.ID); err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			who   caller
			query string
			vars  vars
			code  string
		}{
			"nobody":                      {caller{}, `{ viewer { id } }`, nil, "UNAUTHENTICATED"},
			"a forged token":              {caller{"Authorization", "Bearer forged"}, `{ viewer { id } }`, nil, "UNAUTHENTICATED"},
			"another scheme":              {caller{"Authorization", "Basic Zm9v"}, `{ viewer { id } }`, nil, "UNAUTHENTICATED"},
			"an expired token":            {h.expired(), `{ viewer { id } }`, nil, "TOKEN_EXPIRED"},
			"an unknown key":              {caller{"X-Api-Key", "cb_nobody"}, `mutation { submitLead(input: {}) { outcome } }`, nil, "UNAUTHENTICATED"},
			"a stopped source":            {key, `mutation { submitLead(input: {}) { outcome } }`, nil, "FORBIDDEN"},
			"a person submits":            {admin, `mutation { submitLead(input: {}) { outcome } }`, nil, "FORBIDDEN"},
			"a field that is not there":   {admin, `{ viewer { logn } }`, nil, "GRAPHQL_VALIDATION_FAILED"},
			"no GraphQL":                  {admin, `{ viewer {`, nil, "GRAPHQL_PARSE_FAILED"},
			"a date that is none":         {admin, `query($d: Date) { leads(filter: {soldFrom: $d}) { totalCount } }`, vars{"d": "31.12.2026"}, "BAD_REQUEST"},
			"an amount that is none":      {admin, `{ leads(filter: {payoutFrom: "1e999999"}) { totalCount } }`, nil, "BAD_REQUEST"},
			"too deep":                    {admin, `{ leads { edges { node ` + strings.Repeat(`{ duplicateOf `, 15) + `{ id }` + strings.Repeat(` }`, 18), nil, "QUERY_TOO_COMPLEX"},
			"too much":                    {admin, `{ distributors(first: 100) { edges { node { leads(first: 100) { edges { node { id firstName events(first: 100) { edges { node { id } } } } } } } } } }`, nil, "QUERY_TOO_COMPLEX"},
			"too many tokens":             {admin, `{ ` + strings.Repeat(`__typename `, 2000) + `}`, nil, "GRAPHQL_PARSE_FAILED"},
			"a mutation by one's mistake": {admin, `mutation { nothing }`, nil, "GRAPHQL_VALIDATION_FAILED"},
		} {
			got := h.ask(c.who, c.query, c.vars)
			if got.code() != c.code {
				t.Errorf("%s: got %s, want %s", name, got.raw, c.code)
			}
			if strings.Contains(got.raw, "Did you mean") {
				t.Errorf("%s: got %s, which suggests names of the schema", name, got.raw)
			}
		}
	})
}

// expired is a caller whose token was good an hour ago.
func (h *house) expired() caller {
	h.t.Helper()
	before := *h.tokens
	before.Now = func() time.Time { return h.now().Add(-time.Hour) }
	token, _, err := before.Issue(auth.Viewer{Role: auth.Admin, UserID: gid.New(), SessionID: gid.New()})
	if err != nil {
		h.t.Fatal(err)
	}
	return caller{"Authorization", "Bearer " + token}
}

// TestFailuresOfOursTellNothing: what the base says stays in the log.
func TestFailuresOfOursTellNothing(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin := h.admin("boss")
		if _, err := h.db.ExecContext(h.system(), "DROP TABLE blacklist_entries"); err != nil {
			t.Fatal(err)
		}
		got := h.ask(admin, `{ blacklist { edges { node { id } } } }`, nil)
		if got.code() != "INTERNAL" || strings.Contains(got.raw, "blacklist_entries") || strings.Contains(got.raw, "SELECT") {
			t.Errorf("got %s, want INTERNAL without details", got.raw)
		}
	})
}

func TestSignInWorksWithAnExpiredToken(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.admin("boss")
		got := h.must(h.expired(), `mutation { signIn(input: {login: "boss", password: "a long enough password"}) { session { accessToken } viewer { login role } userErrors { code } } }`, nil)
		token, _ := got.at("signIn", "session", "accessToken").(string)
		if me := h.must(caller{"Authorization", "Bearer " + token}, `{ viewer { login } }`, nil); me.at("viewer", "login") != "boss" {
			t.Errorf("got %s, want boss", me.raw)
		}
	})
}

func TestAllFaultsOfAFormComeAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		got := h.ask(h.admin("boss"), `mutation { createDistributor(input: {companyName: " ", inn: "12", email: "x", bankDetails: {bik: "1"}}) {
			distributor { id } userErrors { code field message } } }`, nil)
		var fields []string
		for i := range 10 {
			if f, ok := got.at("createDistributor", "userErrors", i, "field").(string); ok {
				fields = append(fields, f)
			}
		}
		if want := "companyName inn email bankDetails.bik"; strings.Join(fields, " ") != want || h.db.Distributor.Query().CountX(h.system()) != 0 {
			t.Errorf("got %v, want faults on %s and no distributor", fields, want)
		}
	})
}

// TestRefusedSubmissionsStandInTheIntakeLog, as those over REST do.
func TestRefusedSubmissionsStandInTheIntakeLog(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.ask(caller{"X-Api-Key", "cb_nobody"}, `mutation { submitLead(input: {firstName: "Анна", phone: "8 912 345-67-89"}) { outcome } }`, nil)
		log := h.must(h.admin("boss"), `{ intakeAttempts { edges { node { outcome httpStatus rawBody source { id } } } } }`, nil).nodes("intakeAttempts")
		if len(log) != 1 || log[0]["outcome"] != "UNAUTHENTICATED" || log[0]["httpStatus"] != 401.0 || log[0]["source"] != nil ||
			!strings.Contains(log[0]["rawBody"].(string), "Анна") {
			t.Errorf("got %v, want the attempt with what was sent", log)
		}
	})
}

// TestAWrongIDComesWithAllOtherFaults: it is the id of something that is not there.
func TestAWrongIDComesWithAllOtherFaults(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		boss := h.admin("boss")
		for field, c := range map[string]struct {
			query string
			want  string
		}{
			"createLeadSource": {`mutation { createLeadSource(input: {name: " ", distributorId: "x", allowedDistributorIds: ["y"], dailyCap: 0}) { apiKey userErrors { code field } } }`,
				"allowedDistributorIds[0] dailyCap distributorId name"},
			"createUser": {`mutation { createUser(input: {login: "a b", password: "so tiny", role: DISTRIBUTOR, distributorId: "x"}) { user { id } userErrors { code field } } }`,
				"distributorId login password"},
		} {
			got := h.ask(boss, c.query, nil)
			var fields []string
			for i := range 10 {
				if f, ok := got.at(field, "userErrors", i, "field").(string); ok {
					fields = append(fields, f)
				}
			}
			slices.Sort(fields)
			if strings.Join(fields, " ") != c.want {
				t.Errorf("%s: got faults on %v, want them on %s", field, fields, c.want)
			}
		}
	})
}

// TestAMutationOutlivesItsClient, and a query does not: nobody reads its answer.
func TestAMutationOutlivesItsClient(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		boss := h.admin("boss")
		left, leave := context.WithCancel(t.Context())
		leave()
		made := h.askIn(left, boss, `mutation { createDistributor(input: {companyName: "Ромашка"}) { distributor { id } userErrors { code } } }`, nil)
		if made.at("createDistributor", "distributor", "id") == nil || h.db.Distributor.Query().CountX(h.system()) != 1 {
			t.Errorf("got %s, want the distributor made", made.raw)
		}
		if got := h.askIn(left, boss, `{ distributors { edges { node { id } } } }`, nil); got.code() != "TIMEOUT" {
			t.Errorf("got %s, want TIMEOUT", got.raw)
		}
	})
}
