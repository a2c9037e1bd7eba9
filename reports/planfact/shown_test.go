package planfact_test

import (
	"bytes"
	"testing"

	"github.com/xuri/excelize/v2"

	"channelbook/reports/reportstest"
)

// shown is all that people see of a workbook, as text.
func shown(t testing.TB, file []byte) string {
	t.Helper()
	return reportstest.Dump(t, file) + reportstest.Looks(t, file)
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
