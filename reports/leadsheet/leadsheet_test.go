package leadsheet_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"channelbook/ent"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/reports/leadsheet"
	"channelbook/reports/order"
)

const (
	leadsSheet   = "Лиды"
	summarySheet = "Сводка"
)

// opened is a workbook that is closed with the test.
func opened(t *testing.T, content []byte) *excelize.File {
	t.Helper()
	file, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return file
}

// rows are a sheet's rows below the heading that begins with "Получен".
func rows(t *testing.T, file *excelize.File, sheet string) (heading []string, below [][]string) {
	t.Helper()
	all, err := file.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(all, func(row []string) bool { return len(row) > 1 && row[0] == "Получен" })
	if at < 0 {
		t.Fatalf("%s has no heading", sheet)
	}
	return all[at], all[at+1:]
}

// column is the texts of a column of the leads.
func column(t *testing.T, content []byte, name string) []string {
	t.Helper()
	heading, below := rows(t, opened(t, content), leadsSheet)
	at := slices.Index(heading, name)
	if at < 0 {
		t.Fatalf("there is no column %s", name)
	}
	out := make([]string, len(below))
	for i, row := range below {
		if at < len(row) {
			out[i] = row[at]
		}
	}
	return out
}

// records are those of CSV, the heading first.
func records(t *testing.T, content []byte) [][]string {
	t.Helper()
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(content, []byte("\uFEFF"))))
	r.Comma = ';'
	all, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestNobodyGetsMoreThanIsShownElsewhere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.people()
		secret := []string{"9123456704", "9123456705", "them@example.ru", "theirs@example.ru", "gone@example.ru", "Сидоров", "VK Реклама", "Лендинг", "2026-09",
			"9123456702", "boris@", "203.0.113.8"} // another's, restricted, sources, consents; masked
		for _, format := range []string{order.XLSX, order.CSV} {
			t.Run("a distributor's user, as "+format, func(t *testing.T) {
				content := w.report(w.worker(w.ours), format, nil)
				text := string(content)
				if format == order.XLSX {
					text = everything(t, content)
				}
				for _, s := range secret {
					if strings.Contains(text, s) {
						t.Errorf("the report tells %q", s)
					}
				}
				for _, s := range []string{"9123456701", "anna@example.ru", "203.0.113.7", "7912•••••02", "b•••@example.ru"} {
					if !strings.Contains(text, s) {
						t.Errorf("the report does not tell %q", s)
					}
				}
			})
		}
		t.Run("masks are off where the setting is", func(t *testing.T) {
			m := maker()
			m.Eyes.MaskUntilTaken = false
			content, err := w.write(context.Background(), m, w.worker(w.ours), order.CSV, nil)
			if err != nil || !bytes.Contains(content, []byte("79123456702")) {
				t.Errorf("got %v and %q, want the phone", err, content)
			}
		})
		t.Run("the lead that is repeated is told to who sees it", func(t *testing.T) {
			first := gid.Lead.Format(id(3, 1))
			if got := column(t, w.report(w.admin(), order.XLSX, nil), "Повторяет лид"); !slices.Equal(got, []string{"", first, "", "", "", first, "", "", first}) {
				t.Errorf("an administrator: got %q", got)
			}
			if got := column(t, w.report(w.worker(w.them), order.XLSX, nil), "Повторяет лид"); !slices.Equal(got, []string{"", ""}) {
				t.Errorf("a distributor that does not have it: got %q", got)
			}
		})
		t.Run("a masked contact cannot be asked for", func(t *testing.T) {
			ask := func(o *order.Order) { o.Filter.Phone = ptr("8 912 345-67-02") }
			if n := len(records(t, w.report(w.worker(w.ours), order.CSV, ask))) - 1; n != 0 {
				t.Errorf("a distributor's user found %d leads, want none", n)
			}
			if n := len(records(t, w.report(w.admin(), order.CSV, ask))) - 1; n != 1 {
				t.Errorf("an administrator found %d leads, want 1", n)
			}
		})
		t.Run("a distributor's user that asks for sources learns nothing", func(t *testing.T) {
			content := w.report(w.worker(w.ours), order.XLSX, func(o *order.Order) { o.Filter.SourceIDs = []gid.ID{w.site} })
			if n := len(column(t, content, "Статус")); n != 0 || strings.Contains(everything(t, content), "Весна") {
				t.Errorf("got %d leads or the source's name", n)
			}
		})
		t.Run("a lead source gets no report", func(t *testing.T) {
			_, err := w.write(context.Background(), maker(), auth.Viewer{Role: auth.Source, SourceID: w.site}, order.CSV, nil)
			if !isKind(err, fault.Forbidden) {
				t.Errorf("got %v, want Forbidden", err)
			}
		})
	})
}

