package hostile

import (
	"fmt"
	"strconv"
	"strings"
)

// nestedFragments are 2ⁿ fields in n fragments, each of which spreads the next one twice.
func nestedFragments(n int) string {
	var q strings.Builder
	q.WriteString(`{ ...f0 } `)
	for i := range n {
		fmt.Fprintf(&q, `fragment f%d on Query { ...f%d ...f%d } `, i, i+1, i+1)
	}
	fmt.Fprintf(&q, `fragment f%d on Query { __typename }`, n)
	return q.String()
}

// overlapping repeats one field, for the rule that compares each with each.
func overlapping(times int) string { return many("{", " __typename", " }", times) }

// overlappingLists repeats a field with a selection of its own.
func overlappingLists(times int) string {
	return "{" + strings.Repeat(" leads(first: 1) { edges { node { id } } }", times) + " }"
}

// aliases ask for one field under n names.
func aliases(n int) string { return many("{", " a%d: __typename", " }", n) }

// spreadFields asks for n fields by few tokens: a fragment of 99 fields, spread again and again.
func spreadFields(n int) string {
	const each = 100 // with the spread itself
	return many("{"+strings.Repeat(" ...f", n/each), " x%d: __typename", " } fragment f on Query {"+strings.Repeat(" __typename", each-1)+" }", n%each)
}

// deep goes a number of levels deep, round and round between distributors and their leads.
func deep(levels int) string {
	names := []string{"distributor", "leads(first: 1)", "edges", "node"}
	open, closed := "{ leads(first: 1) { edges { node {", "} } } }"
	for depth := 4; depth < levels; depth++ {
		open += " " + names[(depth-4)%len(names)] + " {"
		closed += " }"
	}
	return open + " __typename " + closed
}

// introspection asks for types of types.
func introspection(levels int) string {
	return "{ __schema { types { " + strings.Repeat("fields { type { ", levels) + "name" + strings.Repeat(" } }", levels) + " } } }"
}

// lists ask for a page of distributors with a page of leads each, which costs 1 + distributors × (3 + leads × 5).
func lists(distributors, leads int) string {
	return fmt.Sprintf(`{ distributors(first: %d) { edges { node { leads(first: %d) { edges { node { id status receivedAt } } } } } } }`, distributors, leads)
}

// mutations are n guesses in one request.
func mutations(n int) string {
	var q strings.Builder
	q.WriteString("mutation {")
	for i := range n {
		fmt.Fprintf(&q, ` a%d: refreshSession(input: {refreshToken: "guess %d"}) { userErrors { code } }`, i, i)
	}
	return q.String() + " }"
}

// many is a document with a part n times between its beginning and its end; %d in the part is its number.
func many(begins, part, ends string, n int) string {
	var q strings.Builder
	q.WriteString(begins)
	for i := range n {
		q.WriteString(strings.ReplaceAll(part, "%d", strconv.Itoa(i)))
	}
	return q.String() + ends
}

// values are a request whose variables have n values, a list of lists among them.
func values(n int) string {
	const each = 1000                                                         // of one list
	full := "[" + strings.TrimSuffix(strings.Repeat("0,", each-1), ",") + "]" // with itself a thousand
	lists := strings.Repeat(full+",", n/each-1)
	rest := n - (n/each-1)*each - known
	return `{"query":"{ __typename }","variables":{"x":[` + lists + "[" + strings.TrimSuffix(strings.Repeat("0,", rest), ",") + `]]}}`
}

// known are the values of such a request besides: itself, its query, its variables, the list and the last list in it.
const known = 5

// visits are n operations that spread one fragment of 769 fields.
func visits(n int) string {
	return many("", " query q%d { ...f }", "", n) + many(" fragment f on Query {", " x%d", " }", 769)
}

// wrong is a document with n errors.
func wrong(n int) string {
	var q strings.Builder
	q.WriteString("{")
	for i := range n {
		fmt.Fprintf(&q, " nope%d", i)
	}
	return q.String() + " }"
}

// long is a document of a number of bytes.
func long(bytes int) string {
	const q = "{ __typename } #"
	return q + strings.Repeat("x", bytes-len(q))
}

// body is a request of a number of bytes.
func body(bytes int) string {
	const head, tail = `{"query":"{ __typename }","variables":{"x":"`, `"}}`
	return head + strings.Repeat("x", bytes-len(head)-len(tail)) + tail
}

// leadOf is a lead of a number of bytes.
func leadOf(bytes int) string {
	const head, tail = `{"firstName":"Anna","nope":"`, `"}`
	return head + strings.Repeat("x", bytes-len(head)-len(tail)) + tail
}

// batchOf is a batch of n leads that are refused each.
func batchOf(n int) string {
	return `{"leads":[` + strings.TrimSuffix(strings.Repeat(`{"firstName":""},`, n), ",") + `]}`
}

// brackets are lists within lists, open and never closed or closed again.
func brackets(n int) string {
	return `{"query":"{ __typename }","variables":{"x":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}}`
}
