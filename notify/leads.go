package notify

import (
	"fmt"
	"time"

	"channelbook/ent/notice"
	"channelbook/internal/calendar"
	"channelbook/internal/gid"
)

// Lead is a lead as people are told of it: by the time at which it came, as no text says whose it is or where it is from.
type Lead struct {
	ID         gid.ID
	ReceivedAt time.Time // in the business's time zone
	Test       bool
}

// leadsPage is where the frontend shows leads.
const leadsPage = "/leads"

// from names the lead at the beginning of a sentence or, with Лид in another case, within one.
func (l Lead) from(real, test string) string {
	if l.Test {
		real = test
	}
	return real + " от " + l.ReceivedAt.Format("02.01.2006, 15:04")
}

func (l Lead) itself() string { return l.from("Лид", "Тестовый лид") }
func (l Lead) of() string     { return l.from("лида", "тестового лида") }
func (l Lead) at() string     { return l.from("По лиду", "По тестовому лиду") }

// event is about a lead that its readers can open.
func (l Lead) event(kind notice.Kind, title, text string) Event {
	return about(kind, title, text, gid.Lead, l.ID, leadsPage+"/")
}

// gone is about a lead that is out of its readers' sight: its link leads to the others.
func (l Lead) gone(kind notice.Kind, title, text string) Event {
	e := l.event(kind, title, text)
	e.URL = leadsPage
	return e
}

// LeadAssigned tells a distributor that a lead is its own now.
func LeadAssigned(l Lead) Event {
	title, text := "Новый лид", l.itself()+" теперь у вас. Возьмите его в работу и свяжитесь с клиентом, пока он ждёт."
	if l.Test {
		title, text = "Тестовый лид", l.itself()+" теперь у вас. Звонить никому не нужно: так проверяют настройки."
	}
	return l.event(notice.KindLEAD_ASSIGNED, title, text)
}

// LeadWithdrawn tells a distributor that an administrator gave its lead to another one.
func LeadWithdrawn(l Lead) Event {
	return l.gone(notice.KindLEAD_WITHDRAWN, "Лид передан другому дистрибьютору", l.itself()+" больше не у вас: администратор передал его другому.")
}

// LeadRestricted tells a distributor that a lead of its may be processed no more.
func LeadRestricted(l Lead) Event {
	return l.gone(notice.KindLEAD_RESTRICTED, "Обработка лида прекращена",
		"Клиент отозвал согласие, и "+l.of()+" больше нет среди ваших. Не связывайтесь с клиентом и удалите его данные у себя.")
}

// LeadRestrictedBy tells administrators so, and by which day the data has to be destroyed where that is known.
func LeadRestrictedBy(l Lead, by *calendar.Date) Event {
	text := "Клиент отозвал согласие: обработка " + l.of() + " прекращена."
	if by != nil {
		text += " Данные нужно уничтожить до " + day(*by) + "."
	}
	return l.event(notice.KindLEAD_RESTRICTED, "Обработка лида прекращена", text)
}

// LeadTaken tells a distributor that one of its users works a lead.
func LeadTaken(l Lead) Event {
	return l.event(notice.KindLEAD_TAKEN, "Лид взят в работу", l.itself()+" взял в работу ваш коллега.")
}

// LeadTakenBy tells administrators which distributor works a lead.
func LeadTakenBy(company string, l Lead) Event {
	return l.event(notice.KindLEAD_TAKEN, "Лид взят в работу", fmt.Sprintf("%s\n%s взят в работу.", company, l.itself()))
}

// LeadDeclined tells a distributor that one of its users gave a lead back.
func LeadDeclined(l Lead) Event {
	return l.gone(notice.KindLEAD_DECLINED, "Отказ от лида", l.itself()+" больше не у вас: ваш коллега от него отказался.")
}

// LeadDeclinedBy tells administrators which distributor gave a lead back, and who has it now: a company, or nobody where next
// is empty. Why stands in the lead's timeline alone: people write there what they like, of the client too.
func LeadDeclinedBy(company string, l Lead, contacted bool, next string) Event {
	called := "С клиентом не связывались."
	if contacted {
		called = "С клиентом связывались."
	}
	to := "Передать его сейчас некому."
	if next != "" {
		to = "Теперь он у дистрибьютора: " + next
	}
	return l.event(notice.KindLEAD_DECLINED, "Отказ от лида",
		fmt.Sprintf("%s\n%s возвращён. %s Причина — в истории лида.\n%s", company, l.itself(), called, to))
}

// LeadUnassigned tells administrators that nobody can get a lead.
func LeadUnassigned(l Lead) Event {
	return l.event(notice.KindLEAD_UNASSIGNED, "Лид остался без дистрибьютора", l.itself()+" передать сейчас некому. Назначьте дистрибьютора, пока клиент ждёт.")
}

// SaleRegistered tells a distributor of a sale, and what it is worth to it in kopecks.
func SaleRegistered(l Lead, on calendar.Date, payout int64) Event {
	end := "Поздравляем!"
	if l.Test {
		end = "Она тестовая и в расчёт не идёт."
	}
	return l.event(notice.KindSALE_REGISTERED, "Продажа зарегистрирована",
		fmt.Sprintf("%s — продажа %s, ваша выплата %s. %s", l.at(), day(on), Roubles(payout), end))
}

// SaleReversed tells a distributor that a sale was taken back, and what is not owed for it any more in kopecks. Why stands in the
// lead's timeline.
func SaleReversed(l Lead, on calendar.Date, payout int64) Event {
	return l.event(notice.KindSALE_REVERSED, "Продажа отменена",
		fmt.Sprintf("%s отменена продажа %s, выплата %s снята. Причина — в истории лида.", l.at(), day(on), Roubles(payout)))
}
