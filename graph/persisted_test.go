package graph_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"channelbook/internal/dbtest"
	"channelbook/leads"
)

func hashOf(query string) string {
	sum := sha256.Sum256([]byte(query))
	return hex.EncodeToString(sum[:])
}

// persisted sends a hash, and a query where one is given.
func (h *house) persisted(who caller, query, hash string) reply {
	h.t.Helper()
	body := map[string]any{"extensions": vars{"persistedQuery": vars{"version": 1, "sha256Hash": hash}}}
	if query != "" {
		body["query"] = query
	}
	text, err := json.Marshal(body)
	if err != nil {
		h.t.Fatal(err)
	}
	return h.sent(who, "request-1", string(text))
}

// byGET asks for a hash in an address.
func (h *house) byGET(hash string) *httptest.ResponseRecorder {
	return httpCase{method: "GET", query: get("extensions", `{"persistedQuery":{"version":1,"sha256Hash":"`+hash+`"}}`)}.send(h)
}

func TestAQueryIsAskedForByItsHash(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	const query = `{ __typename }`
	hash := hashOf(query)
	first := h.persisted(caller{}, "", hash)
	if first.code() != "PERSISTED_QUERY_NOT_FOUND" || first.Errors[0].Message != "PersistedQueryNotFound" || first.status != 200 {
		t.Errorf("got %d %s, want PersistedQueryNotFound", first.status, first.raw)
	}
	if got := h.persisted(caller{}, query, hash); got.at("__typename") != "Query" {
		t.Errorf("with the query: got %s, want it answered", got.raw)
	}
	if got := h.persisted(caller{}, "", hash); got.at("__typename") != "Query" {
		t.Errorf("by its hash: got %s, want it answered", got.raw)
	}
	if got := h.persisted(caller{}, "", strings.ToUpper(hash)); got.at("__typename") != "Query" {
		t.Errorf("by its hash in capitals: got %s, want it answered", got.raw)
	}
	if got := h.byGET(hash); got.Code != 200 || !strings.Contains(got.Body.String(), `"Query"`) {
		t.Errorf("by GET: got %d %s, want it answered", got.Code, got.Body)
	}
	mutation := `mutation { signOut { userErrors { code } } }`
	h.persisted(caller{}, mutation, hashOf(mutation))
	if got := h.byGET(hashOf(mutation)); got.Code != 405 {
		t.Errorf("a mutation by GET: got %d %s, want 405", got.Code, got.Body)
	}
}

// TestAHashOfASourceIsNoAttempt, and what it sends that is not valid GraphQL is one.
func TestAHashOfASourceIsNoAttempt(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	_, key := h.source(leads.SourceInput{Name: "Landing"})
	h.persisted(key, "", hashOf("{ __typename }"))
	if n := h.db.IntakeAttempt.Query().CountX(h.system()); n != 0 {
		t.Errorf("got %d lines in the intake log, want none", n)
	}
	h.ask(key, `mutation { submitLead(input: {nope: 1}) { outcome } }`, nil)
	if n := h.db.IntakeAttempt.Query().CountX(h.system()); n != 1 {
		t.Errorf("got %d lines in the intake log, want one", n)
	}
}

func TestAHashThatIsNoneIsRefused(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	const canary = "canary-4711"
	for name, sent := range map[string]string{
		"of another query":     `{"version":1,"sha256Hash":"` + hashOf(canary) + `"}`,
		"another version":      `{"version":2,"sha256Hash":"` + hashOf(`{ __typename }`) + `"}`,
		"no version":           `{"sha256Hash":"` + hashOf(`{ __typename }`) + `"}`,
		"a version as a text":  `{"version":"1","sha256Hash":"` + hashOf(`{ __typename }`) + `"}`,
		"no hash":              `{"version":1}`,
		"a short one":          `{"version":1,"sha256Hash":"` + canary + `"}`,
		"a number":             `{"version":1,"sha256Hash":4711}`,
		"a list":               `["` + canary + `"]`,
		"a text":               `"` + canary + `"`,
		"an object in it":      `{"version":1,"sha256Hash":{"` + canary + `":1}}`,
		"false, which is none": `false`,
	} {
		got := h.sent(caller{}, "request-1", `{"query":"{ __typename }","extensions":{"persistedQuery":`+sent+`}}`)
		if got.code() != "BAD_REQUEST" || strings.Contains(got.raw, "4711") {
			t.Errorf("%s: got %s, want BAD_REQUEST without an echo", name, got.raw)
		}
	}
}

// TestWhatIsRefusedIsNotKept: only a query that could be executed takes room.
func TestWhatIsRefusedIsNotKept(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	for _, query := range []string{`{`, `{ nothing }`, `{` + strings.Repeat(" __typename", 201) + ` }`, `{ leads(first: 100) { edges { node { events(first: 100) { edges { node { id kind text } } } } } } }`} {
		first := h.persisted(caller{}, query, hashOf(query))
		if got := h.persisted(caller{}, "", hashOf(query)); len(first.Errors) == 0 || got.code() != "PERSISTED_QUERY_NOT_FOUND" {
			t.Errorf("%.40s: got %.200s, then %.200s, want it refused and not kept", query, first.raw, got.raw)
		}
	}
}

