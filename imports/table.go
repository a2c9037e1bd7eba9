package imports

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// The formats of files.
const (
	formatCSV  = "CSV"
	formatXLSX = "XLSX"
)

// shape is how a file is written: what was found out, or what its sender says. Empty: to be found out.
type shape struct {
	format    string
	encoding  string // of CSV
	separator string // of CSV
	sheet     string // of XLSX
	from1904  bool   // of XLSX: its days are counted from 1904 on
}

// table is a file that is read row by row. The cells of a row end with the last that is not empty.
type table interface {
	// next is the next row that has anything in it, and its number as a spreadsheet counts; io.EOF after the last. Faults are of the file as a whole.
	next() (row int, cells []string, err error)
	close() error
}

// open begins to read a file. What it answers of the shape is complete.
func open(body []byte, as shape) (table, shape, error) {
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return nil, as, wrong("EMPTY_FILE", "The file is empty.")
	case bytes.HasPrefix(body, []byte("PK\x03\x04")):
		return openXLSX(body, as)
	case bytes.HasPrefix(body, []byte("\xd0\xcf\x11\xe0")):
		return nil, as, wrong("NOT_A_TABLE", "This is a workbook of an old Excel, or one with a password. Save it as .xlsx without one.")
	}
	return openCSV(body, as)
}

// trimmed is a row without white space around its cells and without empty ones at its end; an error where it is beyond the bounds.
func trimmed(row int, cells []string) ([]string, error) {
	for i, cell := range cells {
		cell = strings.TrimSpace(strings.ReplaceAll(cell, "\u00a0", " "))
		if utf8.RuneCountInString(cell) > maxCell {
			return nil, wrong("CELL_TOO_LONG", fmt.Sprintf("Row %d has a cell of more than %d characters.", row, maxCell))
		}
		cells[i] = cell
	}
	for len(cells) > 0 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	if len(cells) > maxColumns {
		return nil, wrong("TOO_MANY_COLUMNS", fmt.Sprintf("Row %d has more than %d cells.", row, maxColumns))
	}
	return cells, nil
}

// excelErrors are what a cell holds whose formula came to nothing.
var excelErrors = []string{"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#Н/Д", "#ССЫЛКА!", "#ЗНАЧ!", "#ДЕЛ/0!", "#ИМЯ?", "#ЧИСЛО!", "#ПУСТО!"}

func isExcelError(cell string) bool { return slices.Contains(excelErrors, cell) }

var errNoRows = wrong("NO_ROWS", "The file has headings and no rows under them.")

func isEnd(err error) bool { return errors.Is(err, io.EOF) }
