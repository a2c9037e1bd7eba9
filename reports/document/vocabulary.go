package document

import (
	"strings"

	"github.com/agnivade/levenshtein"
)

// Vocabulary is what a template may name.
type Vocabulary struct {
	Terms []Term
	Lists []List
}

// Term is a placeholder: its name without braces, such as party.name, and what stands in its place, in Russian.
type Term struct{ Name, Meaning string }

// List is rows: a table's row that names one of its columns is repeated for each. The columns' names begin with the list's and a
// dot (leads.date of the list leads), and no other term does.
type List struct {
	Name, Meaning string
	Columns       []Term
}

// Values is what a template is filled with: a text for each term, and for each list its rows, each with a text for each column
// by its whole name. A line break in a text is one in the document.
type Values struct {
	Texts map[string]string
	Lists map[string][]map[string]string
}

// Names are all placeholders, those of lists at the end.
func (v Vocabulary) Names() (names []string) {
	for _, t := range v.Terms {
		names = append(names, t.Name)
	}
	for _, l := range v.Lists {
		for _, c := range l.Columns {
			names = append(names, c.Name)
		}
	}
	return names
}

// listOf is the list that a placeholder is a column of; known tells whether there is such a placeholder.
func (v Vocabulary) listOf(name string) (list string, known bool) {
	for _, t := range v.Terms {
		if t.Name == name {
			return "", true
		}
	}
	for _, l := range v.Lists {
		for _, c := range l.Columns {
			if c.Name == name {
				return l.Name, true
			}
		}
	}
	return "", false
}

// nearest is the placeholder that was probably meant, or nothing where none is like it.
func (v Vocabulary) nearest(name string) string {
	if len(name) > 100 {
		return ""
	}
	best, least := "", max(2, len([]rune(name))/3)+1
	for _, known := range v.Names() {
		if d := levenshtein.ComputeDistance(strings.ToLower(name), known); d < least {
			best, least = known, d
		}
	}
	return best
}
