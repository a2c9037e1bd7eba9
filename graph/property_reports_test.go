package graph_test

import (
	"fmt"
	"time"

	"channelbook/ent/report"
	"channelbook/ent/sealed"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
)

// reportsOf gives each side's users reports in every state, of which one comes by a schedule of administrators, and these some of their own.
func (w *world) reportsOf(sides ...*side) {
	w.t.Helper()
	boss := adminMark + "-boss"
	recipients := []string{boss}
	for _, s := range sides {
		recipients = append(recipients, s.mark+"-user1")
	}
	schedule, err := gid.ReportSchedule.Parse(w.scheduled(boss, adminMark+" schedule", recipients...))
	w.fine(err)
	w.ownTemplate(boss)
	w.madeReport(w.boss, nil, report.StatusREADY, 7, fmt.Sprintf(`{"Filter":{"FirstName":%q}}`, adminMark), nil, adminMark)
	for _, s := range sides {
		day := fmt.Sprintf("2025-0%d-1", s.number)
		about := []string{
			fmt.Sprintf(`{"DistributorID":%q,"Filter":{"FirstName":%q},"From":"%s1","To":"%s5"}`, s.id, s.mark, day, day),
			fmt.Sprintf(`{"DistributorID":%q,"Filter":{},"Period":{"Kind":"MONTH","StartsOn":"2026-%02d-01"}}`, s.id, 7+s.number),
		}
		for i, status := range []report.Status{report.StatusQUEUED, report.StatusRUNNING, report.StatusREADY, report.StatusREADY, report.StatusFAILED, report.StatusCANCELLED, report.StatusEXPIRED} {
			w.madeReport(s.user, &s.id, status, i, about[i%2], nil, s.mark)
			w.madeReport(w.idOf(s.mark+"-user0"), &s.id, status, 10+i, about[i%2], nil, s.mark+" colleague")
		}
		w.madeReport(s.user, &s.id, report.StatusREADY, 20, about[0], &schedule, s.mark)
	}
	// What one was given as another's user is seen no more.
	w.madeReport(w.alfa.user, &w.gamma.id, report.StatusREADY, 30, `{"Filter":{}}`, nil, w.gamma.mark)
	w.madeReport(w.beta.user, &w.gamma.id, report.StatusREADY, 30, `{"Filter":{}}`, nil, w.gamma.mark)
}

// moreReports gives some to everybody but one side.
func (w *world) moreReports(but *side) {
	w.t.Helper()
	for _, s := range []*side{w.alfa, w.beta, w.gamma} {
		w.madeReport(w.idOf(s.mark+"-user0"), &s.id, report.StatusREADY, 40, `{"Filter":{}}`, nil, s.mark+" more")
		if s != but {
			w.madeReport(s.user, &s.id, report.StatusREADY, 41, `{"Filter":{}}`, nil, s.mark+" more")
		}
	}
	w.madeReport(w.boss, nil, report.StatusRUNNING, 42, `{"Filter":{}}`, nil, adminMark+" more")
	w.scheduled(adminMark+"-boss", adminMark+" more", adminMark+"-boss")
}

// madeReport is a report in a state, with numbers of its own.
func (w *world) madeReport(user gid.ID, of *gid.ID, status report.Status, n int, about string, schedule *gid.ID, mark string) {
	w.t.Helper()
	w.later()
	id, at := gid.New(), w.now()
	kind := []report.Kind{report.KindLEADS, report.KindPAYOUTS}[n%2]
	row := w.db.Report.Create().SetID(id).SetUserID(user).SetNillableDistributorID(of).SetNillableScheduleID(schedule).SetKind(kind).SetFormat(report.FormatXLSX).
		SetParametersSealed(sealed.ReportParameters.Seal(dbtest.Keys(), id, about)).SetStatus(status).SetRequestedAt(at).SetAttempt(1)
	if schedule != nil {
		day := mustDay(w, "2026-10-05")
		row.SetDueOn(&day)
	}
	if status != report.StatusQUEUED {
		row.SetStartedAt(at.Add(time.Second)).SetSeenAt(at.Add(2 * time.Second)).SetRows(5_000_100 + n).SetRowsExpected(5_100_200 + n)
	}
	// A link opens a file for an hour, or as long as it is there: so the link is the same whenever it is asked for.
	file := func() {
		row.SetFileName(fmt.Sprintf("%s report %d.xlsx", mark, n)).SetSize(int64(5_200_300 + n)).SetAsOf(at.Add(3 * time.Second)).SetFinishedAt(at.Add(4 * time.Second)).
			SetExpiresAt(time.Date(2026, 11, 23, 9, 50, n, 0, time.UTC))
	}
	switch status {
	case report.StatusREADY, report.StatusEXPIRED:
		file()
	case report.StatusFAILED:
		row.SetFailure(fmt.Sprintf("%s failure %d", mark, n)).SetFinishedAt(at.Add(5 * time.Second))
	case report.StatusCANCELLED:
		row.SetFinishedAt(at.Add(6 * time.Second))
	}
	w.fine(row.Exec(w.system()))
}

// addReports adds a user's own, as that of a distributor's, but not by which schedule they came.
func (c contents) addReports(s sight, distributor, user gid.ID) {
	for _, r := range c["reports"] {
		if r["user_id"] == user.String() && r["distributor_id"] == distributor.String() {
			s.add("reports", r, shownOf("Report")...)
		}
	}
}
