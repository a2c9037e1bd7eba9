package leadsheet_test

import (
	"strings"
	"testing"

	"channelbook/internal/dbtest"
	"channelbook/reports/order"
	"channelbook/reports/reportstest"
)

func TestLibreOfficeOpensTheReport(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	w.people()
	content := w.report(w.admin(), order.XLSX, nil)
	t.Run("its sheets hold what was written", func(t *testing.T) {
		sheets := reportstest.Convert(t, "report.xlsx", content, reportstest.AllSheets)
		shown := string(sheets["report-Лиды.csv"])
		for _, text := range []string{`,Продажа,Анна,Петрова,+79123456701,anna@example.ru,203.0.113.7,`, `,=cmd|' /C calc'!A0,@SUM(1+1),`, `,0012,`, `,1500.5,`} {
			if !strings.Contains(shown, text) {
				t.Errorf("the leads do not show %s:\n%s", text, shown)
			}
		}
		if summary := string(sheets["report-Сводка.csv"]); !strings.Contains(summary, `Принятые лиды,7,2,`) {
			t.Errorf("the summary shows:\n%s", summary)
		}
		for name, text := range sheets {
			for _, broken := range []string{"#NAME?", "#VALUE!", "#REF!", "Err:"} {
				if strings.Contains(string(text), broken) {
					t.Errorf("%s shows %s", name, broken)
				}
			}
		}
	})
	t.Run("it prints, with its charts", func(t *testing.T) {
		text := reportstest.PDFText(t, reportstest.Convert(t, "report.xlsx", content, "pdf")["report.pdf"])
		for _, want := range []string{"Сводка по лидам", "Лиды и продажи по дням поступления", "Лиды по статусам", "Лиды и продажи по дистрибьюторам", "Лиды и продажи по источникам",
			"Страница 1 из", "+79123456701", "21.11.2026 00:30", "1,500.50", "28.6%", "anna@example.ru", "Sub ID 10"} {
			if !strings.Contains(text, want) {
				t.Errorf("the pages do not show %q", want)
			}
		}
		if pages := strings.Count(text, "\f"); pages > 8 {
			t.Errorf("got %d pages, want few", pages)
		}
	})
}
