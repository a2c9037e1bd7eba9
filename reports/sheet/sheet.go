// Package sheet writes workbooks that people send on without touching them: what a sheet is about on top, a heading that stays
// in sight, cells of their own types, a table that filters. Rows are streamed, so that a long sheet takes no more memory than a
// short one. Read Book first.
package sheet

import (
	"fmt"
	"io"
	"time"

	"github.com/xuri/excelize/v2"

	"channelbook/internal/calendar"
)

// Format is how a column's cells are written.
type Format int

// The formats.
const (
	Text    Format = iota // as it is: what begins with =, +, - or @ is no formula, and a phone keeps its plus
	Number                // a whole number
	Money                 // roubles, of Kopecks
	Percent               // of a share, 0.25 being 25 %
	Day                   // of a calendar.Date
	Instant               // of a time.Time, in the book's time zone
)

// Kopecks are money.
type Kopecks int64

// Column is a column of a table.
type Column struct {
	Heading string
	Width   float64 // characters; 0: 14
	Format  Format
}

// Line is a line above the table: what the sheet is about.
type Line struct{ Label, Value string }

// MaxRows is how many rows of a table stand on one sheet; more go to a further one.
const MaxRows = 1_048_000

// Book is a workbook. Its sheets are written one after another: each Table is closed before the next.
type Book struct {
	file   *excelize.File
	in     *time.Location
	styles map[style]int
	tables int
	sheets int
	failed error
}

// New is a workbook that shows instants in a time zone. Close it.
func New(in *time.Location) *Book {
	return &Book{file: excelize.NewFile(), in: in, styles: map[style]int{}}
}

// File is the workbook as excelize knows it, for charts and the like once all tables are closed.
func (b *Book) File() *excelize.File { return b.file }

// WriteTo writes the workbook. The first sheet is the one that is open.
func (b *Book) WriteTo(w io.Writer) (int64, error) {
	if b.failed != nil {
		return 0, b.failed
	}
	b.file.SetActiveSheet(0)
	n, err := b.file.WriteTo(w)
	if err != nil {
		return n, fmt.Errorf("write a workbook: %w", err)
	}
	return n, nil
}

// Close gives back what the workbook took, its temporary files too.
func (b *Book) Close() error { return b.file.Close() }

// addSheet adds a sheet; the first takes the place of the one that a new file has.
func (b *Book) addSheet(name string) error {
	b.sheets++
	if b.sheets == 1 {
		return b.file.SetSheetName(b.file.GetSheetName(0), name)
	}
	_, err := b.file.NewSheet(name)
	return err
}

// cell is a value as the stream takes it.
func (b *Book) cell(f Format, v any) (excelize.Cell, error) {
	id, err := b.style(style{format: f})
	if err != nil {
		return excelize.Cell{}, err
	}
	switch v := v.(type) {
	case Kopecks:
		return excelize.Cell{StyleID: id, Value: float64(v) / 100}, nil
	case calendar.Date:
		if v.IsZero() {
			return excelize.Cell{StyleID: id}, nil
		}
		return excelize.Cell{StyleID: id, Value: v.Start(time.UTC)}, nil
	case time.Time:
		if v.IsZero() {
			return excelize.Cell{StyleID: id}, nil
		}
		return excelize.Cell{StyleID: id, Value: asWritten(v.In(b.in))}, nil
	case string:
		return excelize.Cell{StyleID: id, Value: printable(v)}, nil
	}
	return excelize.Cell{StyleID: id, Value: v}, nil
}

// asWritten is an instant as its clock shows it: a workbook knows no time zones.
func asWritten(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}
