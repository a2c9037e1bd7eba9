package sheet

import (
	"fmt"

	"github.com/xuri/excelize/v2"
)

// Marked is a value that is written in another way than its column's.
type Marked struct {
	Value  any
	Format Format
	Bold   bool
	Fill   string // RRGGBB; empty: none
}

// AddMarked writes a row of which any value may be Marked.
func (t *Table) AddMarked(values ...any) error {
	plain := make([]any, len(values))
	for i, v := range values {
		if m, ok := v.(Marked); ok {
			v = m.Value
		}
		plain[i] = v
	}
	ids := make([]int, len(t.cells))
	for i := range t.cells {
		ids[i] = t.cells[i].StyleID
	}
	defer func() { // the columns' own again
		for i, id := range ids {
			t.cells[i].StyleID = id
		}
	}()
	for i, v := range values {
		m, ok := v.(Marked)
		if !ok || i >= len(t.cells) {
			continue
		}
		id, err := t.book.style(style{format: m.Format, bold: m.Bold, fill: m.Fill})
		if err != nil {
			return err
		}
		t.cells[i].StyleID = id
	}
	return t.Add(plain...)
}

// Sum writes a row of sums right below the table, which neither filters nor sorts it: after Close, and before the next sheet. The
// first one has a line above. A value may be Marked; of its marks the format and the colour count.
func (t *Table) Sum(values ...any) error {
	if len(values) != len(t.columns) {
		return fmt.Errorf("sums of %s have %d values for %d columns", t.name, len(values), len(t.columns))
	}
	row, first := make([]any, len(values)), t.sums == 0
	t.sums++
	for i, v := range values {
		s := style{format: t.columns[i].Format, bold: true, top: first}
		if m, ok := v.(Marked); ok {
			s.format, s.fill, v = m.Format, m.Fill, m.Value
		}
		id, err := t.book.style(s)
		if err != nil {
			return err
		}
		row[i] = excelize.Cell{StyleID: id, Value: t.book.value(v)}
	}
	return t.write(row)
}

// Paint fills a cell of a page's area: row and column are counted from 0, the format is the column's.
func (p *Page) Paint(a Area, row, column int, f Format, fill string) error {
	at, err := excelize.CoordinatesToCellName(column+1, a.first+row)
	if err != nil {
		return err
	}
	s := style{format: f, bottom: true, fill: fill}
	if a.first+row > a.last { // its sums
		s = style{format: f, bold: true, top: true, fill: fill}
	}
	id, err := p.book.style(s)
	if err != nil {
		return err
	}
	return p.book.file.SetCellStyle(p.name, at, at, id)
}

// SkipTo goes on at a row, where that is further down.
func (p *Page) SkipTo(row int) error {
	for p.at < row {
		if err := p.next(rowHeight); err != nil {
			return err
		}
	}
	return nil
}

// apart keeps a number and what stands to its right from touching each other, and a day and what stands to its left.
func (s style) apart(made *excelize.Style) {
	switch {
	case s.left:
	case s.format.isNumber():
		made.Alignment.Horizontal, made.Alignment.Indent = "right", 1
	case s.format == Day || s.format == Instant:
		made.Alignment.Horizontal, made.Alignment.Indent = "left", 1
	}
}

// repeat has the columns that stay in sight stand on each page too, beside the heading.
func (t *Table) repeat(name string) error {
	if t.left == 0 {
		return nil
	}
	last, err := excelize.ColumnNumberToName(t.left)
	if err != nil {
		return err
	}
	titles := &excelize.DefinedName{Name: "_xlnm.Print_Titles", Scope: name, RefersTo: fmt.Sprintf("'%s'!$A:$%s,'%s'!$%d:$%d", name, last, name, t.heading, t.heading)}
	if err := t.book.file.DeleteDefinedName(titles); err != nil {
		return err
	}
	return t.book.file.SetDefinedName(titles)
}
