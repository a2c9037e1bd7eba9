package payoutsheet_test

import (
	"bytes"
	"regexp"
	"testing"

	"github.com/xuri/excelize/v2"

	"channelbook/reports/reportstest"
)

// ids are those of leads, which are others in each run.
var ids = regexp.MustCompile(`lead_[0-9a-z]{26}`)

// shown is all that people see of a workbook, as text.
func shown(t testing.TB, file []byte) string {
	t.Helper()
	return ids.ReplaceAllString(reportstest.Dump(t, file)+reportstest.Looks(t, file), "lead_…")
}

func opened(t testing.TB, file []byte) *excelize.File {
	t.Helper()
	book := must(excelize.OpenReader(bytes.NewReader(file)))
	t.Cleanup(func() {
		if err := book.Close(); err != nil {
			t.Error(err)
		}
	})
	return book
}

// rows are those of a sheet, with the values that are stored.
func rows(book *excelize.File, sheet string) [][]string {
	return must(book.GetRows(sheet, excelize.Options{RawCellValue: true}))
}
