package planfact_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"channelbook/internal/dbtest"
	"channelbook/reports/reportstest"
)

// TestItOpensInLibreOffice: the pages say what the report is about, and what it comes to as people read it.
func TestItOpensInLibreOffice(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	w.story()
	file := w.made(w.order(w.boss()))
	keep(t, "plan_fact.xlsx", file)
	pdf := reportstest.Convert(t, "plan_fact.xlsx", file, "pdf")["plan_fact.pdf"]
	keep(t, "plan_fact.pdf", pdf)
	text := reportstest.PDFText(t, pdf)
	for _, want := range []string{
		"План и факт", "Январь 2026 — апрель 2026", "11.03.2026 15:34", "Выплаты: план и факт по месяцам", "Василёк", "Ромашка",
		"100,000.01", "99,999.99", "Все дистрибьюторы", "Не выполнен", "С опережением", "Страница 1 из",
	} {
		if !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
			t.Errorf("the pages do not say %q:\n%s", want, text)
		}
	}
}

// TestAYearFitsOnPages: the overview takes one, each metric of a few distributors one more, and the list some. docs/reports/plan_fact.png
// shows it.
func TestAYearFitsOnPages(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	w.fill(9)
	w.at("2026-09-15T09:00:00Z")
	file := w.made(w.year())
	pdf := reportstest.Convert(t, "year.xlsx", file, "pdf")["year.pdf"]
	keep(t, "year.pdf", pdf)
	pages := strings.Split(reportstest.PDFText(t, pdf), "\f")
	for i, sheet := range []string{"Итоги", "Выплаты", "Выручка", "Продажи", "Лиды", "Список"} {
		if !strings.Contains(pages[i], sheet+" ") || !strings.Contains(pages[i], fmt.Sprintf("Страница %d из", i+1)) {
			t.Errorf("page %d is not that of %s:\n%s", i+1, sheet, pages[i])
		}
	}
}

// keep leaves a file for somebody to look at, where REPORTS_KEEP names a folder.
func keep(t testing.TB, name string, content []byte) {
	t.Helper()
	folder := os.Getenv("REPORTS_KEEP")
	if folder == "" {
		return
	}
	if err := os.WriteFile(folder+"/"+name, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
