package document

import (
	"slices"
	"strings"

	"github.com/beevik/etree"
)

// rowOf is the table's row that an element stands in, the innermost; nil where it stands in none.
func rowOf(e *etree.Element) *etree.Element {
	for e = e.Parent(); e != nil; e = e.Parent() {
		if isW(e, "tr") {
			return e
		}
	}
	return nil
}

// enclosing is the innermost of some rows that row is or stands in.
func enclosing(row *etree.Element, some map[*etree.Element]string) *etree.Element {
	for ; row != nil; row = rowOf(row) {
		if some[row] != "" {
			return row
		}
	}
	return nil
}

// rowText is what a row says, its cells apart.
func rowText(row *etree.Element) string {
	var cells []string
	for _, l := range linesOf(row) {
		if text := strings.TrimSpace(strings.ReplaceAll(l.text, gap, " ")); text != "" {
			cells = append(cells, text)
		}
	}
	return strings.Join(cells, " | ")
}

// block is rows of one list that follow each other, such as the two lines of one record: they are repeated together.
type block struct {
	list string
	rows []*etree.Element
}

// blocksOf are the blocks of a part, in the order of its lines.
func blocksOf(lines []*line, v Vocabulary) (blocks []*block) {
	var last *block
	seen := map[*etree.Element]bool{}
	for _, l := range lines {
		row := rowOf(l.element)
		list := l.list(v)
		if row == nil || list == "" || seen[row] {
			continue
		}
		seen[row] = true
		if last != nil && last.list == list && nextElement(last.rows[len(last.rows)-1]) == row {
			last.rows = append(last.rows, row)
			continue
		}
		last = &block{list, []*etree.Element{row}}
		blocks = append(blocks, last)
	}
	return blocks
}

// list is the list that a line has placeholders of; a checked line has those of one.
func (l *line) list(v Vocabulary) string {
	for _, m := range l.marks {
		if list, _ := v.listOf(m.name); list != "" {
			return list
		}
	}
	return ""
}

// nextElement is the one that follows, past the marks that may stand between rows.
func nextElement(e *etree.Element) *etree.Element {
	next := e.NextSibling()
	for next != nil && next.Space == "w" && slices.Contains(identities, next.Tag) {
		next = next.NextSibling()
	}
	return next
}

// rowsIn are the rows below an element.
func rowsIn(e *etree.Element) (rows []*etree.Element) {
	for _, child := range e.ChildElements() {
		if isW(child, "tr") {
			rows = append(rows, child)
		}
		rows = append(rows, rowsIn(child)...)
	}
	return rows
}

// remove takes a row out where its list has none. A merged cell that began in it begins in the next row, a control around it
// goes with it, and so does a table without rows, which Word would call damaged.
func remove(row *etree.Element) {
	if next := nextElement(row); next != nil && isW(next, "tr") {
		handOverMerges(row, next)
	}
	parent := row.Parent()
	parent.RemoveChild(row)
	for isAround(parent) && !hasRow(parent) {
		above := parent.Parent()
		above.RemoveChild(parent)
		parent = above
	}
	if isW(parent, "tbl") && !hasRow(parent) {
		removeTable(parent)
	}
}

// isAround tells what may stand between a table and its rows.
func isAround(e *etree.Element) bool {
	return e.Space == "w" && slices.Contains([]string{"sdt", "sdtContent", "customXml"}, e.Tag)
}

// hasRow tells whether a row is left in a table, or in a control around rows.
func hasRow(e *etree.Element) bool {
	for _, child := range e.ChildElements() {
		if isW(child, "tr") || !isW(child, "tc") && !isW(child, "tbl") && hasRow(child) {
			return true
		}
	}
	return false
}

// removeTable leaves a paragraph where the table was, unless one follows: a cell ends in one, and no container is empty.
func removeTable(table *etree.Element) {
	container := table.Parent()
	if next := nextElement(table); next == nil || !isW(next, "p") {
		container.InsertChildAt(table.Index(), etree.NewElement("w:p"))
	}
	container.RemoveChild(table)
}

// handOverMerges begins in the next row those merged cells that begin in a row.
func handOverMerges(row, next *etree.Element) {
	began := map[int]bool{}
	eachCell(row, func(column int, merge *etree.Element) {
		began[column] = merge != nil && merge.SelectAttrValue("w:val", "") == "restart"
	})
	eachCell(next, func(column int, merge *etree.Element) {
		if began[column] && merge != nil && merge.SelectAttrValue("w:val", "continue") == "continue" {
			merge.CreateAttr("w:val", "restart")
		}
	})
}

// eachCell calls f for each cell of a row with the column of the grid where it begins and its w:vMerge, nil where it has none.
func eachCell(row *etree.Element, f func(column int, merge *etree.Element)) {
	column := span(row.FindElement("w:trPr/w:gridBefore"), 0)
	for _, cell := range row.FindElements(".//w:tc") {
		if rowOf(cell) != row {
			continue // of a table within
		}
		f(column, cell.FindElement("w:tcPr/w:vMerge"))
		column += span(cell.FindElement("w:tcPr/w:gridSpan"), 1)
	}
}
