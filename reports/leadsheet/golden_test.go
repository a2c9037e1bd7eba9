package leadsheet_test

import (
	"strings"
	"testing"

	"channelbook/internal/auth"
	"channelbook/reports/order"
	"channelbook/reports/reportstest"
)

func TestTheReportsAreAsTheyWere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.people()
		for name, v := range map[string]auth.Viewer{"admin": w.admin(), "distributor": w.worker(w.ours)} {
			t.Run("a workbook: "+name, func(t *testing.T) {
				got := reportstest.Dump(t, w.report(v, order.XLSX, func(o *order.Order) {
					o.Filter.ReceivedFrom = ptr(instant("2026-10-31T21:00:00Z"))
					o.Filter.ReceivedTo = ptr(instant("2026-11-30T21:00:00Z"))
				}))
				reportstest.Golden(t, name+".xlsx.golden", got)
			})
			t.Run("CSV: "+name, func(t *testing.T) {
				got := string(w.report(v, order.CSV, nil))
				if !strings.HasPrefix(got, "\uFEFF") || strings.Count(got, "\r\n") != strings.Count(got, "\n") {
					t.Error("want the mark of UTF-8 and lines that end as those of Windows")
				}
				reportstest.Golden(t, name+".csv.golden", strings.ReplaceAll(got, "\r\n", "\n"))
			})
		}
	})
}
