package hostile

import (
	"fmt"
	"strings"
)

// Limit is one limit of the edge with the attack that it is there for.
type Limit struct {
	Name, Is, Attack string
	At, Beyond       func() Answer // Beyond may be nil where there is nothing beyond
	Once             bool          // it takes seconds
}

// Limits are those that docs/security.md lists.
func (s *Site) Limits() []Limit {
	query := func(token, q string) func() Answer { return func() Answer { return s.Do(s.query(token, q, nil)) } }
	posted := func(path, body string, headers ...string) func() Answer {
		return func() Answer { return s.Do(s.post(path, asJSON, body, headers...)) }
	}
	key := []string{"X-Api-Key", s.Key}
	picture := func(body string) func() Answer {
		return func() Answer { return s.Do(s.request("PUT", s.Logo, body, "Authorization", "Bearer "+s.Worker)) }
	}
	header := func(bytes int) func() Answer { return func() Answer { return s.raw(s.header(bytes)) } }
	get := func(bytes int) func() Answer {
		const begins = "query={__typename}%23"
		return func() Answer {
			return s.Do(s.request("GET", "/query?"+begins+strings.Repeat("x", bytes-len(begins)), "", "Accept", "application/graphql-response+json"))
		}
	}
	const head = "POST /query HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
	return []Limit{
		{Name: "body of a request", Is: "1 MiB", Attack: "a variable of that length", At: posted("/query", body(1<<20)), Beyond: posted("/query", body(1<<20+1))},
		{Name: "levels of JSON", Is: "32", Attack: "brackets", At: posted("/query", brackets(30)), Beyond: posted("/query", brackets(31))},
		{Name: "values of JSON", Is: "50 000", Attack: "empty lists", At: posted("/query", values(50_000)), Beyond: posted("/query", values(50_001))},
		{Name: "query", Is: "32 KiB", Attack: "a comment of that length", At: posted("/query", quoted(long(32<<10))), Beyond: posted("/query", quoted(long(32<<10+1)))},
		{Name: "parameters in an address", Is: "8 KiB", Attack: "a query by GET", At: get(8 << 10), Beyond: get(8<<10 + 1)},
		{Name: "tokens", Is: "1 500", Attack: "fields of as many names", At: query("", many("{", " x%d", "}", 1498)), Beyond: query("", many("{", " x%d", "}", 1499))},
		{Name: "fields of one name", Is: "20 000 pairs", Attack: "one field, over and over", At: query("", overlapping(200)), Beyond: query("", overlapping(201))},
		{Name: "operations and fragments", Is: "50", Attack: "operations that nobody asks for", At: query("", many("", " query q%d { __typename }", "", 50)), Beyond: query("", many("", " query q%d { __typename }", "", 51))},
		{Name: "those times fields", Is: "20 000", Attack: "operations that spread one fragment", At: query("", visits(25)), Beyond: query("", visits(26))},
		{Name: "variables", Is: "100", Attack: "variables that nothing uses", At: query("", many("query(", "$v%d: ID ", ") { __typename }", 100)), Beyond: query("", many("query(", "$v%d: ID ", ") { __typename }", 101))},
		{Name: "aliases", Is: "100", Attack: "one field under many names", At: query("", aliases(100)), Beyond: query("", aliases(101))},
		{Name: "directives", Is: "100", Attack: "@skip, over and over", At: query("", many("{ __typename", " @skip(if: false)", " }", 100)), Beyond: query("", many("{ __typename", " @skip(if: false)", " }", 101))},
		{Name: "fields", Is: "2 000, with fragments", Attack: "a fragment of 99, spread again and again", At: query("", spreadFields(2000)), Beyond: query("", spreadFields(2001))},
		{Name: "fields", Is: "2 000, with fragments", Attack: "fragments that spread fragments, 2⁷ and 2⁴⁰ fields", At: query("", nestedFragments(7)), Beyond: query("", nestedFragments(40))},
		{Name: "depth", Is: "12", Attack: "round and round between types", At: query(s.Admin, deep(12)), Beyond: query(s.Admin, deep(13))},
		{Name: "cost", Is: "50 000", Attack: "pages of pages", At: query(s.Admin, lists(100, 99)), Beyond: query(s.Admin, lists(100, 100))},
		{Name: "introspection", Is: "two lists deep", Attack: "types of fields of types", At: query("", introspection(1)), Beyond: query("", introspection(4))},
		{Name: "mutations in a request", Is: "10", Attack: "guesses under aliases", At: query("", mutations(10)), Beyond: query("", mutations(11))},
		{Name: "errors in an answer", Is: "20", Attack: "fields that are not there", At: query("", wrong(20)), Beyond: query("", wrong(400))},
		{Name: "lead", Is: "64 KiB", Attack: "a member of that length", At: posted("/api/v1/leads", leadOf(64<<10), key...), Beyond: posted("/api/v1/leads", leadOf(64<<10+1), key...)},
		{Name: "batch, leads", Is: "500", Attack: "leads that are refused", At: posted("/api/v1/leads/batch", batchOf(500), key...), Beyond: posted("/api/v1/leads/batch", batchOf(501), key...)},
		{Name: "batch, bytes", Is: "1 MiB", Attack: "a member of that length", At: posted("/api/v1/leads/batch", leadOf(1<<20), key...), Beyond: posted("/api/v1/leads/batch", leadOf(1<<20+1), key...)},
		{Name: "event of a lead form", Is: "64 KiB", Attack: "the same", At: posted("/hooks/vk/x", leadOf(64<<10)), Beyond: posted("/hooks/vk/x", leadOf(64<<10+1))},
		{Name: "picture, bytes", Is: "2 MiB", Attack: "bytes that are none", At: picture(strings.Repeat("x", 2<<20)), Beyond: picture(strings.Repeat("x", 2<<20+1)), Once: true},
		{Name: "picture, pixels", Is: "12.5 million", Attack: "a PNG that unpacks to many", At: picture(bomb(3500, 3571)), Beyond: picture(bomb(3500, 3572)), Once: true},
		{Name: "large bodies at once", Is: "64 MiB", Attack: "bodies of 1 MiB that stop before their end, a second before it", At: func() Answer { return s.behind(63) }, Beyond: func() Answer { return s.behind(64) }, Once: true},
		{Name: "header", Is: "16 KiB, and 4 KiB of net/http's", Attack: "a line of that length", At: header(20 << 10), Beyond: header(21 << 10)},
		{Name: "time of a header", Is: "5 s", Attack: "a line a second", Beyond: func() Answer { return s.trickle("GET /healthz HTTP/1.1\r\nHost: x\r\n", "X-A: b\r\n") }, Once: true},
		{Name: "time of a body", Is: "10 s", Attack: "a byte a second", Beyond: func() Answer { return s.trickle(head, " ") }, Once: true},
		{Name: "time of a picture", Is: "30 s", Attack: "a byte a second", Beyond: func() Answer {
			return s.trickle(fmt.Sprintf("PUT %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: 1000\r\n\r\n", s.Logo, s.Worker), "x")
		}, Once: true},
		{Name: "message of a socket", Is: "64 KiB", Attack: "a ping of that length", At: func() Answer { return s.message(64 << 10) }, Beyond: func() Answer { return s.message(64<<10 + 1) }},
		{Name: "time until a socket says who it is", Is: "5 s", Attack: "a socket that says nothing", Beyond: func() Answer { return s.socket() }, Once: true},
		{Name: "time until a socket answers a ping", Is: "15 s and 10 s", Attack: "a socket that answers none", Beyond: func() Answer { return s.socket(s.subscribes(0)...) }, Once: true},
		{Name: "requests without a sign-in, of an address", Is: "50 a second, 1 000 at once", Attack: "as many as go", Beyond: s.flood, Once: true},
		{Name: "wrong passwords at a login", Is: "5, then waits", Attack: "guesses from many addresses", At: func() Answer { return s.guesses("someone", 5, false) }, Beyond: func() Answer { return s.guesses("else", 6, false) }, Once: true},
		{Name: "wrong passwords from an address", Is: "30, then waits", Attack: "one guess at each of many logins", At: func() Answer { return s.guesses("", 30, true) }, Beyond: func() Answer { return s.guesses("", 1, true) }, Once: true},
		{Name: "time of an idle connection", Is: "120 s", Attack: "not measured: it costs nothing but the connection"},
	}
}

func quoted(query string) string { return fmt.Sprintf(`{"query":%q}`, query) }
