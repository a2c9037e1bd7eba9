package sheet_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"channelbook/internal/calendar"
	"channelbook/reports/reportstest"
	"channelbook/reports/sheet"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

var (
	moscow = must(time.LoadLocation("Europe/Moscow"))
	at     = time.Date(2026, 11, 26, 21, 0, 0, 0, time.UTC) // midnight in Moscow
	day    = must(calendar.ParseDate("2026-11-26"))
)

var columns = []sheet.Column{
	{Heading: "Текст", Width: 20}, {Heading: "Число", Format: sheet.Number}, {Heading: "Деньги", Format: sheet.Money}, {Heading: "Доля", Format: sheet.Percent},
	{Heading: "День", Format: sheet.Day}, {Heading: "Время", Width: 17, Format: sheet.Instant}, {Heading: "Телефон", Format: sheet.Phone},
}

func row(text string) []any {
	return []any{text, 12_345, sheet.Kopecks(-123_456_789), 0.256, day, at, "+79123456789"}
}

// book writes a workbook.
func book(t *testing.T, fill func(b *sheet.Book)) []byte {
	t.Helper()
	b := sheet.New(moscow)
	defer func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}()
	fill(b)
	var out bytes.Buffer
	n, err := b.WriteTo(&out)
	if err != nil || n != int64(out.Len()) {
		t.Fatalf("got %d bytes, %v, want %d", n, err, out.Len())
	}
	return out.Bytes()
}

func TestATableIsWrittenAsItIs(t *testing.T) {
	got := reportstest.Dump(t, book(t, func(b *sheet.Book) {
		table := must(b.Table("Лист", "Заголовок", []sheet.Line{{Label: "О чём", Value: "=о том"}}, columns))
		for _, text := range []string{"=1+1", ""} {
			if err := table.Add(row(text)...); err != nil {
				t.Fatal(err)
			}
		}
		if err := table.Add(nil, nil, nil, nil, calendar.Date{}, time.Time{}, nil); err != nil {
			t.Fatal(err)
		}
		if err := table.Close(); err != nil {
			t.Fatal(err)
		}
	}))
	reportstest.Golden(t, "table.golden", got)
}

func TestAPageIsWrittenAsItIs(t *testing.T) {
	got := reportstest.Dump(t, book(t, func(b *sheet.Book) {
		page := must(b.Page("Лист", "Заголовок", []sheet.Line{{Label: "О чём", Value: "о том"}}, 20, 10))
		area := must(page.Table("Таблица", columns[:2], [][]any{{"а", 1}, {"б", 2}, {"в", 3}}, []any{"Итого", 6}))
		if err := page.Note("Примечание", 2, 2); err != nil {
			t.Fatal(err)
		}
		if area.Rows() != 3 || area.First(2).Rows() != 2 || page.Row() < 10 {
			t.Errorf("got %d rows and then %d, up to row %d", area.Rows(), area.First(2).Rows(), page.Row())
		}
		area = area.First(2)
		if err := page.Chart("D2", &excelize.Chart{Type: excelize.Col, Series: []excelize.ChartSeries{{Name: area.Heading("B"), Categories: area.Column("A"), Values: area.Column("B")}}}); err != nil {
			t.Fatal(err)
		}
		if err := page.Close(); err != nil {
			t.Fatal(err)
		}
	}))
	reportstest.Golden(t, "page.golden", got)
}

func TestAChartMayComeAfterItsTable(t *testing.T) {
	content := book(t, func(b *sheet.Book) {
		table := must(b.Table("Лист", "Заголовок", nil, columns[:2]))
		if err := table.Add("а", 1); err != nil {
			t.Fatal(err)
		}
		if err := table.Close(); err != nil {
			t.Fatal(err)
		}
		if err := b.File().AddChart("Лист", "D5", &excelize.Chart{Type: excelize.Col, Series: []excelize.ChartSeries{{Values: "'Лист'!$B$4:$B$4"}}}); err != nil {
			t.Fatal(err)
		}
	})
	file := must(excelize.OpenReader(bytes.NewReader(content)))
	defer func() { _ = file.Close() }()
	drawing, ok := file.Pkg.Load("xl/worksheets/sheet1.xml")
	if !ok || !bytes.Contains(drawing.([]byte), []byte("<drawing ")) {
		t.Error("the sheet has no chart")
	}
}

