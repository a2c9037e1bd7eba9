package notify_test

import (
	"strings"
	"testing"
	"time"

	"channelbook/internal/calendar"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/notify"
)

// TestWhatIsToldOfALead: the words of each kind, for a lead and for a test lead, with a link that its reader can open.
func TestWhatIsToldOfALead(t *testing.T) {
	moscow := time.FixedZone("MSK", 3*60*60)
	l := notify.Lead{ID: gid.New(), ReceivedAt: time.Date(2026, 3, 1, 9, 5, 0, 0, time.UTC).In(moscow)}
	tried := l
	tried.Test = true
	day, err := calendar.ParseDate("2026-03-06")
	if err != nil {
		t.Fatal(err)
	}
	object := gid.Lead.Format(l.ID)
	own := "/leads/" + object
	for name, c := range map[string]struct {
		e                      notify.Event
		kind, title, text, url string
	}{
		"assigned":       {notify.LeadAssigned(l), "LEAD_ASSIGNED", "Новый лид", "Лид от 01.03.2026, 12:05 теперь у вас. Свяжитесь с клиентом, пока он ждёт.", own},
		"a test":         {notify.LeadAssigned(tried), "LEAD_ASSIGNED", "Тестовый лид", "Тестовый лид от 01.03.2026, 12:05 теперь у вас. Звонить никому не нужно: так проверяют настройки.", own},
		"withdrawn":      {notify.LeadWithdrawn(l), "LEAD_WITHDRAWN", "Лид забран", "Лид от 01.03.2026, 12:05 больше не у вас: его забрал администратор.", "/leads"},
		"a test's":       {notify.LeadWithdrawn(tried), "LEAD_WITHDRAWN", "Лид забран", "Тестовый лид от 01.03.2026, 12:05 больше не у вас: его забрал администратор.", "/leads"},
		"taken":          {notify.LeadTaken(l), "LEAD_TAKEN", "Лид взят в работу", "Лид от 01.03.2026, 12:05 взял в работу ваш коллега.", own},
		"taken by":       {notify.LeadTakenBy("ООО «Север»", l), "LEAD_TAKEN", "Лид взят в работу", "ООО «Север»\nЛид от 01.03.2026, 12:05 взят в работу.", own},
		"declined":       {notify.LeadDeclined(l, "не наш регион", false), "LEAD_DECLINED", "Отказ от лида", "Лид от 01.03.2026, 12:05 больше не у вас: ваш коллега от него отказался.\nПричина: не наш регион\nС клиентом не связывались.", "/leads"},
		"declined by":    {notify.LeadDeclinedBy("ООО «Север»", l, "не наш регион", true), "LEAD_DECLINED", "Отказ от лида", "ООО «Север»\nДистрибьютор отказался от лида от 01.03.2026, 12:05.\nПричина: не наш регион\nС клиентом связывались.", own},
		"a test by":      {notify.LeadDeclinedBy("ООО «Север»", tried, "проверка", true), "LEAD_DECLINED", "Отказ от лида", "ООО «Север»\nДистрибьютор отказался от тестового лида от 01.03.2026, 12:05.\nПричина: проверка\nС клиентом связывались.", own},
		"unassigned":     {notify.LeadUnassigned(l), "LEAD_UNASSIGNED", "Лид остался без дистрибьютора", "Лид от 01.03.2026, 12:05 передать сейчас некому. Назначьте дистрибьютора, пока клиент ждёт.", own},
		"a sale":         {notify.SaleRegistered(l, day, 1_234_567_89), "SALE_REGISTERED", "Продажа зарегистрирована", "По лиду от 01.03.2026, 12:05 — продажа 06.03.2026, ваша выплата 1\u00a0234\u00a0567,89\u00a0₽. Поздравляем!", own},
		"a test's sale":  {notify.SaleRegistered(tried, day, 5), "SALE_REGISTERED", "Продажа зарегистрирована", "По тестовому лиду от 01.03.2026, 12:05 — продажа 06.03.2026, ваша выплата 0,05\u00a0₽. Она тестовая и в расчёт не идёт.", own},
		"its reversal":   {notify.SaleReversed(l, day, 150_000, "возврат"), "SALE_REVERSED", "Продажа отменена", "По лиду от 01.03.2026, 12:05 отменена продажа 06.03.2026, выплата 1\u00a0500,00\u00a0₽ снята.\nПричина: возврат", own},
		"a test's, back": {notify.SaleReversed(tried, day, 0, "возврат"), "SALE_REVERSED", "Продажа отменена", "По тестовому лиду от 01.03.2026, 12:05 отменена продажа 06.03.2026, выплата 0,00\u00a0₽ снята.\nПричина: возврат", own},
	} {
		want := notify.Event{Kind: c.e.Kind, Title: c.title, Text: c.text, URL: c.url, Object: object}
		if c.e != want || c.e.Kind.String() != c.kind {
			t.Errorf("%s: got %+v, want %s %+v", name, c.e, c.kind, want)
		}
		if found := dbtest.Personal(c.e.Title + "\n" + c.e.Text); found != "" || strings.Contains(c.e.Title, "\n") {
			t.Errorf("%s: the text holds %q or the title has two lines, want no personal data and one line", name, found)
		}
	}
}
