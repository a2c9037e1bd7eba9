package payoutsheet

import (
	"channelbook/ent/ledgerentry"
	"channelbook/ent/payoutstatement"
)

// What people read.
const (
	textTitle      = "Выплаты"
	textStatements = "Ведомости"
	textLines      = "Строки"
	textUnsettled  = "Не в ведомостях"
	textReconciled = "Сверка"

	titleStatements = "Выплаты: ведомости"
	titleLines      = "Выплаты: строки ведомостей и корректировки"
	titleUnsettled  = "Выплаты: начислено и сторнировано, но ни в одной ведомости"
	titleReconciled = "Выплаты: сверка книги начислений с ведомостями"

	textPeriod      = "Период"
	textDistributor = "Дистрибьютор"
	textEverybody   = "все"
	textNothing     = "нет"
	textAsOf        = "Данные на"
	textRule        = "Правило"
	textHow         = "итого за период = ведомости периода − строки других дней в них + в других ведомостях + не в ведомостях"
	textTotal       = "Всего"
	textYes         = "да"

	headStatement    = "Ведомость за"
	headStatus       = "Статус"
	headRevision     = "Редакция"
	headTotal        = "Сумма, ₽"
	headCount        = "Строк"
	headDrawnUp      = "Составлена"
	headApproved     = "Утверждена"
	headPaidOn       = "Оплачена"
	headReference    = "Платёжный документ"
	headDay          = "День"
	headKind         = "Вид"
	headLead         = "Лид"
	headSaleNumber   = "Продажа №"
	headAmount       = "Сумма, ₽"
	headSaleAmount   = "Сумма продажи, ₽"
	headAvailable    = "К выплате с"
	headCorrection   = "Корректировка"
	headReason       = "Причина"
	headPlace        = "В сверке"
	headAccrued      = "Начислено, ₽"
	headReversed     = "Сторнировано, ₽"
	headLedger       = "Итого за период, ₽"
	headOfStatements = "Ведомости периода, ₽"
	headOtherDays    = "Строки других дней в них, ₽"
	headElsewhere    = "В других ведомостях, ₽"
	headUnsettled    = "Не в ведомостях, ₽"
	headDifference   = "Расхождение, ₽"

	placeBoth      = "Ведомость периода"
	placeOtherDay  = "Ведомость периода, другой день"
	placeElsewhere = "Другая ведомость"
)

var statusTexts = map[payoutstatement.Status]string{
	payoutstatement.StatusDRAFT: "Черновик", payoutstatement.StatusAPPROVED: "Утверждена", payoutstatement.StatusPAID: "Выплачена",
}

var kindTexts = map[ledgerentry.Kind]string{ledgerentry.KindACCRUAL: "Начисление", ledgerentry.KindREVERSAL: "Сторно"}
