package payoutsheet_test

import (
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
	w.fill(120)
	file := w.made(w.order(viewerOf(w.admin), february))
	keep(t, "payouts.xlsx", file)
	pdf := reportstest.Convert(t, "payouts.xlsx", file, "pdf")["payouts.pdf"]
	keep(t, "payouts.pdf", pdf)
	text := reportstest.PDFText(t, pdf)
	for _, want := range []string{
		"Выплаты: ведомости", "Февраль 2026", "02.04.2026 15:34", "Василёк", "Ромашка", "Черновик", "ПП № 17", "1,000.01", "1,234,567.89",
		"=возврат: Анна +7 912", "Другая ведомость", "Не в ведомостях", "Сверка", "Расхождение", "Страница 1 из",
	} {
		if !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
			t.Errorf("the pages do not say %q:\n%s", want, text)
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
