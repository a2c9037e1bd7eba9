package leads

import (
	"fmt"
	"time"

	"channelbook/ent/lead"
	"channelbook/internal/calendar"
	"channelbook/notify"
)

// What people read on the timeline of a lead. A distributor reads the lines of the time when the lead was its own, so
// no line tells of another distributor.
const (
	textAssigned     = "Лид передан дистрибьютору."
	textUnassigned   = "Лид остался без дистрибьютора: передать его сейчас некому."
	textTaken        = "Лид взят в работу."
	textSaleReversed = "Продажа отменена: %s"
	textReopened     = "Лид снова открыт."
	textReopenedWhy  = "Лид снова открыт: %s"
	textReleased     = "Лид выпущен администратором: %s"
	textWithdrawn    = "Лид забран администратором."
	textWithdrawnWhy = "Лид забран администратором: %s"
	textGiven        = "Лид передан дистрибьютору администратором."
	textGivenWhy     = "Лид передан дистрибьютору администратором: %s"
)

var receivedText = map[lead.Outcome]string{
	lead.OutcomeACCEPTED:    "Лид получен и принят.",
	lead.OutcomeDUPLICATE:   "Лид получен: такой уже есть.",
	lead.OutcomeBLACKLISTED: "Лид получен и заблокирован: он в чёрном списке.",
	lead.OutcomeQUARANTINED: "Лид получен и отложен: нет согласия на обработку данных.",
	lead.OutcomeOVER_CAP:    "Лид получен сверх дневного лимита источника.",
}

func textDeclined(reason string, contacted bool) string {
	called := "с клиентом не связывались"
	if contacted {
		called = "с клиентом связывались"
	}
	return fmt.Sprintf("Дистрибьютор отказался от лида (%s): %s", called, reason)
}

func textRejected(reason, comment string) string {
	if comment == "" {
		return "Лид отклонён: " + reason
	}
	return "Лид отклонён: " + reason + "\n" + comment
}

func textSold(day calendar.Date, payout int64, amount *int64) string {
	text := fmt.Sprintf("Продажа %s, выплата %s", day.Start(time.UTC).Format("02.01.2006"), notify.Roubles(payout))
	if amount != nil {
		text += ", сумма " + notify.Roubles(*amount)
	}
	return text + "."
}

// because is text without a reason, or why with it.
func because(text, why, reason string) string {
	if reason == "" {
		return text
	}
	return fmt.Sprintf(why, reason)
}

// textConsentRecorded is for administrators.
const textConsentRecorded = "Согласие внесено администратором."
