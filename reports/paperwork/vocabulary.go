package paperwork

import "channelbook/reports/document"

// Vocabulary is what a template of either document may name.
func Vocabulary() document.Vocabulary {
	terms := []document.Term{
		{Name: "document.number", Meaning: "Номер документа; «б/н», если его нет"},
		{Name: "document.date", Meaning: "Дата документа: «26» ноября 2026 г."},
		{Name: "document.day", Meaning: "Дата документа: 26.11.2026"},
		{Name: "document.place", Meaning: "Место составления: г. Москва"},
		{Name: "contract.number", Meaning: "Номер договора; «б/н», если его нет"},
		{Name: "contract.date", Meaning: "Дата договора: 15 января 2026 г."},
		{Name: "period.name", Meaning: "Период: за ноябрь 2026 г."},
		{Name: "period.days", Meaning: "Период по дням: с 1 по 30 ноября 2026 г."},
		{Name: "period.from", Meaning: "Первый день периода: 01.11.2026"},
		{Name: "period.to", Meaning: "Последний день периода: 30.11.2026"},
	}
	terms = append(terms, ofParty("principal", "принципала (нашей компании)")...)
	terms = append(terms, ofParty("agent", "агента (дистрибьютора)")...)
	terms = append(terms,
		document.Term{Name: "total.leads", Meaning: "Сколько передано заявок: 21 заявка"},
		document.Term{Name: "total.sales", Meaning: "Сколько продаж: 3 продажи"},
		document.Term{Name: "total.reversals", Meaning: "Сколько продаж отменено: 1 продажа"},
		document.Term{Name: "total.sale_amount", Meaning: "Сумма продаж за вычетом отмен, в рублях: 120 000,50"},
		document.Term{Name: "total.fee", Meaning: "Вознаграждение агента, в рублях: 12 000,50"},
		document.Term{Name: "total.fee_words", Meaning: "Вознаграждение агента прописью: Двенадцать тысяч рублей 50 копеек"},
	)
	return document.Vocabulary{Terms: terms, Lists: []document.List{
		{Name: "actions", Meaning: "Все действия за период: переданные заявки, продажи и их отмены", Columns: []document.Term{
			{Name: "actions.number", Meaning: "Номер строки"},
			{Name: "actions.date", Meaning: "День: 26.11.2026"},
			{Name: "actions.action", Meaning: "Что сделано"},
			{Name: "actions.lead", Meaning: "Номер заявки"},
			{Name: "actions.sale_amount", Meaning: "Сумма продажи, в рублях"},
			{Name: "actions.fee", Meaning: "Вознаграждение, в рублях"},
		}},
		{Name: "leads", Meaning: "Только переданные заявки", Columns: []document.Term{
			{Name: "leads.number", Meaning: "Номер строки"},
			{Name: "leads.date", Meaning: "День: 26.11.2026"},
			{Name: "leads.lead", Meaning: "Номер заявки"},
		}},
		{Name: "sales", Meaning: "Только продажи и их отмены", Columns: []document.Term{
			{Name: "sales.number", Meaning: "Номер строки"},
			{Name: "sales.date", Meaning: "День: 26.11.2026"},
			{Name: "sales.service", Meaning: "Услуга, которая оплачивается"},
			{Name: "sales.lead", Meaning: "Номер заявки"},
			{Name: "sales.sale_amount", Meaning: "Сумма продажи, в рублях"},
			{Name: "sales.fee", Meaning: "Вознаграждение, в рублях"},
		}},
	}}
}

// ofParty are the terms of a party; of says whose, in the genitive.
func ofParty(prefix, of string) []document.Term {
	return []document.Term{
		{Name: prefix + ".name", Meaning: "Название " + of},
		{Name: prefix + ".inn", Meaning: "ИНН " + of},
		{Name: prefix + ".kpp", Meaning: "КПП " + of},
		{Name: prefix + ".ogrn", Meaning: "ОГРН или ОГРНИП " + of},
		{Name: prefix + ".address", Meaning: "Адрес " + of},
		{Name: prefix + ".bank_name", Meaning: "Банк " + of},
		{Name: prefix + ".bank_account", Meaning: "Расчётный счёт " + of},
		{Name: prefix + ".bank_correspondent_account", Meaning: "Корреспондентский счёт банка " + of},
		{Name: prefix + ".bank_bik", Meaning: "БИК банка " + of},
		{Name: prefix + ".requisites", Meaning: "Все известные реквизиты " + of + ", по строкам"},
		{Name: prefix + ".signatory", Meaning: "Кто подписывает со стороны " + of + ": Орлова Наталья Викторовна; черта, если не известно"},
		{Name: prefix + ".signatory_short", Meaning: "То же с инициалами: Орлова Н. В."},
		{Name: prefix + ".position", Meaning: "Должность подписывающего со стороны " + of + "; черта, если не известна"},
		{Name: prefix + ".basis", Meaning: "На основании чего подписывают со стороны " + of + "; черта, если не известно"},
	}
}
