package notify

import (
	"channelbook/ent/notice"
	"channelbook/internal/calendar"
	"channelbook/internal/gid"
)

// statementsPage and the id of a statement are its page.
const statementsPage = "/statements/"

// StatementDrawnUp is for administrators: that a statement of so many kopecks for a company waits for one of them.
func StatementDrawnUp(id gid.ID, company string, p calendar.Period, total int64) Event {
	return about(notice.KindSTATEMENT_DRAWN_UP, company+": ведомость за "+p.Name(), "Составлена и ждёт утверждения. К выплате: "+Roubles(total), gid.Statement, id, statementsPage)
}

// StatementApproved is that a statement of so many kopecks for a period will be paid.
func StatementApproved(id gid.ID, p calendar.Period, total int64) Event {
	return about(notice.KindSTATEMENT_APPROVED, "Ведомость за "+p.Name()+" утверждена", "К выплате: "+Roubles(total), gid.Statement, id, statementsPage)
}

// StatementPaid is that a statement was paid on a day, under a reference where that is not empty.
func StatementPaid(id gid.ID, p calendar.Period, total int64, on calendar.Date, reference string) Event {
	text := "Выплачено " + day(on) + ": " + Roubles(total)
	if reference != "" {
		text += "\nПлатёжный документ: " + reference
	}
	return about(notice.KindSTATEMENT_PAID, "Ведомость за "+p.Name()+" выплачена", text, gid.Statement, id, statementsPage)
}
