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
	title, text := "Новый лид", l.itself()+" теперь у вас. Свяжитесь с клиентом, пока он ждёт."
	if l.Test {
		title, text = "Тестовый лид", l.itself()+" теперь у вас. Звонить никому не нужно: так проверяют настройки."
	}
	return l.event(notice.KindLEAD_ASSIGNED, title, text)
}

// LeadWithdrawn tells a distributor that an administrator gave its lead to another one.
func LeadWithdrawn(l Lead) Event {
	return l.gone(notice.KindLEAD_WITHDRAWN, "Лид забран", l.itself()+" больше не у вас: его забрал администратор.")
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
func LeadDeclined(l Lead, reason string, contacted bool) Event {
	return l.gone(notice.KindLEAD_DECLINED, "Отказ от лида", fmt.Sprintf("%s больше не у вас: ваш коллега от него отказался.\n%s", l.itself(), why(reason, contacted)))
}

// LeadDeclinedBy tells administrators which distributor gave a lead back.
func LeadDeclinedBy(company string, l Lead, reason string, contacted bool) Event {
	return l.event(notice.KindLEAD_DECLINED, "Отказ от лида", fmt.Sprintf("%s\nДистрибьютор отказался от %s.\n%s", company, l.of(), why(reason, contacted)))
}

func why(reason string, contacted bool) string {
	called := "С клиентом не связывались."
	if contacted {
		called = "С клиентом связывались."
	}
	return fmt.Sprintf("Причина: %s\n%s", reason, called)
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

// SaleReversed tells a distributor that a sale was taken back, and what is not owed for it any more in kopecks.
func SaleReversed(l Lead, on calendar.Date, payout int64, reason string) Event {
	return l.event(notice.KindSALE_REVERSED, "Продажа отменена",
		fmt.Sprintf("%s отменена продажа %s, выплата %s снята.\nПричина: %s", l.at(), day(on), Roubles(payout), reason))
}
