package leadsheet

import (
	"cmp"
	"fmt"

	"channelbook/ent/lead"
)

// What people read.
const (
	textTitle        = "Лиды"
	textLeads        = "Лиды"
	textSummary      = "Сводка"
	textSummaryTitle = "Сводка по лидам"

	textAsOf       = "Данные на"
	textConditions = "Условия"
	textAll        = "все доступные лиды"
	textUnseen     = "недоступно"
	textYes        = "да"
	textNo         = "нет"
	textNobody     = "Не распределён"
	textTests      = "Тестовые"
	textCounted    = "Принятые лиды"
	textTotal      = "Итого"
	textCounting   = "Лиды, продажи и конверсия — по принятым лидам; тестовые, дубли, заблокированные, на карантине и сверх лимита видны только в таблице «По статусам»."

	textOverall       = "Итоги"
	textByStatus      = "По статусам"
	textByDistributor = "По дистрибьюторам"
	textBySource      = "По источникам"
	textByDay         = "По дням поступления"

	chartDays         = "Лиды и продажи по дням поступления"
	chartStatuses     = "Лиды по статусам"
	chartDistributors = "Лиды и продажи по дистрибьюторам"
	chartSources      = "Лиды и продажи по источникам"
	chartMostFormat   = "%s: первые %d"
)

// The headings of the lead's columns.
const (
	headReceived       = "Получен"
	headStatus         = "Статус"
	headFirstName      = "Имя"
	headLastName       = "Фамилия"
	headPhone          = "Телефон"
	headEmail          = "E-mail"
	headIP             = "IP-адрес"
	headDistributor    = "Дистрибьютор"
	headSource         = "Источник"
	headAssigned       = "Передан"
	headTaken          = "Взят в работу"
	headClosed         = "Закрыт"
	headSoldOn         = "День продажи"
	headSaleAmount     = "Сумма продажи, ₽"
	headPayout         = "Выплата, ₽"
	headTest           = "Тестовый"
	headExternalID     = "Внешний ID"
	headID             = "ID лида"
	headDuplicateOf    = "Повторяет лид"
	headBasis          = "Основание обработки"
	headRestricted     = "Обработка ограничена"
	headConsentPurpose = "Согласие: цель"
	headConsentText    = "Согласие: редакция"
	headConsentGiven   = "Согласие: дано"
	headDestroyBy      = "Уничтожить до"
	headUpdated        = "Изменён"
)

// The headings of the summary's columns.
const (
	headDay     = "День"
	headLeads   = "Лиды"
	headSales   = "Продажи"
	headShare   = "Конверсия"
	headPart    = "Доля"
	headPayouts = "Выплаты, ₽"
	headAmounts = "Сумма продаж, ₽"
)

// trackingHeads name what advertising knows, as headings and as conditions.
var trackingHeads = map[string]string{
	lead.FieldFunnel: "Воронка", lead.FieldSubid: "Sub ID клика", lead.FieldUtmSource: "UTM Source", lead.FieldUtmMedium: "UTM Medium",
	lead.FieldUtmCampaign: "UTM Campaign", lead.FieldUtmTerm: "UTM Term", lead.FieldCampaignID: "ID кампании", lead.FieldCampaignName: "Кампания",
	lead.FieldBannerID: "ID объявления", lead.FieldAdvertiserID: "ID рекламодателя", lead.FieldRegion: "Регион", lead.FieldGender: "Пол",
	lead.FieldAge: "Возраст", lead.FieldRandom: "Случайное число", lead.FieldImpressionWeekday: "День недели показа", lead.FieldImpressionHour: "Час показа",
	lead.FieldUserTimezone: "Часовой пояс", lead.FieldPlacement: "Площадка", lead.FieldDeviceType: "Устройство", lead.FieldPosition: "Позиция",
}

func subIDHead(n int) string { return fmt.Sprintf("Sub ID %d", n) }

var statusTexts = map[lead.Status]string{
	lead.StatusNEW: "Новый", lead.StatusIN_PROGRESS: "В работе", lead.StatusSALE: "Продажа", lead.StatusREJECTED: "Отказ",
	lead.StatusDUPLICATE: "Дубль", lead.StatusBLOCKED: "Заблокирован", lead.StatusQUARANTINED: "На карантине", lead.StatusOVER_CAP: "Сверх лимита",
}

func statusText(s lead.Status) string { return cmp.Or(statusTexts[s], string(s)) }

var basisTexts = map[lead.LegalBasis]string{
	lead.LegalBasisCONSENT: "Согласие", lead.LegalBasisLEGAL_OBLIGATION: "Обязанность по закону", lead.LegalBasisCONTRACT: "Договор",
	lead.LegalBasisLEGITIMATE_INTEREST: "Законный интерес",
}

func basisText(b *lead.LegalBasis) any {
	if b == nil {
		return nil
	}
	return cmp.Or(basisTexts[*b], string(*b))
}

func yesOrNo(yes bool) string {
	if yes {
		return textYes
	}
	return textNo
}

// The labels of conditions.
const (
	askedReceived   = "Получены"
	askedSold       = "Проданы"
	askedStatuses   = "Статусы"
	askedOf         = "Дистрибьюторы"
	askedSources    = "Источники"
	askedSearch     = "Поиск"
	askedTests      = "Тестовые"
	askedUnassigned = "Без дистрибьютора"
	askedRestricted = "Обработка ограничена"
	askedPayout     = "Выплата, ₽"

	fromFormat = "с %s"
	toFormat   = "по %s"
	before     = "до %s"
	atLeast    = "от %s"
	atMost     = "до %s"
)