// TestStrangersPushNothingOut: what somebody who has signed in asks for stays, whatever others send.
func TestStrangersPushNothingOut(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	const query = `{ viewer { id } }`
	h.persisted(h.admin("boss"), query, hashOf(query))
	junk := func(i int) string { return fmt.Sprintf("{ __typename } # %d %s", i, strings.Repeat("x", 16<<10)) }
	for i := range 300 { // 4.8 MB, more than there is room for in all
		h.persisted(caller{}, junk(i), hashOf(junk(i)))
	}
	if got := h.persisted(caller{}, "", hashOf(query)); got.code() == "PERSISTED_QUERY_NOT_FOUND" {
		t.Errorf("got %s, want the query still there", got.raw)
	}
	if got := h.persisted(caller{}, "", hashOf(junk(0))); got.code() != "PERSISTED_QUERY_NOT_FOUND" {
		t.Errorf("got %s, want the oldest one gone", got.raw)
	}
	if got := h.persisted(caller{}, "", hashOf(junk(299))); got.at("__typename") != "Query" {
		t.Errorf("got %s, want the newest one there", got.raw)
	}
}

// clientFiles are the clients' documents.
func clientFiles(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	for name, text := range clientOperations(t) {
		files["clients/"+name+".graphql"] = text
	}
	return files
}

func (h *house) onlyClients(t *testing.T, files map[string]string) *house {
	t.Helper()
	operations, err := loaded(t, files)
	if err != nil {
		t.Fatal(err)
	}
	edge := h.edge
	edge.Operations = operations
	only := *h
	only.t, only.handler = t, handlerOf(t, edge)
	return &only
}

const ownOperations = `query Me { viewer { ...Parts } }
# Somebody's page of leads.
query Page($first: Int! = 5) { leads(first: $first, filter: {search: "x"}) { totalCount edges { node { id ...on Lead { firstName } } } } }
mutation Out { signOut { userErrors { code } } }`

const ownFragments = `fragment Parts on User { id login ...More } fragment More on User { role }`

// TestOnlyTheOperationsOnTheListAreExecuted, however a client writes them.
func TestOnlyTheOperationsOnTheListAreExecuted(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin := h.admin("boss")
		h = h.onlyClients(t, map[string]string{"web/operations.graphql": ownOperations, "fragments.graphql": ownFragments, "README.md": "{"})
		for name, c := range map[string]struct {
			query string
			ok    bool
		}{
			"as it stands":                     {`query Me { viewer { ...Parts } } ` + ownFragments, true},
			"other spaces and order":           {ownFragments + "\n\n# a comment\nquery Me{viewer{...Parts}}", true},
			"with __typename for a cache":      {`query Me { __typename viewer { __typename ...Parts } } fragment More on User { role __typename } fragment Parts on User { id login ...More __typename }`, true},
			"the whole file":                   {ownOperations + ownFragments, false}, // with no name, so none is chosen
			"another name":                     {`query Mine { viewer { ...Parts } } ` + ownFragments, false},
			"one field more":                   {`query Me { viewer { ...Parts email } } ` + ownFragments, false},
			"one field more in a fragment":     {`query Me { viewer { ...Parts } } fragment Parts on User { id login ...More } fragment More on User { role email }`, false},
			"a fragment of the same name":      {`query Me { viewer { ...Parts } } fragment Parts on User { email }`, false},
			"an alias":                         {`query Me { me: viewer { ...Parts } } ` + ownFragments, false},
			"__typename by another name":       {`query Me { viewer { email: __typename ...Parts } } ` + ownFragments, false},
			"a directive":                      {`query Me { viewer { ...Parts @include(if: true) } } ` + ownFragments, false},
			"another argument":                 {`query Page($first: Int! = 5) { leads(first: $first, filter: {search: "y"}) { totalCount edges { node { id ...on Lead { firstName } } } } }`, false},
			"another default":                  {`query Page($first: Int! = 100) { leads(first: $first, filter: {search: "x"}) { totalCount edges { node { id ...on Lead { firstName } } } } }`, false},
			"arguments in their order":         {`query Page($first: Int! = 5) { leads(first: $first, filter: {search: "x"}) { totalCount edges { node { id ...on Lead { firstName } } } } }`, true},
			"introspection":                    {standardIntrospection, false},
			"__typename alone":                 {`{ __typename }`, false},
			"an operation beside one of these": {`query Me { viewer { ...Parts } } query Other { viewer { email } } ` + ownFragments, false},
		} {
			got := h.ask(admin, c.query, nil)
			if c.ok && len(got.Errors) > 0 || !c.ok && (len(got.Errors) == 0 || got.Data != nil) {
				t.Errorf("%s: got %.300s, want executed %v", name, got.raw, c.ok)
			}
			if name == "one field more" && got.code() != "FORBIDDEN" {
				t.Errorf("%s: got %s, want FORBIDDEN", name, got.raw)
			}
		}
		named := h.sent(admin, "request-1", jsonOf(t, map[string]any{"query": ownOperations + ownFragments, "operationName": "Me"}))
		if named.at("viewer", "login") != "boss" {
			t.Errorf("the whole file, with a name: got %s, want it executed", named.raw)
		}
	})
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestOperationsOnTheListAreAskedForByTheirHash: those that a file holds alone from the start, others once they were sent.
func TestOperationsOnTheListAreAskedForByTheirHash(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	const alone = "query Alone { viewer { id } }\n"
	only := h.onlyClients(t, map[string]string{"alone.graphql": alone, "others.graphql": ownOperations + ownFragments})
	for _, text := range []string{alone, strings.TrimSpace(alone)} {
		if got := only.persisted(caller{}, "", hashOf(text)); got.code() != "UNAUTHENTICATED" {
			t.Errorf("got %s, want it begun", got.raw)
		}
	}
	sent := `mutation Out{signOut{userErrors{code}}}`
	if got := only.persisted(caller{}, "", hashOf(sent)); got.code() != "PERSISTED_QUERY_NOT_FOUND" {
		t.Errorf("got %s, want PERSISTED_QUERY_NOT_FOUND", got.raw)
	}
	only.persisted(caller{}, sent, hashOf(sent))
	if got := only.persisted(caller{}, "", hashOf(sent)); got.code() != "UNAUTHENTICATED" {
		t.Errorf("got %s, want it begun", got.raw)
	}
	other := `{ viewer { email } }`
	only.persisted(caller{}, other, hashOf(other))
	if got := only.persisted(caller{}, "", hashOf(other)); got.code() != "PERSISTED_QUERY_NOT_FOUND" {
		t.Errorf("got %s, want what is not on the list not kept", got.raw)
	}
}

