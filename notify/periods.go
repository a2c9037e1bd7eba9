package notify

import (
	"channelbook/ent/notice"
	"channelbook/internal/calendar"
)

// periodsPage is where people see the reporting periods. A period has no id of its own.
const periodsPage = "/periods"

// PeriodClosed is that what was achieved in a period moves no more.
func PeriodClosed(p calendar.Period) Event {
	return Event{Kind: notice.KindPERIOD_CLOSED, Title: "Период закрыт: " + p.Name(), URL: periodsPage,
		Text: "Итоги за " + p.Name() + " подведены и больше не меняются."}
}

// PeriodReopened is that a closed period takes facts again. Why is for administrators alone and stands not in it.
func PeriodReopened(p calendar.Period) Event {
	return Event{Kind: notice.KindPERIOD_REOPENED, Title: "Период снова открыт: " + p.Name(), URL: periodsPage,
		Text: "Итоги за " + p.Name() + " ещё могут измениться, пока период не закроют снова."}
}
