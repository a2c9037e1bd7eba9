// Package sheettest holds workbooks against what they were: all that people see of them, as text.
package sheettest

import (
	"archive/zip"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// Open reads a workbook that was written.
func Open(t testing.TB, file []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(file))
	if err != nil {
		t.Fatalf("read the workbook: %v", err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Errorf("close the workbook: %v", err)
		}
	})
	return f
}

// ids are those of leads, which are others in each run.
var ids = regexp.MustCompile(`lead_[0-9a-z]{26}`)

// Dump is a workbook as text: of each sheet what stays in sight, how it prints, its tables, and each cell with its stored value,
// type, number format and colour; then the charts.
func Dump(t testing.TB, file []byte) string {
	t.Helper()
	f := Open(t, file)
	var out strings.Builder
	for _, name := range f.GetSheetList() {
		fmt.Fprintf(&out, "# %s\n", name)
		about(t, f, name, &out)
		cells(t, f, name, &out)
	}
	charts(t, file, &out)
	return ids.ReplaceAllString(out.String(), "lead_…")
}

func about(t testing.TB, f *excelize.File, name string, out io.Writer) {
	t.Helper()
	panes := must(f.GetPanes(name))
	fmt.Fprintf(out, "panes: %v %d %d %s\n", panes.Freeze, panes.XSplit, panes.YSplit, panes.TopLeftCell)
	layout, props := must(f.GetPageLayout(name)), must(f.GetSheetProps(name))
	fmt.Fprintf(out, "page: %s %d×%d fit %v\n", value(layout.Orientation), value(layout.FitToWidth), value(layout.FitToHeight), value(props.FitToPage))
	for _, d := range f.GetDefinedName() {
		if d.Scope == name {
			fmt.Fprintf(out, "%s: %s\n", d.Name, d.RefersTo)
		}
	}
	for _, table := range must(f.GetTables(name)) {
		fmt.Fprintf(out, "table: %s\n", table.Range)
	}
	for _, merged := range must(f.GetMergeCells(name)) {
		fmt.Fprintf(out, "merged: %s\n", merged[0])
	}
}

func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

func cells(t testing.TB, f *excelize.File, name string, out io.Writer) {
	t.Helper()
	for y, row := range must(f.GetRows(name, excelize.Options{RawCellValue: true})) {
		for x, value := range row {
			at := must(excelize.CoordinatesToCellName(x+1, y+1))
			style := must(f.GetStyle(must(f.GetCellStyle(name, at))))
			if value == "" && len(style.Fill.Color) == 0 {
				continue
			}
			kind := "n"
			if k := must(f.GetCellType(name, at)); k == excelize.CellTypeInlineString || k == excelize.CellTypeSharedString {
				kind = "s"
			}
			number := ""
			if style.CustomNumFmt != nil {
				number = *style.CustomNumFmt
			}
			bold := ""
			if style.Font != nil && style.Font.Bold {
				bold = " bold"
			}
			fmt.Fprintf(out, "%s %s %q %s %s%s\n", at, kind, value, number, strings.Join(style.Fill.Color, ","), bold)
		}
	}
}

var (
	reference = regexp.MustCompile(`<(?:c:)?f>([^<]*)</`)
	title     = regexp.MustCompile(`<a:t>([^<]*)</a:t>`)
)

// charts are told by their titles and by where they take their values from.
func charts(t testing.TB, file []byte, out io.Writer) {
	t.Helper()
	archive := must(zip.NewReader(bytes.NewReader(file), int64(len(file))))
	parts := slices.Clone(archive.File)
	slices.SortFunc(parts, func(a, b *zip.File) int {
		return cmp.Or(cmp.Compare(len(a.Name), len(b.Name)), cmp.Compare(a.Name, b.Name))
	})
	for _, part := range parts {
		if !strings.HasPrefix(part.Name, "xl/charts/chart") {
			continue
		}
		r := must(part.Open())
		text := string(must(io.ReadAll(r)))
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(out, "# chart")
		for _, of := range title.FindAllStringSubmatch(text, -1) {
			fmt.Fprintf(out, " %q", of[1])
		}
		for _, of := range reference.FindAllStringSubmatch(text, -1) {
			fmt.Fprintf(out, " %s", of[1])
		}
		fmt.Fprintln(out)
	}
}

// Golden compares a workbook with testdata/NAME.golden, or writes that where update is set.
func Golden(t *testing.T, name string, file []byte, update bool) {
	t.Helper()
	path, got := filepath.Join("testdata", name+".golden"), Dump(t, file)
	if update {
		if err := os.MkdirAll("testdata", 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path) // #nosec G304 -- of the test's own
	if err != nil {
		t.Fatal(err)
	}
	g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range max(len(g), len(w)) {
		if i >= len(g) || i >= len(w) || g[i] != w[i] {
			t.Fatalf("%s differs from line %d on: got\n%s\nwant\n%s", path, i+1, strings.Join(g[min(i, len(g)):min(i+8, len(g))], "\n"), strings.Join(w[min(i, len(w)):min(i+8, len(w))], "\n"))
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
