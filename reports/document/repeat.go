package document

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/beevik/etree"

	"channelbook/internal/fault"
)

// Bounds of what is filled. A document is for reading; a spreadsheet takes more rows.
const (
	MaxRows     = 5_000
	maxElements = 500_000  // that are repeated
	maxLetters  = 64 << 20 // of the texts and attributes that are repeated
)

// TooManyRows is the code of the fault where a list has more than MaxRows rows, or is too much with what its row holds.
const TooManyRows = "DOCUMENT_TOO_LONG"

func span(e *etree.Element, otherwise int) int {
	if e == nil {
		return otherwise
	}
	if n, err := strconv.Atoi(e.SelectAttrValue("w:val", "")); err == nil && n >= 0 && n < 1_000 {
		return n
	}
	return otherwise
}

// repeat puts the rows of a block in for each row of its list, filled, and takes out the block itself.
func (f *filling) repeat(b *block) error {
	rows, ok := f.values.Lists[b.list]
	if !ok {
		return fmt.Errorf("no rows are given for the list %s", b.list)
	}
	for _, row := range b.rows {
		f.elements += count(row) * len(rows)
		f.letters += letters(row) * len(rows)
	}
	if len(rows) > MaxRows || f.elements > maxElements || f.letters > maxLetters {
		return fault.Coded(fault.Invalid, TooManyRows, "", fmt.Sprintf(
			"The document would be too long with the %d rows of the list %s: take a shorter period.", len(rows), b.list))
	}
	parent, place := b.rows[0].Parent(), b.rows[0].Index()
	before := len(parent.Child)
	for i, row := range rows {
		for _, template := range b.rows {
			made := template.Copy()
			if i > 0 {
				withoutIdentity(made)
			}
			for _, l := range linesOf(made) {
				if err := f.fill(l, row); err != nil {
					return err
				}
			}
			parent.AddChild(made)
		}
	}
	// They were added at the end, as each that is put between others would move all that follow.
	parent.Child = slices.Concat(parent.Child[:place], parent.Child[before:], parent.Child[place:before])
	parent.ReindexChildren()
	for _, template := range b.rows {
		if len(rows) == 0 {
			remove(template)
			continue
		}
		parent.RemoveChild(template)
	}
	return nil
}

// letters are how many bytes of texts and attributes an element has with all in it.
func letters(e *etree.Element) (n int) {
	for _, a := range e.Attr {
		n += len(a.Key) + len(a.Value)
	}
	for _, child := range e.Child {
		switch c := child.(type) {
		case *etree.CharData:
			n += len(c.Data)
		case *etree.Element:
			n += letters(c)
		}
	}
	return n
}

func count(e *etree.Element) int {
	n := 1
	for _, child := range e.ChildElements() {
		n += count(child)
	}
	return n
}

// identities are what a document has once: bookmarks, the ends of comments and permissions.
var identities = []string{"bookmarkStart", "bookmarkEnd", "commentRangeStart", "commentRangeEnd", "commentReference", "permStart", "permEnd"}

// withoutIdentity takes from a copy of a row what it has in common with the first and must not.
func withoutIdentity(e *etree.Element) {
	e.Attr = slices.DeleteFunc(e.Attr, func(a etree.Attr) bool { return a.Key == "paraId" || a.Key == "textId" })
	for _, child := range e.ChildElements() {
		if child.Space == "w" && slices.Contains(identities, child.Tag) {
			e.RemoveChild(child)
			continue
		}
		withoutIdentity(child)
	}
}
