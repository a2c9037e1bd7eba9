package graph_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"channelbook/graph"
	"channelbook/internal/dbtest"
)

// times writes n parts one after the other.
func times(n int, part func(i int) string) string {
	var all strings.Builder
	for i := range n {
		all.WriteString(part(i))
	}
	return all.String()
}

func same(part string) func(int) string { return func(int) string { return part } }

func numbered(format string) func(int) string {
	return func(i int) string { return fmt.Sprintf(format, i) }
}

// limits are the limits of a document: one at the limit, and one beyond it. What is at the limit may have other faults.
var limits = map[string]struct {
	document func(n int) string
	limit    int
	code     string // of what is beyond
}{
	"tokens":     {func(n int) string { return "{" + times(n-2, numbered("x%d ")) + "}" }, 1500, "GRAPHQL_PARSE_FAILED"},
	"operations": {func(n int) string { return times(n, numbered("query q%d { __typename } ")) }, 50, "QUERY_TOO_COMPLEX"},
	"fragments": {func(n int) string {
		return "{ ...f0 } " + times(n-1, numbered("fragment f%d on Query { __typename } "))
	}, 50, "QUERY_TOO_COMPLEX"},
	"variables":  {func(n int) string { return "query(" + times(n, numbered("$v%d: ID ")) + ") { __typename }" }, 100, "QUERY_TOO_COMPLEX"},
	"aliases":    {func(n int) string { return "{" + times(n, numbered("a%d: __typename ")) + "}" }, 100, "QUERY_TOO_COMPLEX"},
	"directives": {func(n int) string { return "{ __typename" + times(n, same(" @skip(if: false)")) + "}" }, 100, "QUERY_TOO_COMPLEX"},
	"directives of spreads": {func(n int) string {
		return "{ __typename" + times(n, same(" ... @skip(if: false) { __typename }")) + "}"
	}, 100, "QUERY_TOO_COMPLEX"},
	"one field": {func(n int) string { return "{" + times(n, same("__typename ")) + "}" }, 200, "QUERY_TOO_COMPLEX"},
	"one field in fragments": {func(n int) string {
		return "{ ...a ...b } fragment a on Query {" + times(n/2, same("__typename ")) + "} fragment b on Query {" + times(n-n/2, same("__typename ")) + "}"
	}, 200, "QUERY_TOO_COMPLEX"},
	"one fragment in operations": {func(n int) string {
		return times(n, numbered("query q%d { ...f } ")) + "fragment f on Query {" + times(40, same("__typename ")) + "}"
	}, 25, "QUERY_TOO_COMPLEX"},
	"one field by aliases": {func(n int) string { return "{" + times(n, same("viewer { a: id a: login } ")) + "}" }, 50, "QUERY_TOO_COMPLEX"},
	"bytes":                {func(n int) string { return "{ __typename } #" + strings.Repeat("x", n-16) }, 32 << 10, "BAD_REQUEST"},
	"depth": {func(n int) string {
		return "{ leads { edges { node" + strings.Repeat(" { duplicateOf", n-4) + " { id" + strings.Repeat(" }", n)
	}, 12, "QUERY_TOO_COMPLEX"},
	"fields": {func(n int) string {
		return "{ " + times(n/100, same("...f ")) + times(n%100, numbered("x%d: __typename ")) + "} fragment f on Query {" + times(99, same("__typename ")) + "}"
	}, 2000, "QUERY_TOO_COMPLEX"},
	"mutations": {func(n int) string {
		return "mutation {" + times(n, numbered("a%d: signOut { userErrors { code } } ")) + "}"
	}, 10, "QUERY_TOO_COMPLEX"},
	"cost": {func(n int) string {
		return fmt.Sprintf("{ leads(first: 100) { edges { node { events(first: %d) { totalCount } } } } }", n)
	}, 100, ""}, // 100 × 100 rows are within it
	"directives of variables": {func(n int) string { return "query($v: ID" + times(n, same(" @x")) + ") { __typename }" }, 100, "QUERY_TOO_COMPLEX"},
}