func TestARowOfAnotherLengthIsRefused(t *testing.T) {
	book(t, func(b *sheet.Book) {
		table := must(b.Table("Лист", "", nil, columns))
		page := must(b.Page("Страница", "", nil, 10))
		_, paged := page.Table("", columns, [][]any{{"один"}}, nil)
		file := must(sheet.NewCSV(&bytes.Buffer{}, moscow, columns))
		for name, err := range map[string]error{"a table": table.Add("один"), "a page": paged, "CSV": file.Add("один")} {
			if err == nil || !strings.Contains(err.Error(), "1 values for 7 columns") {
				t.Errorf("%s: got %v, want the row refused", name, err)
			}
		}
		if err := table.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestWithoutATemporaryFolderThereIsNoWorkbook(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "none"))
	b := sheet.New(moscow)
	defer func() { _ = b.Close() }()
	if _, err := b.Table("Лист", "", nil, columns); !os.IsNotExist(unwrapped(err)) {
		t.Errorf("got %v, want the folder's absence", err)
	}
	if _, err := b.WriteTo(&bytes.Buffer{}); err == nil {
		t.Error("the workbook was written")
	}
}

// unwrapped is the innermost of errors in each other.
func unwrapped(err error) error {
	for {
		inner, ok := err.(interface{ Unwrap() error })
		if !ok {
			return err
		}
		if _, isPath := err.(*os.PathError); isPath {
			return err
		}
		err = inner.Unwrap()
	}
}

func TestALongSheetHasNoFileThatAKilledProcessWouldLeave(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	const rows = 2000
	text := strings.Repeat("длинный текст ", 700)
	content := book(t, func(b *sheet.Book) {
		table := must(b.Table("Лист", "", nil, columns[:2]))
		for i := range rows {
			if err := table.Add(text, i); err != nil {
				t.Fatal(err)
			}
		}
		if left, err := filepath.Glob(filepath.Join(folder, "*", "*")); err != nil || len(left) > 0 {
			t.Errorf("got %v, %v, want no file with a name", left, err)
		}
		if err := table.Close(); err != nil {
			t.Fatal(err)
		}
	})
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	file := must(excelize.OpenReader(bytes.NewReader(content)))
	defer func() { _ = file.Close() }()
	all := must(file.GetRows("Лист"))
	if last := all[len(all)-1]; len(all) != rows+3 || last[0] != text || last[1] != "1,999" {
		t.Errorf("got %d rows, the last with %q, want all of them", len(all), last[1])
	}
}

func TestCSVIsWhatRussianExcelOpens(t *testing.T) {
	var out bytes.Buffer
	file := must(sheet.NewCSV(&out, moscow, columns))
	for _, text := range []string{"просто; текст", "=1+1", "+1", "-1", "@x", "\t=1", "две\nстроки", "a\x00b\xff"} {
		if err := file.Add(row(text)...); err != nil {
			t.Fatal(err)
		}
	}
	if err := file.Add(nil, int64(1), sheet.Kopecks(5), nil, calendar.Date{}, time.Time{}, "+7912•••••89"); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	got := strings.Split(out.String(), "\r\n")
	rest := ";12345;-1234567,89;25,6%;26.11.2026;27.11.2026 00:00:00;79123456789"
	want := []string{
		"\uFEFFТекст;Число;Деньги;Доля;День;Время;Телефон", `"просто; текст"` + rest, "'=1+1" + rest, "'+1" + rest, "'-1" + rest, "'@x" + rest, "'\t=1" + rest,
		`"две`, `строки"` + rest, "ab\uFFFD" + rest, ";1;0,05;;;;7912•••••89", "",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}
