package reportstest

import (
	"bytes"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// Looks is what Dump leaves out of how a workbook looks: the columns that stay in sight, and the colours that cells are filled
// with, row by row.
func Looks(t testing.TB, workbook []byte) string {
	t.Helper()
	file, err := excelize.OpenReader(bytes.NewReader(workbook), excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatalf("open the workbook: %v", err)
	}
	defer func() { _ = file.Close() }()
	d := &dump{t: t, file: file}
	for _, sheet := range file.GetSheetList() {
		d.looks(sheet)
	}
	return d.out.String()
}

func (d *dump) looks(sheet string) {
	panes, err := d.file.GetPanes(sheet)
	d.must(err)
	d.line("== %s: %d columns stay in sight", sheet, panes.XSplit)
	rows, err := d.file.GetRows(sheet)
	d.must(err)
	for i, row := range rows {
		var filled []string
		for j := range row {
			at, err := excelize.CoordinatesToCellName(j+1, i+1)
			d.must(err)
			id, err := d.file.GetCellStyle(sheet, at)
			d.must(err)
			style, err := d.file.GetStyle(id)
			d.must(err)
			if len(style.Fill.Color) > 0 {
				filled = append(filled, at+" "+style.Fill.Color[0])
			}
		}
		if len(filled) > 0 {
			d.line("%s", strings.Join(filled, ", "))
		}
	}
}