// TestADocumentHasItsLimits: what is at a limit is not refused for it, and what is beyond is refused before it is
// validated or executed.
func TestADocumentHasItsLimits(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	for name, c := range limits {
		t.Run(name, func(t *testing.T) {
			if got := h.ask(caller{}, c.document(c.limit), nil); got.code() == "QUERY_TOO_COMPLEX" || got.code() == "GRAPHQL_PARSE_FAILED" || got.status != 200 {
				t.Errorf("at the limit: got %.300s, want it let through", got.raw)
			}
			if c.code == "" {
				return
			}
			if got := h.ask(caller{}, c.document(c.limit+1), nil); got.code() != c.code || len(got.Errors) != 1 {
				t.Errorf("beyond the limit: got %.300s, want %s alone", got.raw, c.code)
			}
		})
	}
}

// TestAWholeFileOfAClientIsWithinTheLimits: some send it as it is, with the name of an operation.
func TestAWholeFileOfAClientIsWithinTheLimits(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	for _, file := range []string{"web.graphql", "mobile.graphql", "integrator.graphql"} {
		if got := h.ask(caller{}, read(t, "clients/"+file), nil); got.code() == "QUERY_TOO_COMPLEX" || got.code() == "GRAPHQL_PARSE_FAILED" {
			t.Errorf("%s: got %.300s, want it within the limits", file, got.raw)
		}
	}
}

// costOf is what extensions.cost of an answer says.
func (r reply) costOf(t *testing.T) (requested, limit float64) {
	t.Helper()
	c, _ := r.Extensions["cost"].(map[string]any)
	requested, asked := c["requested"].(float64)
	limit, limited := c["limit"].(float64)
	if !asked || !limited || limit != 50_000 && limit != 5_000 {
		t.Fatalf("got %s, want extensions.cost with requested and a limit of 50000, or of 5000 for a subscription", r.raw)
	}
	return requested, limit
}

func TestEveryAnswerTellsTheCost(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin, _ := filled(h, 1, 1)
		nested := `{ ...f0 } ` + times(40, func(i int) string { return fmt.Sprintf(`fragment f%d on Query { ...f%d ...f%d } `, i, i+1, i+1) }) +
			`fragment f40 on Query { __typename }`
		for name, c := range map[string]struct {
			who   caller
			query string
			vars  vars
			code  string
			want  float64
		}{
			"a page":                     {admin, `{ leads(first: 10) { edges { node { id phone } } } }`, nil, "", 41},
			"a page of the usual size":   {admin, `{ leads { edges { node { id } } } }`, nil, "", 61},
			"a page by a variable":       {admin, `query($n: Int) { leads(first: $n) { edges { node { id } } } }`, vars{"n": 2}, "", 7},
			"a page of a negative size":  {admin, `query($n: Int) { leads(first: $n) { edges { node { id } } } }`, vars{"n": -5}, "BAD_REQUEST", 301},
			"a page that is too large":   {admin, `{ leads(first: 1000000) { edges { node { id } } } }`, nil, "BAD_REQUEST", 301},
			"nodes":                      {admin, `query($ids: [ID!]!) { nodes(ids: $ids) { id } }`, vars{"ids": []string{"a", "b", "c"}}, "", 4},
			"a fragment, twice":          {admin, `{ a: leads(first: 10) { ...p } b: leads(first: 10) { ...p } } fragment p on LeadConnection { totalCount }`, nil, "", 22},
			"nobody":                     {caller{}, `{ leads(first: 10) { totalCount } }`, nil, "UNAUTHENTICATED", 11},
			"pages of pages":             {admin, `{ distributors(first: 100) { edges { node { leads(first: 100) { edges { node { id firstName events(first: 100) { edges { node { id } } } } } } } } } }`, nil, "QUERY_TOO_COMPLEX", 3_050_301},
			"what is spread without end": {admin, nested, nil, "QUERY_TOO_COMPLEX", 1_000_000_000},
			"too deep":                   {admin, `{ leads(first: 1) { edges { node ` + strings.Repeat(`{ duplicateOf `, 15) + `{ id }` + strings.Repeat(` }`, 18), nil, "QUERY_TOO_COMPLEX", 19},
			"what is no GraphQL":         {admin, `{`, nil, "GRAPHQL_PARSE_FAILED", 0},
			"what is not valid":          {admin, `{ nothing }`, nil, "GRAPHQL_VALIDATION_FAILED", 0},
		} {
			got := h.ask(c.who, c.query, c.vars)
			if requested, _ := got.costOf(t); requested != c.want || got.code() != c.code {
				t.Errorf("%s: got %q at a cost of %.0f, want %q at %.0f", name, got.code(), requested, c.code, c.want)
			}
		}
	})
}

