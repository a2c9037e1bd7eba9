package graph_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"channelbook/ent/sealed"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/leads"
)

// TestNestedFragmentsCostNothing: each of 100 fragments spreads the next one twice, which are 2^100 fields.
func TestNestedFragmentsCostNothing(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		var query strings.Builder
		query.WriteString(`{ ...f0 } `)
		for i := range 100 {
			fmt.Fprintf(&query, `fragment f%d on Query { ...f%d ...f%d } `, i, i+1, i+1)
		}
		query.WriteString(`fragment f100 on Query { __typename }`)
		answered := make(chan reply, 1)
		go func() { answered <- h.ask(caller{}, query.String(), nil) }()
		select {
		case got := <-answered:
			if got.code() != "QUERY_TOO_COMPLEX" {
				t.Errorf("got %s, want QUERY_TOO_COMPLEX", got.raw)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("got no answer, want QUERY_TOO_COMPLEX at once")
		}
	})
}

func TestARequestHasFewMutations(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		var query strings.Builder
		query.WriteString(`mutation {`)
		for i := range 11 {
			fmt.Fprintf(&query, ` a%d: signIn(input: {login: "boss", password: "guess %d"}) { userErrors { code } }`, i, i)
		}
		query.WriteString(`}`)
		if got := h.ask(caller{}, query.String(), nil); got.code() != "QUERY_TOO_COMPLEX" {
			t.Errorf("got %s, want QUERY_TOO_COMPLEX", got.raw)
		}
	})
}

// TestMembersOfAnotherTypeAreNotEchoed: gqlgen would print the body.
func TestMembersOfAnotherTypeAreNotEchoed(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for _, body := range []string{
			`{"query": 1, "password": "canary"}`, `{"query": "{ __typename }", "variables": "canary"}`,
			`{"query": "{ __typename }", "extensions": ["canary"]}`, `{"query": "{ __typename } #canary` + strings.Repeat("x", 40_000) + `"}`,
		} {
			if got := h.send(http.MethodPost, "application/json", body); got.Code != 400 || strings.Contains(got.Body.String(), "canary") {
				t.Errorf("got %d %s, want 400 without an echo", got.Code, got.Body)
			}
		}
	})
}

// TestAStrangersSubmissionsAreOneLine: aliases do not fill the intake log.
func TestAStrangersSubmissionsAreOneLine(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.ask(caller{}, `mutation($in: SubmitLeadInput!) { a: submitLead(input: $in) { outcome } b: submitLead(input: $in) { outcome } }`,
			vars{"in": vars{"firstName": strings.Repeat("А", 100_000)}})
		log := h.db.IntakeAttempt.Query().AllX(h.system())
		if len(log) != 1 || len(log[0].RawBodySealed) > 9<<10 {
			t.Errorf("got %d lines, want one with the beginning of the body", len(log))
		}
	})
}

// TestWhatIsNotGraphQLOfASourceStandsInTheLog, and is answered with what is wrong.
func TestWhatIsNotGraphQLOfASourceStandsInTheLog(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		_, key := h.source(leads.SourceInput{Name: "Landing"})
		const submit = `mutation($in: SubmitLeadInput!) { submitLead(input: $in) { outcome userErrors { code field } } }`
		for i, in := range []vars{{"firstName": "Анна", "test": "yes"}, {"firstName": "Анна", "nope": "canary"}} {
			if got := h.ask(key, submit, vars{"in": in}); got.code() != "GRAPHQL_VALIDATION_FAILED" {
				t.Errorf("%v: got %s, want GRAPHQL_VALIDATION_FAILED", in, got.raw)
			}
			log := h.db.IntakeAttempt.Query().AllX(h.system())
			if len(log) != i+1 || log[i].Outcome != "MALFORMED" || log[i].SourceID == nil || !strings.Contains(dbtest.Opened(t, sealed.AttemptRawBody, log[i].ID, log[i].RawBodySealed), "Анна") {
				t.Errorf("%v: got %v, want a line with what was sent", in, log)
			}
		}
		got := h.ask(key, submit, vars{"in": vars{"phone": "1", "consent": vars{"givenAt": "yesterday"}}})
		for _, want := range []string{"firstName", "phone", "consent.purpose", "consent.textVersion", "consent.givenAt"} {
			if !strings.Contains(got.raw, `"`+want+`"`) {
				t.Errorf("got %s, want a fault on %s as well", got.raw, want)
			}
		}
	})
}

func TestALeadOverGraphQLHasItsSize(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		_, key := h.source(leads.SourceInput{Name: "Landing"})
		got := h.ask(key, `mutation($in: SubmitLeadInput!) { submitLead(input: $in) { outcome userErrors { code } } }`,
			vars{"in": vars{"firstName": "Анна", "email": "a@example.ru", "funnel": strings.Repeat("x", 70_000)}})
		if got.at("submitLead", "outcome") != "INVALID" || !strings.Contains(got.raw, "TOO_LARGE") {
			t.Errorf("got %s, want INVALID and TOO_LARGE", got.raw)
		}
	})
}

