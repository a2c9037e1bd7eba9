package hostile

import (
	"fmt"
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

// overlapping repeats one field, for the rule that compares each with each, up to a number of tokens.
func overlapping(tokens int) string { return "{" + strings.Repeat(" __typename", tokens-2) + "}" }

// overlappingLists repeats a field with a selection of its own.
func overlappingLists(times int) string {
	return "{" + strings.Repeat(" leads(first: 1) { edges { node { id } } }", times) + " }"
}

// aliases ask for one field under n names.
func aliases(n int) string {
	var q strings.Builder
	q.WriteString("{")
	for i := range n {
		fmt.Fprintf(&q, " a%d: __typename", i)
	}
	return q.String() + " }"
}

// spreadFields asks for n fields by few tokens: a fragment of 40 fields, spread again and again.
func spreadFields(n int) string {
	const each = 41 // with the spread itself
	var q strings.Builder
	q.WriteString("{")
	for range n / each {
		q.WriteString(" ...f")
	}
	for i := range n % each {
		fmt.Fprintf(&q, " b%d: __typename", i)
	}
	q.WriteString(" } fragment f on Query {")
	for i := range each - 1 {
		fmt.Fprintf(&q, " a%d: __typename", i)
	}
	return q.String() + " }"
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