// TestEveryPageHasItsPrice walks the schema: a field that takes first costs by it.
func TestEveryPageHasItsPrice(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	found := 0
	for _, d := range schema().Types {
		if d.Kind != ast.Object || d.Name == "Mutation" || strings.HasPrefix(d.Name, "__") {
			continue
		}
		for _, f := range d.Fields {
			if f.Arguments.ForName("first") == nil {
				if strings.HasSuffix(f.Type.Name(), "Connection") {
					t.Errorf("%s.%s is a connection without first", d.Name, f.Name)
				}
				continue
			}
			found++
			way := schemaWay(t, d.Name)
			cost := func(n int) float64 {
				selection := "{ __typename }"
				if schema().Types[f.Type.Name()].IsLeafType() {
					selection = ""
				}
				got := h.ask(caller{}, fmt.Sprintf(way, f.Name+argumentsOf(f, n)+" "+selection), nil)
				requested, _ := got.costOf(t)
				if requested == 0 {
					t.Fatalf("%s.%s: got %s, want its cost", d.Name, f.Name, got.raw)
				}
				return requested
			}
			if few, many := cost(1), cost(51); many < few+50 {
				t.Errorf("%s.%s costs %.0f for one row and %.0f for 51: it has no function in complexity.go", d.Name, f.Name, few, many)
			}
		}
	}
	if found < 11 {
		t.Errorf("got %d fields with pages, want 11 at least", found)
	}
}

// TestEveryListOfTheRootHasItsPrice: what is asked of a row counts for each of them, also where nobody says how many.
func TestEveryListOfTheRootHasItsPrice(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	cost := func(f *ast.FieldDefinition, selection string) float64 {
		got := h.ask(caller{}, "{ "+f.Name+argumentsOf(f, 10)+" { "+selection+" } }", nil)
		requested, _ := got.costOf(t)
		if requested == 0 {
			t.Fatalf("%s: got %s, want its cost", f.Name, got.raw)
		}
		return requested
	}
	found := 0
	for _, f := range schema().Query.Fields {
		isList := f.Type.Elem != nil || strings.HasSuffix(f.Type.Name(), "Connection")
		if !isList || strings.HasPrefix(f.Name, "__") || schema().Types[f.Type.Name()].IsLeafType() {
			continue
		}
		found++
		if one, two := cost(f, "__typename"), cost(f, "__typename a: __typename"); two < one+2 {
			t.Errorf("%s costs %.0f, and %.0f for one field more of each row: it has no function in complexity.go", f.Name, one, two)
		}
	}
	if found < 20 {
		t.Errorf("got %d lists, want 20 at least", found)
	}
}