// TestAliasesShowTheSameRowsAtSeveralPlaces: each with its own fields and arguments.
func TestAliasesShowTheSameRowsAtSeveralPlaces(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin, _ := filled(h, 1, 3)
		got := h.must(admin, `{ leads(first: 1) { a: edges { node { distributor { companyName } } } b: edges { node { distributor { id status } } } } }`, nil)
		if got.at("leads", "a", 0, "node", "distributor", "companyName") == "" || got.at("leads", "b", 0, "node", "distributor", "status") != "ACTIVE" {
			t.Errorf("got %s, want each place's own fields", got.raw)
		}
		got = h.must(admin, `{ distributors { a: edges { node { leads(first: 1, filter: {statuses: [NEW]}) { totalCount } } }
			b: edges { node { leads(first: 2, filter: {statuses: [SALE]}) { totalCount } } } } }`, nil)
		if got.at("distributors", "a", 0, "node", "leads", "totalCount") != 3.0 || got.at("distributors", "b", 0, "node", "leads", "totalCount") != 0.0 {
			t.Errorf("got %s, want 3 new leads and no sale", got.raw)
		}
		id := gid.Lead.Format(h.db.Lead.Query().FirstIDX(h.system()))
		got = h.must(admin, `mutation($in: AddLeadNoteInput!) { addLeadNote(input: $in) { userErrors { code }
			a: lead { events(first: 1) { edges { node { kind } } } } b: lead { events(first: 5) { edges { node { text kind } } } } } }`,
			vars{"in": vars{"leadId": id, "text": "Заметка"}})
		if len(got.nodes("addLeadNote", "a", "events")) != 1 || len(got.nodes("addLeadNote", "b", "events")) != 3 ||
			got.at("addLeadNote", "b", "events", "edges", 2, "node", "text") != "Заметка" {
			t.Errorf("got %s, want one event and all three", got.raw)
		}
	})
}

// TestManyParentsOfANestedList: SQLite puts at most 500 selections together.
func TestManyParentsOfANestedList(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin, _ := filled(h, 6, 85)
		got, list := h.statements(t, admin, `{ distributors(first: 6) { edges { node { leads(first: 100) { edges { node { events(first: 1) { edges { node { id } } } } } } } } } }`, nil)
		n := strings.Count(got.raw, `"event_`)
		if n != 510 {
			t.Errorf("got events of %d leads, want 510", n)
		}
		if len(list) != 5 { // distributors, leads, events of 200, 200 and 110 leads
			t.Errorf("got %d statements, want 5", len(list))
		}
	})
}

// TestAZeroCharacterIsInNoRow: PostgreSQL refuses a text with one.
func TestAZeroCharacterIsInNoRow(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin, _ := filled(h, 1, 1)
		const zero = "a\x00"
		inRange := func(f vars) vars {
			f["receivedFrom"], f["receivedTo"] = "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"
			return f
		}
		for _, f := range schema().Types["LeadFilter"].Fields {
			if f.Type.Name() != "String" {
				continue
			}
			if got := h.must(admin, pageOfLeads, vars{"filter": inRange(vars{f.Name: zero})}); got.at("leads", "totalCount") != 0.0 {
				t.Errorf("%s: got %s, want nothing", f.Name, got.raw)
			}
		}
		for name, query := range map[string]string{
			"sub-ids":    `query($z: String!) { leads(filter: {subIds: [{index: 1, value: $z}], receivedFrom: "2026-11-01T00:00:00Z", receivedTo: "2026-12-01T00:00:00Z"}) { edges { node { id } } } }`,
			"search":     `query($z: String) { distributors(filter: {search: $z}) { edges { node { id } } } }`,
			"inn":        `query($z: String) { distributors(filter: {inn: $z}) { edges { node { id } } } }`,
			"reason":     `query($z: String) { blacklist(filter: {reason: $z}) { edges { node { id } } } }`,
			"value":      `query($z: String) { blacklist(filter: {value: $z}) { edges { node { id } } } }`,
			"an address": `query($z: String) { intakeAttempts(filter: {remoteAddress: $z}) { edges { node { id } } } }`,
		} {
			if got := h.must(admin, query, vars{"z": zero}); strings.Contains(got.raw, `"id"`) {
				t.Errorf("%s: got %s, want nothing", name, got.raw)
			}
		}
	})
}

// TestALeadOverRESTIsRepeatedOverGraphQL: one path stands behind both, so the same content is the same lead.
func TestALeadIsTheSameInAnyWritingOfItsTime(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		_, key := h.source(leads.SourceInput{Name: "Landing"})
		var references []any
		for _, at := range []string{"2026-11-20T10:11:12+03:00", "2026-11-20T07:11:12Z", "2026-11-20T07:11:12.000Z"} {
			got := h.must(key, `mutation($in: SubmitLeadInput!) { submitLead(input: $in) { reference userErrors { code } } }`, vars{"in": vars{
				"externalId": "1", "firstName": "Анна", "email": "a@example.ru", "consent": vars{"purpose": "lead", "textVersion": "1", "givenAt": at}}})
			references = append(references, got.at("submitLead", "reference"))
		}
		if references[0] == nil || references[0] != references[1] || references[1] != references[2] {
			t.Errorf("got the references %v, want one", references)
		}
	})
}

