package metrics

import "strings"

// verb is what a statement does, as a place in verbs.
type verb int

const (
	other verb = iota
	selects
	inserts
	updates
	deletes
)

var verbs = [...]string{other: "other", selects: "select", inserts: "insert", updates: "update", deletes: "delete"}

// verbOf is the verb that a statement begins with. WITH counts as a select, which is all that we begin so.
func verbOf(query string) verb {
	query = strings.TrimLeft(query, " \t\r\n(")
	switch {
	case begins(query, "SELECT"), begins(query, "WITH"):
		return selects
	case begins(query, "INSERT"):
		return inserts
	case begins(query, "UPDATE"):
		return updates
	case begins(query, "DELETE"):
		return deletes
	}
	return other
}

// begins tells whether text begins with a word, in whatever case.
func begins(text, word string) bool {
	return len(text) > len(word) && text[len(word)] <= ' ' && strings.EqualFold(text[:len(word)], word)
}