// TestWhatWalksTheBaseIsDear: however little is asked of it, and however few rows.
func TestWhatWalksTheBaseIsDear(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	const days = `filter: {receivedFrom: "2026-01-01T00:00:00Z", receivedTo: "2026-04-11T00:00:00Z"}`
	for query, want := range map[string]float64{
		`{ leaderboard(period: {kind: MONTH, startsOn: "2026-11-01"}, first: 1) { rank } }`:                                                  1_001,
		`{ ledgerEntries(first: 1) { totalCount } }`:                                                                                         1_002,
		`{ sourceCollisions(from: "2026-11-01", to: "2026-11-02", first: 1) { totalCount } }`:                                                1_002,
		`{ payoutTotals(groupBy: MONTH) { label } }`:                                                                                         1_101,
		`{ leadStatus { count } }`:                                                                                                           1_004,
		`{ leadStats(groupBy: REGION) { leadCount } }`:                                                                                       1_100,
		`{ leadStats(groupBy: REGION) { previous { leadCount } } }`:                                                                          2_100,
		`{ leadStats(groupBy: DAY) { leadCount } }`:                                                                                          1_032,
		`{ leadStats(groupBy: DAY, ` + days + `) { leadCount } }`:                                                                            1_102,
		`{ leadStats(groupBy: WEEK, ` + days + `) { leadCount } }`:                                                                           1_016,
		`{ leadStats(groupBy: MONTH, ` + days + `) { leadCount } }`:                                                                          1_005,
		`{ leadStats(groupBy: DAY, filter: {receivedFrom: "0001-01-01T00:00:00Z", receivedTo: "9999-01-01T00:00:00Z"}) { leadCount } }`:      2_000,
		`{ leadStats(groupBy: DAY, filter: {receivedFrom: "9999-01-01T00:00:00Z", receivedTo: "0001-01-01T00:00:00Z"}) { leadCount } }`:      1_002,
		`{ viewer { distributor { payoutBalance { owed { amount } } } } }`:                                                                   9,
		`{ distributors(first: 1) { edges { node { goals(from: "2026-11-01", to: "2026-12-01") { changes(first: 1) { totalCount } } } } } }`: 31,
		`mutation($in: SetGoalsInput!) { setGoals(input: $in) { goals { id } } }`:                                                            7,
		`mutation { setGoals(input: {goals: []}) { goals { id } } }`:                                                                         3,
	} {
		one := vars{"distributorId": "x", "period": vars{"kind": "MONTH", "startsOn": "2026-11-01"}, "metric": "PAYOUT", "target": "1"}
		requested, _ := h.ask(caller{}, query, vars{"in": vars{"goals": []vars{one, one, one}}}).costOf(t)
		if requested != want {
			t.Errorf("%s: got %.0f, want %.0f", query, requested, want)
		}
	}
}

// schemaWay is a query that comes to an object of a type.
func schemaWay(t *testing.T, typeName string) string {
	t.Helper()
	if typeName == "Query" {
		return "{ %s }"
	}
	if typeName == "Subscription" {
		return "subscription { %s }"
	}
	if schema().Types[typeName].Interfaces != nil {
		return `{ node(id: "x") { ... on ` + typeName + ` { %s } } }`
	}
	for _, f := range schema().Query.Fields {
		if f.Type.Name() == typeName {
			return "{ " + f.Name + " { %s } }"
		}
	}
	t.Fatalf("there is no way to a %s: teach it to schemaWay", typeName)
	return ""
}

// argumentsOf are first, where a field takes it, and whatever else has to be given, in their brackets.
func argumentsOf(f *ast.FieldDefinition, first int) string {
	var all []string
	if f.Arguments.ForName("first") != nil {
		all = append(all, fmt.Sprintf("first: %d", first))
	}
	for _, a := range f.Arguments {
		if !a.Type.NonNull || a.DefaultValue != nil {
			continue
		}
		value := `"2026-11-23"`
		switch d := schema().Types[a.Type.Name()]; {
		case d.Kind == ast.Enum:
			value = d.EnumValues[0].Name
		case a.Name == "to":
			value = `"2026-12-23"`
		case a.Type.Elem != nil:
			value = `["x", "y"]`
		case d.Name == "PeriodInput":
			value = `{kind: MONTH, startsOn: "2026-11-01"}`
		}
		all = append(all, a.Name+": "+value)
	}
	if len(all) == 0 {
		return ""
	}
	return "(" + strings.Join(all, ", ") + ")"
}