func isKind(err error, kind fault.Kind) bool {
	faults, ok := fault.All(err)
	return ok && len(faults) == 1 && faults[0].Kind == kind
}

// everything is all texts of a workbook, its charts included.
func everything(t *testing.T, content []byte) string {
	t.Helper()
	file := opened(t, content)
	var all strings.Builder
	for _, sheet := range file.GetSheetList() {
		found, err := file.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range found {
			all.WriteString(strings.Join(row, "\n"))
		}
	}
	file.Pkg.Range(func(path, part any) bool {
		if strings.HasPrefix(path.(string), "xl/charts/") {
			all.Write(part.([]byte))
		}
		return true
	})
	return all.String()
}

func TestNoTextIsAFormula(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		texts := []string{"=cmd", "+1", "-1", "@x", "\t=1", "=HYPERLINK(\"http://example.ru\",\"x\")", "\r=1", "\n=1", "＝1"}
		for _, text := range texts {
			w.lead("2026-11-20T10:00:00Z", "", "", of(w.ours), func(c *ent.LeadCreate) { c.SetFirstName(text) })
		}
		file := opened(t, w.report(w.admin(), order.XLSX, nil))
		for i := range texts {
			at := "C" + string(rune('6'+i))
			if i > 3 {
				at = "C1" + string(rune('0'+i-4))
			}
			kind, err := file.GetCellType(leadsSheet, at)
			formula, err2 := file.GetCellFormula(leadsSheet, at)
			if err != nil || err2 != nil || kind != excelize.CellTypeInlineString || formula != "" {
				t.Errorf("%s: got type %v, formula %q, %v, %v, want a text", at, kind, formula, err, err2)
			}
		}
		for i, record := range records(t, w.report(w.admin(), order.CSV, nil))[1:] {
			if !strings.HasPrefix(record[2], "'") {
				t.Errorf("%q stands in CSV as %q, want an apostrophe before it", texts[i], record[2])
			}
		}
	})
}

func TestTextsFitIntoCells(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, text := range []string{"a\x01\x08b\uFFFEc", strings.Repeat("ж", 40_000), strings.Repeat("😀", 20_000), strings.Repeat("x", 32_767), "<&>\"' _x0041_"} {
			w.lead("2026-11-20T10:00:00Z", "", "", func(c *ent.LeadCreate) { c.SetUtmTerm(text) })
		}
		got := column(t, w.report(w.admin(), order.XLSX, nil), "UTM Term")
		if got[0] != "abc" {
			t.Errorf("got %q, want what XML cannot hold left out", got[0])
		}
		for _, cut := range got[1:3] {
			if units := len(utf16.Encode([]rune(cut))); units > excelize.TotalCellChars || units < excelize.TotalCellChars-64 || !strings.HasSuffix(cut, "… [обрезано]") {
				t.Errorf("got %d units that end in %q, want as many as fit and a mark", units, cut[len(cut)-32:])
			}
		}
		if len(got[3]) != 32_767 {
			t.Errorf("got %d characters, want all of a text that just fits", len(got[3]))
		}
		if got[4] != "<&>\"' _x0041_" {
			t.Errorf("got %q, want the text as it is", got[4])
		}
	})
}

func TestALongReportHasFurtherSheets(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.many(25)
		m := leadsheet.WithRowsPerSheet(maker(), 10)
		content, err := w.write(context.Background(), *m, w.admin(), order.XLSX, nil)
		if err != nil {
			t.Fatal(err)
		}
		file := opened(t, content)
		if got := file.GetSheetList(); !slices.Equal(got, []string{summarySheet, leadsSheet, leadsSheet + " (2)", leadsSheet + " (3)"}) {
			t.Fatalf("got the sheets %q", got)
		}
		var names []string
		for i, sheet := range file.GetSheetList()[1:] {
			heading, below := rows(t, file, sheet)
			if want := min(10, 25-10*i); len(below) != want || heading[2] != "Имя" {
				t.Errorf("%s: got %d rows under %q, want %d", sheet, len(below), heading, want)
			}
			tables, err := file.GetTables(sheet)
			panes, err2 := file.GetPanes(sheet)
			if err != nil || err2 != nil || len(tables) != 1 || !panes.Freeze {
				t.Errorf("%s: got tables %v, panes %v, %v, %v, want a table and a heading that stays", sheet, tables, panes, err, err2)
			}
			for _, row := range below {
				names = append(names, row[2])
			}
		}
		slices.Sort(names)
		if names = slices.Compact(names); len(names) != 25 {
			t.Errorf("got %d leads, want each of 25 once", len(names))
		}
	})
}

