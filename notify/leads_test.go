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
		"assigned":       {notify.LeadAssigned(l), "LEAD_ASSIGNED", "Новый лид", "Лид от 01.03.2026, 12:05 теперь у вас. Возьмите его в работу и свяжитесь с клиентом, пока он ждёт.", own},
		"a test":         {notify.LeadAssigned(tried), "LEAD_ASSIGNED", "Тестовый лид", "Тестовый лид от 01.03.2026, 12:05 теперь у вас. Звонить никому не нужно: так проверяют настройки.", own},
		"withdrawn":      {notify.LeadWithdrawn(l), "LEAD_WITHDRAWN", "Лид передан другому дистрибьютору", "Лид от 01.03.2026, 12:05 больше не у вас: администратор передал его другому.", "/leads"},
		"a test's":       {notify.LeadWithdrawn(tried), "LEAD_WITHDRAWN", "Лид передан другому дистрибьютору", "Тестовый лид от 01.03.2026, 12:05 больше не у вас: администратор передал его другому.", "/leads"},
		"taken":          {notify.LeadTaken(l), "LEAD_TAKEN", "Лид взят в работу", "Лид от 01.03.2026, 12:05 взял в работу ваш коллега.", own},
		"taken by":       {notify.LeadTakenBy("ООО «Север»", l), "LEAD_TAKEN", "Лид взят в работу", "ООО «Север»\nЛид от 01.03.2026, 12:05 взят в работу.", own},
		"declined":       {notify.LeadDeclined(l), "LEAD_DECLINED", "Отказ от лида", "Лид от 01.03.2026, 12:05 больше не у вас: ваш коллега от него отказался.", "/leads"},
		"declined by":    {notify.LeadDeclinedBy("ООО «Север»", l, true, "ООО «Юг»"), "LEAD_DECLINED", "Отказ от лида", "ООО «Север»\nЛид от 01.03.2026, 12:05 возвращён. С клиентом связывались. Причина — в истории лида.\nТеперь он у дистрибьютора: ООО «Юг»", own},
		"a test by":      {notify.LeadDeclinedBy("ООО «Север»", tried, false, ""), "LEAD_DECLINED", "Отказ от лида", "ООО «Север»\nТестовый лид от 01.03.2026, 12:05 возвращён. С клиентом не связывались. Причина — в истории лида.\nПередать его сейчас некому.", own},
		"unassigned":     {notify.LeadUnassigned(l), "LEAD_UNASSIGNED", "Лид остался без дистрибьютора", "Лид от 01.03.2026, 12:05 передать сейчас некому. Назначьте дистрибьютора, пока клиент ждёт.", own},
		"restricted":     {notify.LeadRestricted(l), "LEAD_RESTRICTED", "Обработка лида прекращена", "Клиент отозвал согласие, и лида от 01.03.2026, 12:05 больше нет среди ваших. Не связывайтесь с клиентом и удалите его данные у себя.", "/leads"},
		"and by when":    {notify.LeadRestrictedBy(l, &day), "LEAD_RESTRICTED", "Обработка лида прекращена", "Клиент отозвал согласие: обработка лида от 01.03.2026, 12:05 прекращена. Данные нужно уничтожить до 06.03.2026.", own},
		"a test's end":   {notify.LeadRestrictedBy(tried, nil), "LEAD_RESTRICTED", "Обработка лида прекращена", "Клиент отозвал согласие: обработка тестового лида от 01.03.2026, 12:05 прекращена.", own},
		"a sale":         {notify.SaleRegistered(l, day, 1_234_567_89), "SALE_REGISTERED", "Продажа зарегистрирована", "По лиду от 01.03.2026, 12:05 — продажа 06.03.2026, ваша выплата 1\u00a0234\u00a0567,89\u00a0₽. Поздравляем!", own},
		"a test's sale":  {notify.SaleRegistered(tried, day, 5), "SALE_REGISTERED", "Продажа зарегистрирована", "По тестовому лиду от 01.03.2026, 12:05 — продажа 06.03.2026, ваша выплата 0,05\u00a0₽. Она тестовая и в расчёт не идёт.", own},
		"its reversal":   {notify.SaleReversed(l, day, 150_000), "SALE_REVERSED", "Продажа отменена", "По лиду от 01.03.2026, 12:05 отменена продажа 06.03.2026, выплата 1\u00a0500,00\u00a0₽ снята. Причина — в истории лида.", own},
		"a test's, back": {notify.SaleReversed(tried, day, 0), "SALE_REVERSED", "Продажа отменена", "По тестовому лиду от 01.03.2026, 12:05 отменена продажа 06.03.2026, выплата 0,00\u00a0₽ снята. Причина — в истории лида.", own},
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