// standardIntrospection is what GraphiQL and most tools send.
const standardIntrospection = `query IntrospectionQuery { __schema { description queryType { name } mutationType { name } subscriptionType { name }
  types { ...FullType } directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } } } }
fragment FullType on __Type { kind name description specifiedByURL isOneOf
  fields(includeDeprecated: true) { name description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason }
  inputFields(includeDeprecated: true) { ...InputValue } interfaces { ...TypeRef }
  enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } }
fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue isDeprecated deprecationReason }
fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
  ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }`

func TestIntrospectionIsBounded(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	standard := h.must(caller{}, standardIntrospection, nil)
	if requested, limit := standard.costOf(t); requested < 1_000 || requested > limit/2 {
		t.Errorf("the standard query costs %.0f, want it priced, and with room for a schema that grows", requested)
	}
	for name, query := range map[string]string{
		"aliased lists":      `{ __schema { types { ` + times(30, numbered(`f%d: fields { type { fields { name } } } `)) + `} } }`,
		"aliased twice":      `{ __schema { types { ` + times(9, numbered(`f%d: fields { type { `+times(10, numbered(`g%d: fields { name } `))+`} } `)) + `} } }`,
		"the schema, often":  `{ ` + times(60, numbered(`s%d: __schema { types { fields { name args { name } } } } `)) + `}`,
		"by fragments":       `{ ` + times(40, numbered(`s%d: __schema { ...s } `)) + `} fragment s on __Schema { types { ...t } } fragment t on __Type { fields { args { name description type { name kind ofType { name } } } } }`,
		"lists within lists": `{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }`,
	} {
		if got := h.ask(caller{}, query, nil); got.code() != "QUERY_TOO_COMPLEX" && got.code() != "GRAPHQL_VALIDATION_FAILED" || len(got.raw) > 4<<10 {
			t.Errorf("%s: got %.300s, want it refused", name, got.raw)
		}
	}
	if got := h.must(caller{}, `{ __type(name: "Lead") { fields { name } } }`, nil); len(got.at("__type", "fields").([]any)) < 10 {
		t.Errorf("got %s, want the fields of a lead", got.raw)
	}
}

func TestIntrospectionCanBeOff(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	edge := h.edge
	edge.NoIntrospection = true
	h.handler = handlerOf(t, edge)
	for name, query := range map[string]string{
		"the standard query": standardIntrospection,
		"a type":             `{ __type(name: "Lead") { name } }`,
		"aliased":            `{ a: __schema { queryType { name } } }`,
		"in a fragment":      `{ ...a } fragment a on Query { ... { __schema { queryType { name } } } }`,
		"of a mutation":      `mutation { __schema { queryType { name } } }`,
	} {
		got := h.ask(caller{}, query, nil)
		if name == "of a mutation" && got.code() == "GRAPHQL_VALIDATION_FAILED" {
			continue // it is no field of mutations
		}
		if got.code() != "FORBIDDEN" || strings.Contains(got.raw, "queryType") || strings.Contains(got.raw, `"Lead"`) {
			t.Errorf("%s: got %.300s, want FORBIDDEN", name, got.raw)
		}
	}
	if got := h.must(caller{}, `{ __typename }`, nil); got.at("__typename") != "Query" {
		t.Errorf("got %s, want __typename answered", got.raw)
	}
}

// loaded are the operations of files, by their names.
func loaded(t *testing.T, files map[string]string) (*graph.Operations, error) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return graph.LoadOperations(dir)
}
