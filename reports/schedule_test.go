package reports_test

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"channelbook/ent"
	"channelbook/ent/notice"
	"channelbook/ent/report"
	"channelbook/ent/user"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/leads"
	"channelbook/reports"
	"channelbook/reports/order"
)

// scheduled is a schedule for people, and the reports that it has made.
func (k *desk) scheduled(p reports.Plan) *ent.ReportSchedule {
	k.t.Helper()
	row, err := k.Schedule(k.admin, p)
	if err != nil {
		k.t.Fatal(err)
	}
	return row
}

// due runs what is due and tells the reports that there are: whose, from when, to when.
func (k *desk) due(services ...*reports.Service) string {
	k.t.Helper()
	for _, s := range append(services, k.Service) {
		if err := s.RunDue(k.system); err != nil {
			k.t.Fatal(err)
		}
	}
	return k.reports()
}

func (k *desk) reports() string {
	k.t.Helper()
	var lines []string
	for _, row := range k.DB.Report.Query().Order(ent.Asc(report.FieldRequestedAt, report.FieldDueOn, report.FieldUserID)).AllX(k.system) {
		p, err := k.Parameters(row)
		if err != nil {
			k.t.Fatal(err)
		}
		who := map[gid.ID]string{k.boss.UserID: "boss", k.worker.UserID: "worker"}[row.UserID]
		if p.Period != nil {
			lines = append(lines, fmt.Sprintf("%s %s", who, p.Period.StartsOn))
			continue
		}
		lines = append(lines, fmt.Sprintf("%s %s..%s", who, p.From, p.To))
	}
	return strings.Join(lines, "; ")
}

func TestASchedulesReportIsMadeOnceForEach(t *testing.T) {
	for name, c := range map[string]struct {
		plan     reports.Plan
		next     string
		due      time.Time // the first moment, in Moscow
		made     string
		muchLate string // what is made where nothing ran for 70 days
	}{
		"a week's leads": {reports.Plan{Kind: reports.Leads, Format: order.CSV, Every: reports.Week}, "2026-11-30",
			time.Date(2026, 11, 30, 0, 0, 0, 0, moscow), "2026-11-23..2026-11-30", "2027-02-01..2027-02-08"},
		"a month's leads": {reports.Plan{Kind: reports.Leads, Format: order.CSV, Every: reports.Month}, "2026-12-01",
			time.Date(2026, 12, 1, 0, 0, 0, 0, moscow), "2026-11-01..2026-12-01", "2027-01-01..2027-02-01"},
		"a month's payouts": {reports.Plan{Kind: reports.Payouts, Format: order.XLSX, Every: reports.Month}, "2026-12-01",
			time.Date(2026, 12, 1, 0, 0, 0, 0, moscow), "2026-11-01", "2027-01-01"},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, k *desk) {
				c.plan.Name, c.plan.Recipients = "Каждый раз", []gid.ID{k.boss.UserID, k.worker.UserID, k.boss.UserID} // one of them twice
				row := k.scheduled(c.plan)
				if len(row.RecipientIds) != 2 {
					t.Errorf("it is for %v", row.RecipientIds)
				}
				if row.NextOn.String() != c.next {
					t.Errorf("it is due on %s, want %s", row.NextOn, c.next)
				}
				k.set(c.due.Add(-time.Microsecond).UTC())
				if got := k.due(); got != "" {
					t.Errorf("before its time: %s", got)
				}
				k.set(c.due.UTC())
				want := "boss " + c.made + "; worker " + c.made
				other := k.service(dbtest.Second(t, k.DB), k.Store)
				var all sync.WaitGroup
				for i := range 8 {
					s := k.Service
					if i%2 == 0 {
						s = other
					}
					all.Go(func() {
						if err := s.RunDue(k.system); err != nil {
							t.Error(err)
						}
					})
				}
				all.Wait()
				if got := k.reports(); !sameSet(got, want) {
					t.Errorf("made %q, want %q", got, want)
				}
				k.DB.Report.Delete().ExecX(k.system)
				k.set(time.Date(2027, 2, 10, 9, 0, 0, 0, time.UTC))
				if got, want := k.due(), "boss "+c.muchLate+"; worker "+c.muchLate; !sameSet(got, want) {
					t.Errorf("after a long time: made %q, want %q", got, want)
				}
			})
		})
	}
}

func sameSet(a, b string) bool {
	sorted := func(s string) string {
		parts := strings.Split(s, "; ")
		if len(parts) == 2 && parts[0] > parts[1] {
			parts[0], parts[1] = parts[1], parts[0]
		}
		return strings.Join(parts, "; ")
	}
	return sorted(a) == sorted(b)
}

func TestAScheduledReportIsToldByEMail(t *testing.T) {
	each(t, func(t *testing.T, k *desk) {
		k.scheduled(reports.Plan{Name: "Неделя", Kind: reports.Leads, Format: order.CSV, Every: reports.Week, Recipients: []gid.ID{k.worker.UserID}})
		k.set(time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC))
		k.due()
		row := k.DB.Report.Query().OnlyX(k.system)
		if err := k.Run(k.system, reports.Due{Report: row.ID}); err != nil {
			t.Fatal(err)
		}
		told := k.told(notice.KindREPORT_READY)
		if len(told) != 1 || strings.Join(told[0].Channels, " ") != "WEB EMAIL" || *k.row(row.ID).DistributorID != k.north {
			t.Errorf("told %v", told)
		}
	})
}

