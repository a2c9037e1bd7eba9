package reports

import (
	"time"

	"channelbook/internal/calendar"
	"channelbook/reports/order"
)

// titles are the kinds as people call them.
var titles = map[string]string{
	Leads: "Лиды", PlanFact: "План и факт", Payouts: "Выплаты", AgentReport: "Отчёт агента", ActOfServices: "Акт оказанных услуг",
}

// Why a report was not made, for its reader.
const (
	failedAccess     = "Права доступа изменились, пока отчёт ждал своей очереди. Запросите его снова."
	failedInternal   = "На нашей стороне произошла ошибка. Запросите отчёт ещё раз; если не поможет — сообщите администратору."
	cancelledByAdmin = "Администратор отменил составление отчёта."
	failedTooLong    = "За этот период слишком много действий для одного документа. Выберите период короче."
	failedTooSlow    = "Отчёт составлялся дольше часа и был остановлен. Сузьте его: выберите меньше дней или одного дистрибьютора."
	failedSchedule   = "Отчёт по расписанию не составлен: его параметры вам недоступны или сервер не может сделать файл такого вида. Сообщите администратору."
	failedNoPDF      = "На сервере нельзя составить PDF. Запросите отчёт в формате DOCX."
)

// name is what a report is called: its kind, and what time it is about.
func name(kind string, p order.Parameters) string {
	title := titles[kind]
	switch {
	case p.Period != nil:
		return title + " за " + p.Period.Name()
	case p.From != nil && p.To != nil:
		if last := p.To.AddDays(-1); last != *p.From {
			return title + " " + day(*p.From) + " – " + day(last)
		}
		return title + " за " + day(*p.From)
	case p.From != nil:
		return title + " с " + day(*p.From)
	case p.To != nil:
		return title + " по " + day(p.To.AddDays(-1))
	}
	return title
}

func day(d calendar.Date) string { return d.Start(time.UTC).Format("02.01.2006") }
