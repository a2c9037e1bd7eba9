package main

// agentReport is the report of an agent to the principal, by article 1008 of the Civil Code: its second paragraph asks for proofs of
// expenses, its third gives the principal thirty days for objections.
func agentReport() sheet {
	return sheet{
		title:  "Отчёт агента о выполнении поручения",
		footer: "Отчёт агента № {{document.number}} по договору № {{contract.number}} {{period.name}}",
		body: []string{
			heading("ОТЧЁТ АГЕНТА № {{document.number}}", "о выполнении поручения {{period.name}}",
				"по агентскому договору № {{contract.number}} от {{contract.date}} (далее — Договор)"),
			placeAndDate("{{document.place}}", "{{document.date}}"),
			text("1. Агент, {{agent.name}}, в соответствии со статьёй 1008 Гражданского кодекса Российской Федерации и Договором представляет " +
				"Принципалу, {{principal.name}}, отчёт о выполнении поручения {{period.days}} (далее — отчётный период)."),
			text("2. За отчётный период Агенту передано в работу: {{total.leads}}. Агентом совершено: {{total.sales}}, отменено: {{total.reversals}}."),
			lead("3. Действия, выполненные Агентом за отчётный период:"),
			table{
				columns: []column{
					{"№", "{{actions.number}}", 450, centre}, {"Дата", "{{actions.date}}", 1080, centre},
					{"Действие", "{{actions.action}}", 2255, left}, {"Заявка", "{{actions.lead}}", 2670, reference},
					{"Сумма продажи, руб.", "{{actions.sale_amount}}", 1350, right}, {"Вознаграждение, руб.", "{{actions.fee}}", 1550, right},
				},
				totals: []string{"{{total.sale_amount}}", "{{total.fee}}"},
			}.xml(),
			text("4. Вознаграждение Агента за отчётный период составляет {{total.fee}} руб. ({{total.fee_words}})."),
			text("5. Доказательства расходов, произведённых Агентом за счёт Принципала, прилагаются к отчёту, если такие расходы производились " +
				"(пункт 2 статьи 1008 Гражданского кодекса Российской Федерации)."),
			lead("6. О возражениях по отчёту Принципал сообщает Агенту в течение тридцати дней со дня его получения, если Договором не установлен " +
				"иной срок. В противном случае отчёт считается принятым Принципалом (пункт 3 статьи 1008 Гражданского кодекса Российской Федерации)."),
			parties("Отчёт представил", "Отчёт принял"),
		},
	}
}

// actOfServices is the act by which the principal takes the services of its agent, and by which they are paid.
func actOfServices() sheet {
	return sheet{
		title:  "Акт оказанных услуг",
		footer: "Акт оказанных услуг № {{document.number}} по договору № {{contract.number}} {{period.name}}",
		body: []string{
			heading("АКТ № {{document.number}}", "оказанных услуг {{period.name}}",
				"по агентскому договору № {{contract.number}} от {{contract.date}} (далее — Договор)"),
			placeAndDate("{{document.place}}", "{{document.date}}"),
			text("1. Принципал, {{principal.name}}, и Агент, {{agent.name}}, составили настоящий акт о том, что Агент оказал, а Принципал принял " +
				"{{period.days}} следующие услуги по Договору:"),
			table{
				columns: []column{
					{"№", "{{sales.number}}", 450, centre}, {"Дата", "{{sales.date}}", 1080, centre},
					{"Наименование услуги", "{{sales.service}}", 3605, left}, {"Заявка", "{{sales.lead}}", 2670, reference},
					{"Стоимость, руб.", "{{sales.fee}}", 1550, right},
				},
				totals: []string{"{{total.fee}}"},
			}.xml(),
			text("2. Всего оказано услуг на сумму {{total.fee}} руб. ({{total.fee_words}})."),
			text("3. Услуги оказаны полностью и в срок. Принципал не имеет претензий к Агенту по объёму, качеству и срокам оказания услуг."),
			lead("4. Акт составлен в двух экземплярах, имеющих равную юридическую силу, по одному для каждой из сторон, и является основанием " +
				"для расчётов по Договору."),
			parties("Услуги оказал", "Услуги принял"),
		},
	}
}
