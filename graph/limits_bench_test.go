package graph_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"channelbook/internal/dbtest"
)

// hostile are the dearest documents that were found: those that are still let through, and those that were dear before
// there was a limit for them.
var hostile = map[string]string{
	"let through: one field, 200 times":          "{" + times(200, same("__typename ")) + "}",
	"let through: 25 operations on one fragment": times(25, numbered("query q%d { ...f } ")) + "fragment f on Query { viewer {" + times(40, same("id ")) + "} " + times(700, numbered("x%d ")) + "}",
	"let through: 49 fragments in a chain": "{ ...f0 } " + times(48, func(i int) string { return fmt.Sprintf("fragment f%d on Query { ...f%d } ", i, i+1) }) +
		"fragment f48 on Query {" + times(400, numbered("x%d ")) + "}",
	"let through: 49 fragments with each other": "{" + times(49, numbered("...f%d ")) + "} " + times(49, func(i int) string {
		return fmt.Sprintf("fragment f%d on Query { viewer { id login role name } ...f%d ...f%d } ", i, (i+1)%49, (i+2)%49)
	}),
	"let through: 100 variables":              "query(" + times(100, numbered("$v%d: ID! ")) + ") {" + times(80, func(i int) string { return fmt.Sprintf("a%d: node(id: $v%d) { id } ", i, i) }) + "}",
	"let through: arguments":                  "{" + times(60, same(`leads(filter: {search: "a", email: "b", phone: "c"}) { totalCount } `)) + "}",
	"let through: introspection":              standardIntrospection,
	"let through: introspection by aliases":   "{ __schema { types { " + times(2, numbered("f%d: fields { type { fields { name } } } ")) + "} } }",
	"refused: one field, 1 490 times":         "{" + times(1490, same("__typename ")) + "}",
	"refused: 120 operations on one fragment": times(120, numbered("query q%d { ...f } ")) + "fragment f on Query { viewer {" + times(690, same("id ")) + "} }",
	"refused: conflicts":                      "{" + times(370, func(i int) string { return "a: " + []string{"viewer ", "company "}[i%2] }) + "}",
	"refused: 2^100 fields":                   "{ ...f0 } " + times(40, func(i int) string { return fmt.Sprintf("fragment f%d on Query { ...f%d ...f%d } ", i, i+1, i+1) }) + "fragment f40 on Query { __typename }",
	"refused: 28 KiB of tokens":               "{" + strings.Repeat("a ", 14_000) + "}",
	"refused: introspection by 30 aliases":    "{ __schema { types { " + times(30, numbered("f%d: fields { type { fields { name } } } ")) + "} } }",
}

// BenchmarkHostile asks each hostile document, new each time, so that no cache has it.
func BenchmarkHostile(b *testing.B) {
	h := open(b, dbtest.SQLite(b))
	for _, name := range slices.Sorted(maps.Keys(hostile)) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				n++
				got := h.ask(caller{}, fmt.Sprintf("%s #%d", hostile[name], n), nil)
				if refused := got.code() == "QUERY_TOO_COMPLEX" || got.code() == "GRAPHQL_PARSE_FAILED"; refused != strings.HasPrefix(name, "refused") {
					b.Fatalf("got %.200s", got.raw)
				}
			}
		})
	}
}
