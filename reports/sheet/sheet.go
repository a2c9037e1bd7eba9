// Package sheet writes workbooks that people send on without touching them: what a sheet is about on top, a heading that stays
// in sight, cells of their own types, a table that filters, pages that print. Rows are streamed, so that a long sheet takes no
// more memory than a short one.
//
// Read Book first. Its Table (table.go) is one long table on sheets of its own; its Page (page.go) is a sheet of short tables
// with charts. CSV (csv.go) writes the rows of a table as a text file.
package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/xuri/excelize/v2"
)

// Format is how a column's cells are written.
type Format int

// The formats.
const (
	Text    Format = iota // as it is: what begins with =, +, - or @ is no formula
	Number                // a whole number
	Money                 // roubles, of Kopecks
	Percent               // of a share, 0.25 being 25 %
	Day                   // of a calendar.Date
	Instant               // of a time.Time, in the book's time zone
	Phone                 // E.164: a text with its plus in a workbook, without it in CSV
)

// Kopecks are money.
type Kopecks int64

// Column is a column of a table.
type Column struct {
	Heading string
	Width   float64 // characters; 0: 14
	Format  Format
}

// Line is a line above a table: what the sheet is about.
type Line struct{ Label, Value string }

// MaxRows is how many rows of a table stand on one sheet; more go to a further one.
const MaxRows = 1_048_000

// Book is a workbook. Its sheets are written one after another: each Table is closed before the next. What needs excelize
// itself, such as charts, is done by File at any time before WriteTo.
type Book struct {
	file    *excelize.File
	in      *time.Location
	folder  string // of the temporary files
	styles  map[style]int
	sheets  int
	tables  int
	maxRows int
	open    []*excelize.StreamWriter // tables that are closed and not flushed yet
	failed  error
}

// New is a workbook that shows instants in a time zone. Close it. Long sheets go to a temporary folder: where none can be made,
// the first table says so.
func New(in *time.Location) *Book {
	b := &Book{in: in, styles: map[style]int{}, maxRows: MaxRows}
	if b.folder, b.failed = os.MkdirTemp("", "channelbook-report-"); b.failed != nil {
		b.failed = fmt.Errorf("make a folder for a workbook: %w", b.failed)
	}
	b.file = excelize.NewFile(excelize.Options{TmpDir: b.folder})
	return b
}

// RowsPerSheet makes sheets shorter than MaxRows.
func (b *Book) RowsPerSheet(n int) { b.maxRows = min(n, MaxRows) }

// File is the workbook as excelize knows it, for charts and the like. What it is told of a sheet is written with WriteTo.
func (b *Book) File() *excelize.File { return b.file }

// Describe says what the file's properties show: what it is, and when it was made.
func (b *Book) Describe(title string, made time.Time) error {
	at := made.UTC().Format(time.RFC3339)
	return b.file.SetDocProps(&excelize.DocProperties{Title: title, Creator: "Channelbook", LastModifiedBy: "Channelbook", Created: at, Modified: at})
}

// WriteTo writes the workbook, piece by piece: it is never in memory as a whole. The first sheet is the one that is open.
func (b *Book) WriteTo(w io.Writer) (int64, error) {
	if b.failed != nil {
		return 0, b.failed
	}
	b.file.SetActiveSheet(0) // before the sheets are flushed: excelize would read those anew, whole
	if err := b.flush(); err != nil {
		return 0, fmt.Errorf("write a workbook: %w", err)
	}
	to := &counted{w: w}
	b.file.SetZipWriter(func(io.Writer) excelize.ZipWriter { return zip.NewWriter(to) }) // else excelize gathers the file in memory
	var nothing bytes.Buffer
	if err := b.file.Write(&nothing); err != nil {
		return to.n, fmt.Errorf("write a workbook: %w", err)
	}
	return to.n, nil
}

// flush ends the sheets that are streamed.
func (b *Book) flush() error {
	for _, s := range b.open {
		if err := s.Flush(); err != nil {
			return err
		}
	}
	b.open = nil
	return nil
}

// Close gives back what the workbook took, its temporary files too.
func (b *Book) Close() error {
	err := b.file.Close()
	if b.folder != "" {
		err = errors.Join(err, os.RemoveAll(b.folder))
	}
	return err
}

// hide takes the temporary files' names away: they are read and written all the same until they are closed, and a process that is
// killed leaves no contacts behind. Where a system does not allow that, such as Windows, they stay until Close.
func (b *Book) hide() {
	files, err := os.ReadDir(b.folder)
	if err != nil {
		return
	}
	for _, file := range files {
		_ = os.Remove(filepath.Join(b.folder, file.Name()))
	}
}

// addSheet adds a sheet; the first takes the place of the one that a new file has.
func (b *Book) addSheet(name string) error {
	if b.failed != nil {
		return b.failed
	}
	b.sheets++
	if b.sheets == 1 {
		return b.file.SetSheetName(b.file.GetSheetName(0), name)
	}
	_, err := b.file.NewSheet(name)
	return err
}

// counted counts what is written.
type counted struct {
	w io.Writer
	n int64
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