func TestASchedulesRecipientsGetWhatTheyMaySee(t *testing.T) {
	each(t, func(t *testing.T, k *desk) {
		gone := k.person("gone", user.RoleADMIN, gid.ID{})
		moved := k.person("moved", user.RoleDISTRIBUTOR, k.north)
		k.scheduled(reports.Plan{Name: "Акты", Kind: reports.ActOfServices, Format: order.DOCX, Every: reports.Month, Parameters: order.Parameters{DistributorID: &k.north},
			Recipients: []gid.ID{k.boss.UserID, gone.UserID, moved.UserID}})
		k.DB.User.UpdateOneID(gone.UserID).SetDisabledAt(*k.at.Load()).ExecX(k.system)
		k.DB.User.UpdateOneID(moved.UserID).SetDistributorID(k.south).ExecX(k.system)
		k.set(time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC))
		k.due()
		got := map[gid.ID]report.Status{}
		for _, row := range k.DB.Report.Query().AllX(k.system) {
			got[row.UserID] = row.Status
		}
		if want := map[gid.ID]report.Status{k.boss.UserID: report.StatusQUEUED, moved.UserID: report.StatusFAILED}; !maps.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		if told := k.told(notice.KindREPORT_FAILED); len(told) != 1 || told[0].UserIds[0] != moved.UserID || strings.Contains(told[0].Title+told[0].Text, "Север") {
			t.Errorf("told %v", told)
		}
	})
}

func TestAllThatIsWrongWithAScheduleIsToldAtOnce(t *testing.T) {
	each(t, func(t *testing.T, k *desk) {
		south := k.person("other", user.RoleDISTRIBUTOR, k.south)
		for name, c := range map[string]struct {
			plan reports.Plan
			want string
		}{
			"nothing but a kind":        {reports.Plan{Kind: reports.Leads, Every: reports.Week}, "UNSUPPORTED_FORMAT format; REQUIRED name; REQUIRED recipientIds"},
			"payouts each week":         {reports.Plan{Name: "Н", Kind: reports.Payouts, Format: order.XLSX, Every: reports.Week, Recipients: []gid.ID{k.boss.UserID}}, "WEEKLY_NOT_POSSIBLE every"},
			"people that are not there": {reports.Plan{Name: strings.Repeat("я", 101), Kind: reports.Leads, Format: order.CSV, Every: reports.Week, Recipients: []gid.ID{gid.New(), k.boss.UserID, gid.New()}}, "TOO_LONG name; NOT_FOUND recipientIds[0]; NOT_FOUND recipientIds[2]"},
			"who does not see it":       {reports.Plan{Name: "Н", Kind: reports.Leads, Format: order.CSV, Every: reports.Week, Parameters: order.Parameters{DistributorID: &k.north}, Recipients: []gid.ID{south.UserID}}, "NO_ACCESS recipientIds[0]"},
			"sources":                   {reports.Plan{Name: "Н", Kind: reports.Leads, Format: order.CSV, Every: reports.Week, Parameters: order.Parameters{Filter: leads.Filter{SourceIDs: []gid.ID{gid.New()}}}, Recipients: []gid.ID{k.boss.UserID, south.UserID}}, "NO_ACCESS recipientIds[1]"},
			"too many":                  {reports.Plan{Name: "Н", Kind: reports.Leads, Format: order.CSV, Every: reports.Week, Recipients: many(reports.MaxRecipients + 1)}, "TOO_MANY recipientIds"},
		} {
			if _, err := k.Schedule(k.admin, c.plan); faults(t, err) != c.want {
				t.Errorf("%s: got %s, want %s", name, faults(t, err), c.want)
			}
		}
		if _, err := k.Schedule(k.northly, reports.Plan{}); faults(t, err) != "FORBIDDEN" {
			t.Errorf("a distributor's user: got %s", faults(t, err))
		}
		if _, err := k.Reschedule(k.admin, gid.New(), reports.Change{Name: new("")}); faults(t, err) != "NOT_FOUND id; REQUIRED name" {
			t.Errorf("one that is not there: got %s", faults(t, err))
		}
		if err := k.Unschedule(k.admin, gid.New()); faults(t, err) != "NOT_FOUND id" {
			t.Errorf("one that is not there: got %s", faults(t, err))
		}
	})
}

func TestAScheduleThatWasSwitchedOffMakesNothingUp(t *testing.T) {
	each(t, func(t *testing.T, k *desk) {
		row := k.scheduled(reports.Plan{Name: "Неделя", Kind: reports.Leads, Format: order.CSV, Every: reports.Week, Recipients: []gid.ID{k.boss.UserID}})
		if _, err := k.Reschedule(k.admin, row.ID, reports.Change{Active: new(false)}); err != nil {
			t.Fatal(err)
		}
		k.set(time.Date(2026, 12, 2, 9, 0, 0, 0, time.UTC))
		if got := k.due(); got != "" {
			t.Errorf("while it is off: %s", got)
		}
		back, err := k.Reschedule(k.admin, row.ID, reports.Change{Active: new(true), Recipients: []gid.ID{k.worker.UserID}})
		if err != nil || back.NextOn.String() != "2026-12-07" {
			t.Fatalf("got %v, %v", back, err)
		}
		if got := k.due(); got != "" {
			t.Errorf("once it is on again: %s", got)
		}
		k.set(time.Date(2026, 12, 7, 9, 0, 0, 0, time.UTC))
		if got := k.due(); got != "worker 2026-11-30..2026-12-07" {
			t.Errorf("then: %s", got)
		}
		if err := k.Unschedule(k.admin, row.ID); err != nil {
			t.Fatal(err)
		}
		if left := k.DB.Report.Query().OnlyX(k.system); left.ScheduleID != nil {
			t.Errorf("its report is %v", left)
		}
	})
}

func many(n int) []gid.ID {
	ids := make([]gid.ID, n)
	for i := range ids {
		ids[i] = gid.New()
	}
	return ids
}