func TestEachLeadIsReadOnceInFewStatements(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const n = 2*leadsheet.Batch + 100
		w.many(n)
		ctx, counter := db.CountStatements(context.Background())
		var told []int
		expected := 0
		content, err := w.write(ctx, maker(), w.worker(w.ours), order.CSV, func(o *order.Order) {
			o.Wrote = func(rows int) error { told = append(told, rows); return nil }
			o.Expect = func(rows int) { expected = rows }
		})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(told, []int{leadsheet.Batch, 2 * leadsheet.Batch, n}) || expected != n {
			t.Errorf("got %v of %d, want each batch of %d told", told, expected, n)
		}
		names := map[string]bool{}
		for _, record := range records(t, content)[1:] {
			names[record[2]] = true
		}
		if len(names) != n {
			t.Errorf("got %d leads, want each of %d once, those of the same instant too", len(names), n)
		}
		if counter.N() != 6 { // two for names, one that counts, three batches
			t.Errorf("got %d statements, want 6:\n%s", counter.N(), strings.Join(counter.List(), "\n"))
		}
	})
}

// TestWhoDoesNotWantItAnyMoreLeavesNothing has reports end early, in every way, and looks for what they leave behind.
func TestWhoDoesNotWantItAnyMoreLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.many(2*leadsheet.Batch + 1)
		folder := t.TempDir()
		t.Setenv("TMPDIR", folder)
		unwanted := errors.New("not wanted any more")
		for name, c := range map[string]struct {
			want   error
			change func(o *order.Order, cancel func())
		}{
			"told so after a batch": {unwanted, func(o *order.Order, _ func()) { o.Wrote = func(int) error { return unwanted } }},
			"the context ends": {context.Canceled, func(o *order.Order, cancel func()) {
				o.Wrote = func(int) error { cancel(); return nil }
			}},
			"told so while the file is packed": {unwanted, func(o *order.Order, _ func()) {
				told := 0
				o.Wrote = func(int) error {
					if told++; told > 3 || o.Format == order.CSV {
						return unwanted
					}
					return nil
				}
			}},
			"the context ends while the file is written": {context.Canceled, func(o *order.Order, cancel func()) {
				o.Out = writer(func(p []byte) (int, error) { cancel(); return len(p), nil })
			}},
			"the file cannot be written": {unwanted, func(o *order.Order, _ func()) {
				o.Out = writer(func([]byte) (int, error) { return 0, unwanted })
			}},
		} {
			for _, format := range []string{order.XLSX, order.CSV} {
				t.Run(name+", as "+format, func(t *testing.T) {
					ctx, cancel := context.WithCancel(context.Background())
					defer cancel()
					batches := 0
					_, err := w.write(ctx, maker(), w.admin(), format, func(o *order.Order) {
						c.change(o, cancel)
						wrote := o.Wrote
						o.Wrote = func(n int) error { batches++; return wrote(n) }
					})
					if !errors.Is(err, c.want) {
						t.Errorf("got %v, want %v", err, c.want)
					}
					if !strings.Contains(name, "file") && batches != 1 {
						t.Errorf("it went on for %d batches, want it to end after the first", batches)
					}
					left, err := os.ReadDir(folder)
					if err != nil || len(left) > 0 {
						t.Errorf("left behind: %v, %v", left, err)
					}
				})
			}
		}
		t.Run("nor does a report that is made", func(t *testing.T) {
			w.report(w.admin(), order.XLSX, nil)
			if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	})
}

type writer func(p []byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

func TestAReportOfNothingIsWhole(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		content := w.report(w.worker(w.ours), order.XLSX, nil)
		if n := len(column(t, content, "Статус")); n != 0 {
			t.Errorf("got %d rows, want none", n)
		}
		if all := everything(t, content); !strings.Contains(all, "Итого") || !strings.Contains(all, "все доступные лиды") {
			t.Errorf("got %q, want sums of nothing, and that all was asked for", all)
		}
		if n := len(records(t, w.report(w.worker(w.ours), order.CSV, nil))); n != 1 {
			t.Errorf("got %d records, want the heading", n)
		}
	})
}

func TestAFormatThatIsNotThereIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		if _, err := w.write(context.Background(), maker(), w.admin(), order.PDF, nil); err == nil {
			t.Error("want an error")
		}
	})
}
