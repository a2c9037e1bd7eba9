// Package reportstest reads the files of reports in tests: what stands in a workbook, and what LibreOffice makes of a file.
package reportstest

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// Dump is a workbook as text, for golden files: of each sheet its panes, pages, widths and tables, and each cell with its type,
// value and number format; then the charts, with their kinds, texts and the cells that they draw.
func Dump(t testing.TB, workbook []byte) string {
	t.Helper()
	file, err := excelize.OpenReader(bytes.NewReader(workbook), excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatalf("open the workbook: %v", err)
	}
	defer func() { _ = file.Close() }()
	d := &dump{t: t, file: file, formats: map[int]string{}}
	for _, sheet := range file.GetSheetList() {
		d.sheet(sheet)
	}
	for _, name := range file.GetDefinedName() {
		d.line("name %s of %s: %s", name.Name, name.Scope, name.RefersTo)
	}
	d.charts(workbook)
	return d.out.String()
}

type dump struct {
	t       testing.TB
	file    *excelize.File
	formats map[int]string
	out     strings.Builder
}

func (d *dump) line(format string, args ...any) { fmt.Fprintf(&d.out, format+"\n", args...) }

func (d *dump) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *dump) sheet(name string) {
	d.line("== %s", name)
	panes, err := d.file.GetPanes(name)
	d.must(err)
	if panes.Freeze {
		d.line("frozen above row %d", panes.YSplit+1)
	}
	layout, err := d.file.GetPageLayout(name)
	d.must(err)
	d.line("pages: %s, paper %d, %d wide", *layout.Orientation, *layout.Size, *layout.FitToWidth)
	tables, err := d.file.GetTables(name)
	d.must(err)
	for _, table := range tables {
		d.line("table %s", table.Range)
	}
	rows, err := d.file.GetRows(name)
	d.must(err)
	widest := 0
	for i, row := range rows {
		widest = max(widest, len(row))
		for j, value := range row {
			if value != "" {
				d.cell(name, j+1, i+1, value)
			}
		}
	}
	var widths []string
	for j := range widest {
		column, err := excelize.ColumnNumberToName(j + 1)
		d.must(err)
		width, err := d.file.GetColWidth(name, column)
		d.must(err)
		widths = append(widths, fmt.Sprint(width))
	}
	d.line("widths: %s", strings.Join(widths, " "))
}

// cellTypes are the types of cells that reports have.
var cellTypes = map[excelize.CellType]string{
	excelize.CellTypeUnset: "number", excelize.CellTypeNumber: "number", excelize.CellTypeInlineString: "text", excelize.CellTypeSharedString: "text",
	excelize.CellTypeBool: "bool", excelize.CellTypeFormula: "FORMULA", excelize.CellTypeDate: "date", excelize.CellTypeError: "ERROR",
}

func (d *dump) cell(sheet string, column, row int, value string) {
	at, err := excelize.CoordinatesToCellName(column, row)
	d.must(err)
	kind, err := d.file.GetCellType(sheet, at)
	d.must(err)
	formula, err := d.file.GetCellFormula(sheet, at)
	d.must(err)
	if formula != "" {
		kind = excelize.CellTypeFormula
	}
	id, err := d.file.GetCellStyle(sheet, at)
	d.must(err)
	format, known := d.formats[id]
	if !known {
		style, err := d.file.GetStyle(id)
		d.must(err)
		if style.CustomNumFmt != nil {
			format = *style.CustomNumFmt
		} else {
			format = fmt.Sprint("built-in ", style.NumFmt)
		}
		d.formats[id] = format
	}
	d.line("%s %s %q %s", at, cellTypes[kind], value, format)
}

// charts lists what each chart is made of: kinds, titles, and the cells of its series.
func (d *dump) charts(workbook []byte) {
	archive, err := zip.NewReader(bytes.NewReader(workbook), int64(len(workbook)))
	d.must(err)
	var names []string
	for _, f := range archive.File {
		if strings.HasPrefix(f.Name, "xl/charts/chart") {
			names = append(names, f.Name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		part, err := archive.Open(name)
		d.must(err)
		d.line("chart %s", strings.TrimPrefix(name, "xl/charts/"))
		d.chart(part)
		d.must(part.Close())
	}
}

func (d *dump) chart(part io.Reader) {
	within := ""
	for tokens := xml.NewDecoder(part); ; {
		token, err := tokens.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		d.must(err)
		switch token := token.(type) {
		case xml.StartElement:
			within = token.Name.Local
			if strings.HasSuffix(within, "Chart") {
				d.line("  %s", within)
			}
		case xml.CharData:
			if text := strings.TrimSpace(string(token)); text != "" && (within == "t" || within == "f") {
				d.line("  %s", text)
			}
		case xml.EndElement:
			within = ""
		}
	}
}
