package sheet

import (
	"fmt"

	"github.com/xuri/excelize/v2"
)

// Table is a table of a sheet that is being written.
type Table struct {
	book    *Book
	name    string
	title   string
	about   []Line
	columns []Column
	sheet   int // how many sheets it has so far
	stream  *excelize.StreamWriter
	at      int // the row that is written next
	heading int // the row of the heading
}

// Table begins a sheet: its title, what it is about, and a table below. Close it before the next one.
func (b *Book) Table(name, title string, about []Line, columns []Column) (*Table, error) {
	t := &Table{book: b, name: name, title: title, about: about, columns: columns}
	return t, t.begin()
}

// begin begins the next sheet of the table.
func (t *Table) begin() (err error) {
	t.sheet++
	name := t.name
	if t.sheet > 1 {
		name = fmt.Sprintf("%s (%d)", t.name, t.sheet)
	}
	if err := t.book.addSheet(name); err != nil {
		return fmt.Errorf("begin the sheet %s: %w", name, err)
	}
	if t.stream, err = t.book.file.NewStreamWriter(name); err != nil {
		return fmt.Errorf("begin the sheet %s: %w", name, err)
	}
	for i, c := range t.columns {
		width := c.Width
		if width == 0 {
			width = 14
		}
		if err := t.stream.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	t.heading = len(t.about) + 3
	top, err := excelize.CoordinatesToCellName(1, t.heading+1)
	if err != nil {
		return err
	}
	if err := t.stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: t.heading, TopLeftCell: top, ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	return t.head()
}

// head writes what stands above the rows.
func (t *Table) head() error {
	t.at = 1
	titled, err1 := t.book.style(style{title: true})
	labelled, err2 := t.book.style(style{label: true})
	plain, err3 := t.book.style(style{})
	headed, err4 := t.book.style(style{heading: true})
	for _, err := range []error{err1, err2, err3, err4} {
		if err != nil {
			return err
		}
	}
	if err := t.row([]any{excelize.Cell{StyleID: titled, Value: printable(t.title)}}); err != nil {
		return err
	}
	for _, line := range t.about {
		if err := t.row([]any{excelize.Cell{StyleID: labelled, Value: printable(line.Label)}, excelize.Cell{StyleID: plain, Value: printable(line.Value)}}); err != nil {
			return err
		}
	}
	t.at++ // a free line
	headings := make([]any, len(t.columns))
	for i, c := range t.columns {
		headings[i] = excelize.Cell{StyleID: headed, Value: c.Heading}
	}
	return t.row(headings)
}

func (t *Table) row(cells []any) error {
	at, err := excelize.CoordinatesToCellName(1, t.at)
	if err != nil {
		return err
	}
	t.at++
	return t.stream.SetRow(at, cells)
}

// Add writes a row: a value for each column, nil for an empty cell.
func (t *Table) Add(values ...any) error {
	if len(values) != len(t.columns) {
		return fmt.Errorf("a row of %s has %d values for %d columns", t.name, len(values), len(t.columns))
	}
	if t.at-t.heading > MaxRows {
		if err := t.Close(); err != nil {
			return err
		}
		if err := t.begin(); err != nil {
			return err
		}
	}
	cells := make([]any, len(values))
	for i, v := range values {
		cell, err := t.book.cell(t.columns[i].Format, v)
		if err != nil {
			return err
		}
		cells[i] = cell
	}
	return t.row(cells)
}

// Close ends the sheet. A table that filters is laid over its rows, where there are any.
func (t *Table) Close() error {
	if t.at > t.heading+1 {
		t.book.tables++
		last, err := excelize.CoordinatesToCellName(len(t.columns), t.at-1)
		if err != nil {
			return err
		}
		first, err := excelize.CoordinatesToCellName(1, t.heading)
		if err != nil {
			return err
		}
		striped := true
		if err := t.stream.AddTable(&excelize.Table{
			Range: first + ":" + last, Name: fmt.Sprintf("table%d", t.book.tables), StyleName: "TableStyleLight1", ShowRowStripes: &striped,
		}); err != nil {
			return fmt.Errorf("lay a table over %s: %w", t.name, err)
		}
	}
	return t.stream.Flush()
}
