package document

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/beevik/etree"
)

// filling is one document that is being made.
type filling struct {
	vocabulary Vocabulary
	values     Values
	elements   int // of rows that are repeated
	letters    int // likewise, in bytes
}

// Fill puts the values in and returns the file, whose properties say that it was made at the given moment. The same values at the
// same moment make the same bytes. A placeholder has the look of the run in which it begins. An error is of who gives the values: a
// term or list that the template names is missing, or a list is longer than MaxRows (a fault, TooManyRows).
func (t *Template) Fill(values Values, at time.Time) ([]byte, error) {
	f := &filling{vocabulary: t.vocabulary, values: values}
	made := map[string][]byte{}
	for _, p := range t.parts {
		if p.text == nil {
			continue
		}
		text := p.text.Copy()
		if err := f.part(text); err != nil {
			return nil, fmt.Errorf("fill %s: %w", p.name, err)
		}
		content, err := text.WriteToBytes()
		if err != nil {
			return nil, fmt.Errorf("write %s: %w", p.name, err)
		}
		made[p.name] = content
	}
	return pack(t.parts, made, at)
}

// part fills one part. All is found before anything is put in, so that braces in a value are text and nothing else.
func (f *filling) part(text *etree.Document) error {
	unbind(&text.Element)
	lines := linesOf(&text.Element)
	blocks := blocksOf(lines, f.vocabulary)
	repeated := map[*etree.Element]string{}
	for _, b := range blocks {
		for _, row := range b.rows {
			repeated[row] = b.list
		}
	}
	for _, l := range lines {
		if enclosing(rowOf(l.element), repeated) != nil {
			continue
		}
		if err := f.fill(l, nil); err != nil {
			return err
		}
	}
	for _, b := range blocks {
		if err := f.repeat(b); err != nil {
			return err
		}
	}
	return nil
}

// unbind lets controls show their own text: one that is bound to data beside the document is filled from there when Word opens it.
func unbind(e *etree.Element) {
	for _, child := range e.ChildElements() {
		if child.Tag == "dataBinding" {
			e.RemoveChild(child)
			continue
		}
		unbind(child)
	}
}

// fill puts the values of a row, or those of the document, into a line.
func (f *filling) fill(l *line, row map[string]string) error {
	if len(l.marks) == 0 {
		return nil
	}
	values := make([]string, len(l.marks))
	for i, m := range l.marks {
		value, ok := f.values.Texts[m.name]
		if list, _ := f.vocabulary.listOf(m.name); list != "" {
			value, ok = row[m.name]
		}
		if !ok {
			return fmt.Errorf("no value is given for %s", m.name)
		}
		values[i] = tidy(value)
	}
	next := 0
	for _, p := range l.pieces {
		for next < len(l.marks) && l.marks[next].to <= p.from {
			next++
		}
		l.put(p, next, values)
	}
	return nil
}

// put writes one piece anew: what of its own text is in no placeholder, and the values of those that begin in it. Those before next
// end before it.
func (l *line) put(p piece, next int, values []string) {
	w := &writer{}
	at, end := p.from, p.from+len(p.text)
	touched := false
	for i := next; i < len(l.marks) && l.marks[i].from < end; i++ {
		m := l.marks[i]
		touched = true
		if m.from >= p.from {
			w.text.WriteString(l.text[at:m.from])
			w.value(values[i])
		}
		at = min(m.to, end)
	}
	if !touched {
		return
	}
	w.text.WriteString(l.text[at:end])
	w.flush()
	run := p.element.Parent()
	place := p.element.Index()
	run.RemoveChildAt(place)
	for i, token := range w.made {
		run.InsertChildAt(place+i, token)
	}
	if isW(run, "r") && isEmpty(run) {
		run.Parent().RemoveChild(run)
	}
}

// isEmpty tells a run of which only its look is left.
func isEmpty(run *etree.Element) bool {
	return !slices.ContainsFunc(run.ChildElements(), func(e *etree.Element) bool { return !isW(e, "rPr") })
}

// writer makes what stands in a run: texts, breaks and tabs.
type writer struct {
	text strings.Builder
	made []*etree.Element
}

func (w *writer) value(value string) {
	for _, r := range value {
		switch r {
		case '\n':
			w.element("w:br")
		case '\t':
			w.element("w:tab")
		default:
			w.text.WriteRune(r)
		}
	}
}

func (w *writer) element(tag string) {
	w.flush()
	w.made = append(w.made, etree.NewElement(tag))
}

func (w *writer) flush() {
	if w.text.Len() == 0 {
		return
	}
	t := etree.NewElement("w:t")
	t.CreateAttr("xml:space", "preserve")
	t.SetText(w.text.String())
	w.made = append(w.made, t)
	w.text.Reset()
}

// tidy is a value as XML takes it: line breaks of all kinds are one, and other control characters are left out.
func tidy(value string) string {
	value = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\u2028", "\n", "\u2029", "\n").Replace(strings.ToValidUTF8(value, "\uFFFD"))
	return strings.Map(func(r rune) rune {
		if !isXML(r) || r >= 0x7f && r < 0xa0 {
			return -1
		}
		return r
	}, value)
}

// isXML tells a character that XML may have.
func isXML(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r != 0xFFFE && r != 0xFFFF && utf8.ValidRune(r)
}
