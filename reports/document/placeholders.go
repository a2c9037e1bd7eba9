package document

import (
	"fmt"
	"strings"

	"github.com/beevik/etree"
)

// line is a paragraph of a part that is filled: the texts of its runs, in their order, and what they say together. Word splits a
// placeholder over runs as it likes; here it is whole again.
type line struct {
	element *etree.Element
	pieces  []piece
	text    string
	marks   []mark
	faults  []string // why a brace of it is none of a placeholder
}

// piece is one w:t of a paragraph, and where its text begins in that of the paragraph.
type piece struct {
	element *etree.Element
	from    int
	text    string
}

// mark is a placeholder, from its first brace to behind its last.
type mark struct {
	from, to int
	name     string
}

// gap stands in a line's text for what is no text, such as a tab: a placeholder does not go over it.
const gap = "\n"

// isW tells an element of Word's: scan has held the prefix to its namespace.
func isW(e *etree.Element, tag string) bool { return e.Tag == tag && e.Space == "w" }

// linesOf are the paragraphs below an element, those in text boxes and tables too.
func linesOf(e *etree.Element) (lines []*line) {
	for _, child := range e.ChildElements() {
		if isW(child, "p") {
			lines = append(lines, readLine(child))
		}
		lines = append(lines, linesOf(child)...)
	}
	return lines
}

func readLine(p *etree.Element) *line {
	l := &line{element: p}
	var text strings.Builder
	l.gather(p, &text)
	l.text = text.String()
	l.find()
	return l
}

// gather adds the texts below an element, without those of a paragraph within, which is a line of its own.
func (l *line) gather(e *etree.Element, text *strings.Builder) {
	for _, child := range e.ChildElements() {
		switch {
		case isW(child, "p"), isW(child, "pPr"), isW(child, "rPr"):
		case isW(child, "t"):
			own := strings.ReplaceAll(textOf(child), "\n", " ") // as Word reads it
			l.pieces = append(l.pieces, piece{child, text.Len(), own})
			text.WriteString(own)
		case isW(child, "tab"), isW(child, "br"), isW(child, "cr"), isW(child, "noBreakHyphen"), isW(child, "sym"):
			text.WriteString(gap)
		default:
			l.gather(child, text)
		}
	}
}

// textOf is all characters of an element, also those behind a comment.
func textOf(e *etree.Element) string {
	var out strings.Builder
	for _, token := range e.Child {
		if characters, ok := token.(*etree.CharData); ok {
			out.WriteString(characters.Data)
		}
	}
	return out.String()
}

// maxPlaceholder is how many bytes a placeholder may have between its braces.
const maxPlaceholder = 200

// find looks for the placeholders of the line, and for braces that make none. It looks at each part of the text once.
func (l *line) find() {
	open, closing := -1, -1
	for at := 0; ; {
		open, closing = index(l.text, "{{", at, open), index(l.text, "}}", at, closing)
		switch {
		case open == len(l.text) && closing == len(l.text):
			return
		case closing < open:
			l.faults = append(l.faults, "closes a placeholder that is not opened: }} without {{")
			at = closing + 2
			continue
		}
		for strings.HasPrefix(l.text[open+1:], "{{") {
			open++ // of {{{ the last two
		}
		name := l.text[open+2 : min(closing, open+2+maxPlaceholder)]
		if closing-open-2 > maxPlaceholder || closing == len(l.text) || strings.Contains(name, gap) || strings.Contains(name, "{{") {
			l.faults = append(l.faults, "opens a placeholder that is not closed in the same paragraph: {{ without }}")
			at = open + 2
			continue
		}
		at = closing + 2
		l.marks = append(l.marks, mark{open, at, strings.TrimSpace(name)})
	}
}

// index is where what stands in a text next, from a place on, and the text's end where it does not; last was found before.
func index(text, what string, from, last int) int {
	if last >= from {
		return last
	}
	if i := strings.Index(text[from:], what); i >= 0 {
		return from + i
	}
	return len(text)
}

// Bounds of a part's placeholders, and of its rows that are repeated.
const (
	maxMarks    = 10_000
	maxRepeated = 500
)

// checkPlaceholders refuses placeholders of a part that cannot be filled.
func checkPlaceholders(p *part, v Vocabulary, found *faults) {
	marks := 0
	rows := map[*etree.Element]string{}
	places := map[*etree.Element]string{}
	for _, l := range linesOf(&p.text.Element) {
		row := rowOf(l.element)
		refuse := func(code, format string, args ...any) {
			if found.full() {
				found.more++
				return
			}
			if row != nil && places[row] == "" {
				places[row] = "in the table's row " + quote(rowText(row))
			}
			where := places[row]
			if row == nil {
				where = "in the paragraph " + quote(l.text)
			}
			found.add(code, "%s, %s, %s", place(p.name), where, fmt.Sprintf(format, args...))
		}
		for _, why := range l.faults {
			refuse(UnclosedPlaceholder, "%s.", why)
		}
		marks += len(l.marks)
		for _, m := range l.marks {
			list, known := v.listOf(m.name)
			switch {
			case !known && found.full():
				found.more++
			case !known:
				refuse(UnknownPlaceholder, "has an unknown placeholder, {{%s}}.%s", short(m.name), hint(v.nearest(m.name)))
			case list == "":
			case row == nil:
				refuse(MisplacedPlaceholder, "has {{%s}}, which is of the list %s: it stands in a row of a table, which is repeated.", m.name, list)
			case rows[row] != "" && rows[row] != list:
				refuse(MisplacedPlaceholder, "has placeholders of two lists, %s and %s: a row is repeated for one.", rows[row], list)
			default:
				rows[row] = list
			}
		}
	}
	if marks > maxMarks || len(rows) > maxRepeated {
		found.add(TooLarge, "%s has more placeholders than a template may hold.", place(p.name))
		return
	}
	checkNesting(p, rows, found)
}

// checkNesting refuses a row that is repeated within one that is.
func checkNesting(p *part, rows map[*etree.Element]string, found *faults) {
	for _, row := range rowsIn(&p.text.Element) {
		if rows[row] != "" && enclosing(rowOf(row), rows) != nil && !found.full() {
			found.add(MisplacedPlaceholder, "%s, in the table's row %s, has the list %s within a row that is repeated itself.", place(p.name), quote(rowText(row)), rows[row])
		}
	}
}

func hint(nearest string) string {
	if nearest == "" {
		return ""
	}
	return " Perhaps {{" + nearest + "}} is meant."
}

func short(name string) string {
	if runes := []rune(name); len(runes) > maxQuote {
		return string(runes[:maxQuote]) + "…"
	}
	return name
}
