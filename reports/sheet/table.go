package sheet

import (
	"fmt"
	"math"
	"strings"

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
	at      int   // the row that is written next
	heading int   // the row of the heading
	size    int64 // of the sheet's XML, at most
	cells   []excelize.Cell
	row     []any // each nil, or a pointer to its cell
	left    int   // how many columns stay in sight
	sums    int   // rows below the table
}

// Table begins a sheet: its title, what it is about, and a table below. Close it before the next one.
func (b *Book) Table(name, title string, about []Line, columns []Column) (*Table, error) {
	return b.table(name, title, about, columns, 0)
}

// WideTable is a Table whose first columns stay in sight as its heading does.
func (b *Book) WideTable(name, title string, about []Line, columns []Column, left int) (*Table, error) {
	return b.table(name, title, about, columns, left)
}

func (b *Book) table(name, title string, about []Line, columns []Column, left int) (*Table, error) {
	t := &Table{book: b, name: name, title: title, about: about, columns: columns, left: left, cells: make([]excelize.Cell, len(columns)), row: make([]any, len(columns))}
	for i, c := range columns {
		var err error
		if t.cells[i].StyleID, err = b.style(style{format: c.Format}); err != nil {
			return nil, err
		}
	}
	return t, t.begin()
}

// Sheet is the name of the sheet that is being written.
func (t *Table) Sheet() string {
	if t.sheet > 1 {
		return fmt.Sprintf("%s (%d)", t.name, t.sheet)
	}
	return t.name
}

// Heading is the row of the heading, from 1; the rows stand below it.
func (t *Table) Heading() int { return t.heading }

// begin begins the next sheet of the table.
func (t *Table) begin() (err error) {
	t.sheet++
	t.size = 0
	name := t.Sheet()
	if err := t.book.addSheet(name); err != nil {
		return fmt.Errorf("begin the sheet %s: %w", name, err)
	}
	if err := t.book.fits(name); err != nil {
		return fmt.Errorf("begin the sheet %s: %w", name, err)
	}
	if t.stream, err = t.book.file.NewStreamWriter(name); err != nil {
		return fmt.Errorf("begin the sheet %s: %w", name, err)
	}
	for i, c := range t.columns {
		if err := t.stream.SetColWidth(i+1, i+1, c.width()); err != nil {
			return err
		}
	}
	t.heading = len(t.about) + 3
	top, err := excelize.CoordinatesToCellName(t.left+1, t.heading+1)
	if err != nil {
		return err
	}
	pane := "bottomLeft"
	if t.left > 0 {
		pane = "bottomRight"
	}
	if err := t.stream.SetPanes(&excelize.Panes{Freeze: true, XSplit: t.left, YSplit: t.heading, TopLeftCell: top, ActivePane: pane}); err != nil {
		return err
	}
	return t.head()
}

func (c Column) width() float64 {
	if c.Width == 0 {
		return 14
	}
	return c.Width
}

// head writes what stands above the rows.
func (t *Table) head() error {
	t.at = 1
	titled, err1 := t.book.style(style{title: true})
	labelled, err2 := t.book.style(style{label: true})
	plain, err3 := t.book.style(style{})
	for _, err := range []error{err1, err2, err3} {
		if err != nil {
			return err
		}
	}
	if err := t.write([]any{excelize.Cell{StyleID: titled, Value: printable(t.title)}}); err != nil {
		return err
	}
	for _, line := range t.about {
		if err := t.write([]any{excelize.Cell{StyleID: labelled, Value: printable(line.Label)}, excelize.Cell{StyleID: plain, Value: printable(line.Value)}}); err != nil {
			return err
		}
	}
	t.at++ // a free line
	headings := make([]any, len(t.columns))
	for i, c := range t.columns {
		headed, err := t.book.style(style{heading: true, format: c.headingFormat()})
		if err != nil {
			return err
		}
		headings[i] = excelize.Cell{StyleID: headed, Value: c.Heading}
	}
	return t.write(headings, excelize.RowOpts{Height: headingHeight(t.columns)})
}

// headingFormat is what a heading goes by: that of a number stands to the right as the number does.
func (c Column) headingFormat() Format {
	if c.Format.isNumber() {
		return Number
	}
	return Text
}

// headingHeight has room for headings that are wider than their columns and for the button that filters.
func headingHeight(columns []Column) float64 {
	const line, button = 15, 3
	lines := 1
	for _, c := range columns {
		lines = max(lines, int(math.Ceil(float64(len([]rune(c.Heading))+button)/c.width())))
	}
	return line*float64(min(lines, 4)) + 6
}

func (t *Table) write(cells []any, options ...excelize.RowOpts) error {
	at, err := excelize.CoordinatesToCellName(1, t.at)
	if err != nil {
		return err
	}
	t.at++
	return t.stream.SetRow(at, cells, options...)
}

// Add writes a row: a value for each column, nil or an empty text for an empty cell. The values may be used again.
func (t *Table) Add(values ...any) error {
	if len(values) != len(t.columns) {
		return fmt.Errorf("a row of %s has %d values for %d columns", t.name, len(values), len(t.columns))
	}
	size := int64(rowSize)
	for i, v := range values {
		t.row[i] = nil
		v = t.book.value(v)
		if v == nil {
			continue
		}
		t.cells[i].Value = v
		t.row[i] = &t.cells[i]
		size += cellSize(v)
	}
	if t.at-t.heading > t.book.maxRows || t.size+size > maxSheet {
		if err := t.next(); err != nil {
			return err
		}
	}
	t.size += size
	if err := t.write(t.row); err != nil {
		return err
	}
	if (t.at-t.heading)%hideEvery == 0 {
		t.book.hide()
	}
	return nil
}

// hideEvery is after how many rows a temporary file loses its name.
const hideEvery = 1000

// What a sheet's XML takes at most, and how large it may become: beyond 4 GB Excel wants it packed in another way than it is
// here, where the file is written piece by piece.
const (
	rowSize  = 64
	cellBase = 80
	maxSheet = 4_200_000_000
)

func cellSize(v any) int64 {
	text, ok := v.(string)
	if !ok {
		return cellBase
	}
	size := int64(len(text))
	if strings.ContainsAny(text, "<>&\"'\t_") { // they are written as more than themselves
		size *= 7
	}
	return cellBase + size
}

// next goes on on a further sheet.
func (t *Table) next() error {
	if err := t.Close(); err != nil {
		return err
	}
	if err := t.book.flush(); err != nil {
		return err
	}
	return t.begin()
}

// Close ends the sheet. A table that filters is laid over its rows, where there are any.
func (t *Table) Close() error {
	name, width := t.Sheet(), 0.0
	for _, c := range t.columns {
		width += c.width()
	}
	if err := t.book.printed(name, width, fmt.Sprintf("%d:%d", t.heading, t.heading)); err != nil {
		return err
	}
	if err := t.repeat(name); err != nil {
		return err
	}
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
			return fmt.Errorf("lay a table over %s: %w", name, err)
		}
	}
	t.book.open = append(t.book.open, t.stream)
	return nil
}