// TestTheClientsDocumentsCanBeTheList.
func TestTheClientsDocumentsCanBeTheList(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	only := h.onlyClients(t, clientFiles(t))
	for file, text := range clientFiles(t) {
		if got := only.ask(caller{}, text, nil); got.code() == "FORBIDDEN" {
			t.Errorf("%s: got %s, want it on the list", file, got.raw)
		}
	}
}

// TestAListThatDoesNotHoldStopsTheStart, with file and line of each fault.
func TestAListThatDoesNotHoldStopsTheStart(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"no GraphQL":          {map[string]string{"a.graphql": "query A {\n viewer {\n"}, []string{"a.graphql:3"}},
		"an unknown field":    {map[string]string{"a.graphql": "query A { viewer { id } }\nquery B {\n  viewer {\n    nothing\n  }\n}"}, []string{"a.graphql:4: B: ", `"nothing"`}},
		"in another's part":   {map[string]string{"a.graphql": "query A { viewer { ...P } }", "p.graphql": "\nfragment P on User { nothing }"}, []string{"p.graphql:2: A: "}},
		"a missing fragment":  {map[string]string{"a.graphql": "query A { viewer { ...P } }"}, []string{"a.graphql:1: A: ", `"P"`}},
		"in two files":        {map[string]string{"a.graphql": "query A { nope }", "b/b.graphql": "query B { nope }"}, []string{"a.graphql:1: A: ", "b.graphql:1: B: "}},
		"beyond the limits":   {map[string]string{"a.graphql": "\nquery A {" + strings.Repeat(" __typename", 201) + " }"}, []string{"a.graphql:2: A: "}},
		"more than 1 500":     {map[string]string{"a.graphql": "query A {" + times(1500, numbered(" a%d")) + " }"}, []string{"a.graphql:1: A: ", "1500"}},
		"nothing in a folder": {map[string]string{"a.txt": "query A { viewer { id } }"}, []string{"there is no operation"}},
		"fragments alone":     {map[string]string{"a.graphql": "fragment P on User { id }"}, []string{"there is no operation"}},
		"itself in a circle":  {map[string]string{"a.graphql": "query A { viewer { ...P } } fragment P on User { ...P }"}, []string{"a.graphql:1: A: "}},
	} {
		_, err := loaded(t, c.files)
		if err == nil {
			t.Errorf("%s: got no error, want %v", name, c.want)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want %s", name, err, want)
			}
		}
	}
}

// TestFaultsAreCountedWhileTheyAreFound: a document with very many costs no more than one with 20.
func TestFaultsAreCountedWhileTheyAreFound(t *testing.T) {
	_, err := loaded(t, map[string]string{"a.graphql": "query A {" + times(400, numbered(" x%d")) + " }"})
	if err == nil || strings.Count(err.Error(), "\n") != 19 {
		t.Errorf("got %v, want 20 faults", err)
	}
}
