package sheet

import (
	"fmt"

	"github.com/xuri/excelize/v2"
)

// Page is a sheet of short tables below each other, and charts. All of it is in memory.
type Page struct {
	book   *Book
	name   string
	at     int // the row that is written next
	widths []float64
}

// The heights of a page's rows, in points; 15 are 20 pixels.
const (
	rowHeight   = 15
	blockHeight = 18
	titleHeight = 21
)

// Page begins a sheet with a title, what it is about, and columns of some widths, in characters. Close it.
func (b *Book) Page(name, title string, about []Line, widths ...float64) (*Page, error) {
	p := &Page{book: b, name: name, at: 1, widths: widths}
	if err := b.addSheet(name); err != nil {
		return nil, fmt.Errorf("begin the sheet %s: %w", name, err)
	}
	if err := b.fits(name); err != nil {
		return nil, fmt.Errorf("begin the sheet %s: %w", name, err)
	}
	hidden := false
	if err := b.file.SetSheetView(name, 0, &excelize.ViewOptions{ShowGridLines: &hidden}); err != nil {
		return nil, fmt.Errorf("begin the sheet %s: %w", name, err)
	}
	for i, width := range widths {
		column, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return nil, err
		}
		if err := b.file.SetColWidth(name, column, column, width); err != nil {
			return nil, err
		}
	}
	if err := p.put(1, style{title: true}, title); err != nil {
		return nil, err
	}
	if err := p.next(titleHeight); err != nil {
		return nil, err
	}
	for _, line := range about {
		if err := p.put(1, style{label: true}, line.Label); err != nil {
			return nil, err
		}
		if err := p.put(2, style{}, line.Value); err != nil {
			return nil, err
		}
		if err := p.next(rowHeight); err != nil {
			return nil, err
		}
	}
	return p, p.next(rowHeight)
}

// Row is the row that is written next, from 1.
func (p *Page) Row() int { return p.at }

// Note writes a text of some lines across the page's first columns.
func (p *Page) Note(text string, columns, lines int) error {
	if err := p.put(1, style{label: true, wrapped: true}, text); err != nil {
		return err
	}
	last, err := excelize.CoordinatesToCellName(columns, p.at)
	if err != nil {
		return err
	}
	if err := p.book.file.MergeCell(p.name, fmt.Sprintf("A%d", p.at), last); err != nil {
		return err
	}
	if err := p.next(float64(rowHeight * lines)); err != nil {
		return err
	}
	return p.next(rowHeight)
}

// next goes to the next row. The height of the one that is written is set, so that charts stand beside the same rows in all programs.
func (p *Page) next(height float64) error {
	if err := p.book.file.SetRowHeight(p.name, p.at, height); err != nil {
		return err
	}
	p.at++
	return nil
}

// Table writes a block: its heading, the columns' headings, rows, and a last row of sums, where total is not nil. It says where
// the rows stand.
func (p *Page) Table(heading string, columns []Column, rows [][]any, total []any) (Area, error) {
	if err := p.put(1, style{block: true}, heading); err != nil {
		return Area{}, err
	}
	if err := p.next(blockHeight); err != nil {
		return Area{}, err
	}
	for i, c := range columns {
		if err := p.put(i+1, style{heading: true, format: c.headingFormat()}, c.Heading); err != nil {
			return Area{}, err
		}
	}
	area := Area{p.name, p.at, p.at + 1, p.at + len(rows)}
	if err := p.next(rowHeight); err != nil {
		return Area{}, err
	}
	for _, row := range rows {
		if err := p.row(columns, row, style{bottom: true}); err != nil {
			return Area{}, err
		}
	}
	if total != nil {
		if err := p.row(columns, total, style{bold: true, top: true}); err != nil {
			return Area{}, err
		}
	}
	return area, p.next(rowHeight)
}

func (p *Page) row(columns []Column, values []any, s style) error {
	if len(values) != len(columns) {
		return fmt.Errorf("a row of %s has %d values for %d columns", p.name, len(values), len(columns))
	}
	for i, c := range columns {
		s.format, s.left = c.Format, i == 0
		if err := p.put(i+1, s, values[i]); err != nil {
			return err
		}
	}
	return p.next(rowHeight)
}

// put writes a cell of the row that is written next.
func (p *Page) put(column int, s style, v any) error {
	at, err := excelize.CoordinatesToCellName(column, p.at)
	if err != nil {
		return err
	}
	id, err := p.book.style(s)
	if err != nil {
		return err
	}
	switch v := p.book.value(v).(type) {
	case nil:
	case string:
		err = p.book.file.SetCellStr(p.name, at, v)
	default:
		err = p.book.file.SetCellValue(p.name, at, v)
	}
	if err != nil {
		return err
	}
	return p.book.file.SetCellStyle(p.name, at, at, id)
}

// Chart puts a chart, and others that are drawn into it, with its left upper corner at a cell.
func (p *Page) Chart(at string, chart *excelize.Chart, more ...*excelize.Chart) error {
	if err := p.book.file.AddChart(p.name, at, chart, more...); err != nil {
		return fmt.Errorf("draw a chart on %s: %w", p.name, err)
	}
	return nil
}

// Close ends the page. It is printed on one page's width.
func (p *Page) Close() error { return p.book.printed(p.name, 1, "") }

// Area is where the rows of a page's table stand.
type Area struct {
	sheet                string
	heading, first, last int
}

// Rows is how many there are.
func (a Area) Rows() int { return a.last - a.first + 1 }

// First is the area's first rows, n at most.
func (a Area) First(n int) Area {
	a.last = min(a.last, a.first+n-1)
	return a
}

// Column is a column's cells as a chart asks for them.
func (a Area) Column(letter string) string {
	return fmt.Sprintf("'%s'!$%s$%d:$%s$%d", a.sheet, letter, a.first, letter, a.last)
}

// Heading is a column's heading as a chart asks for it.
func (a Area) Heading(letter string) string {
	return fmt.Sprintf("'%s'!$%s$%d", a.sheet, letter, a.heading)
}
