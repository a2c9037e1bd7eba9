package notify

import (
	"time"

	"channelbook/ent/notice"
	"channelbook/internal/gid"
)

// reportsPage and the id of a report are its page.
const reportsPage = "/reports/"

// ReportReady is that a report's file can be fetched until a moment, in the business's time zone. The report is named as its
// reader calls it.
func ReportReady(id gid.ID, name string, until time.Time) Event {
	return about(notice.KindREPORT_READY, "Отчёт готов: "+name, "Файл можно скачать до "+until.Format("02.01.2006, 15:04")+".", gid.Report, id, reportsPage)
}

// ReportFailed is that a report could not be made, with a sentence that says why.
func ReportFailed(id gid.ID, name, why string) Event {
	return about(notice.KindREPORT_FAILED, "Отчёт не составлен: "+name, why, gid.Report, id, reportsPage)
}