// TestASourceAsksForNothingElse walks the root fields with a source's key.
func TestASourceAsksForNothingElse(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		_, key := h.source(leads.SourceInput{Name: "Landing"})
		own := []string{"submitLead", "submitLeads", "submittedLead", "signIn with a code", "refreshSession"}
		for name, a := range strangersAttempts(map[string]string{"lead": gid.Lead.Format(gid.New())}) {
			if strings.Contains(strings.Join(own, " "), name) {
				continue
			}
			if got := h.ask(key, a.query, a.vars); got.code() != "FORBIDDEN" {
				t.Errorf("%s: got %s, want FORBIDDEN", name, got.raw)
			}
		}
	})
}

// TestEveryListHasPages walks each list in steps of one.
func TestEveryListHasPages(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin, companies := filled(h, 3, 1)
		for i := range 3 {
			h.worker(fmt.Sprintf("worker%d", i), companies[0])
			h.source(leads.SourceInput{Name: "Same name"})
			h.signedIn("boss")
			h.must(admin, `mutation($in: AddToBlacklistInput!) { addToBlacklist(input: $in) { entry { id } userErrors { code } } }`,
				vars{"in": vars{"kind": "DOMAIN", "value": fmt.Sprintf("d%d.example", i)}})
		}
		id := gid.Distributor.Format(companies[0])
		lead := gid.Lead.Format(h.db.Lead.Query().FirstIDX(h.system()))
		for name, c := range map[string]struct {
			query string
			path  []any
			want  int
		}{
			"users":                  {`query($after: String) { users(first: 1, after: $after) { totalCount pageInfo { hasNextPage endCursor } edges { node { id } } } }`, []any{"users"}, 4},
			"sessions":               {`query($after: String) { sessions(first: 1, after: $after) { totalCount pageInfo { hasNextPage endCursor } edges { node { id } } } }`, []any{"sessions"}, 3},
			"leadSources":            {`query($after: String) { leadSources(first: 1, after: $after) { totalCount pageInfo { hasNextPage endCursor } edges { node { id } } } }`, []any{"leadSources"}, 4},
			"distributors":           {`query($after: String) { distributors(first: 1, after: $after, orderBy: {field: CREATED_AT}) { totalCount pageInfo { hasNextPage endCursor } edges { node { id } } } }`, []any{"distributors"}, 3},
			"by name, backwards":     {`query($after: String) { distributors(first: 1, after: $after, orderBy: {field: COMPANY_NAME, direction: DESC}) { totalCount pageInfo { hasNextPage endCursor } edges { node { id } } } }`, []any{"distributors"}, 3},
			"intakeAttempts":         {`query($after: String) { intakeAttempts(first: 1, after: $after) { totalCount pageInfo { hasNextPage endCursor } edges { node { id } } } }`, []any{"intakeAttempts"}, 3},
			"blacklist":              {`query($after: String) { blacklist(first: 1, after: $after) { totalCount pageInfo { hasNextPage endCursor } edges { node { id } } } }`, []any{"blacklist"}, 3},
			"users of a distributor": {`query($after: String) { distributor(id: "` + id + `") { users(first: 1, after: $after) { totalCount pageInfo { hasNextPage endCursor } edges { node { id } } } } }`, []any{"distributor", "users"}, 3},
			"events of a lead":       {`query($after: String) { lead(id: "` + lead + `") { events(first: 1, after: $after) { pageInfo { hasNextPage endCursor } edges { node { id } } } } }`, []any{"lead", "events"}, 2},
		} {
			found := map[string]bool{}
			var after any
			for range 10 {
				got := h.must(admin, c.query, vars{"after": after})
				for _, n := range got.nodes(c.path...) {
					found[n["id"].(string)] = true
				}
				at := func(field ...any) any { return got.at(append(append([]any{}, c.path...), field...)...) }
				if total := at("totalCount"); total != nil && total != float64(c.want) {
					t.Errorf("%s: got a count of %v, want %d", name, total, c.want)
				}
				if after = at("pageInfo", "endCursor"); at("pageInfo", "hasNextPage") != true {
					break
				}
			}
			if len(found) != c.want {
				t.Errorf("%s: got %d rows over its pages, want %d", name, len(found), c.want)
			}
		}
		other := h.must(admin, `{ intakeAttempts(first: 1) { pageInfo { endCursor } } }`, nil).at("intakeAttempts", "pageInfo", "endCursor")
		if got := h.ask(admin, pageOfLeads, vars{"after": other}); got.code() != "BAD_REQUEST" {
			t.Errorf("got %s for another list's cursor, want BAD_REQUEST", got.raw)
		}
	})
}
