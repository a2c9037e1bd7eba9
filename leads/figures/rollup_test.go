package figures_test

import (
	"context"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent/lead"
	"channelbook/ent/leadday"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/leads/figures"
)

// days are the days of which figures are kept, as the base has them.
func (w *world) kept() (through string, days, deltas int) {
	w.t.Helper()
	row, err := w.d.LeadRollup.Query().Only(w.system)
	if err == nil {
		through = row.Through.String()
	}
	var of []struct{ Day calendar.Date }
	if err := w.d.LeadDay.Query().GroupBy(leadday.FieldDay).Scan(w.system, &of); err != nil {
		w.t.Fatal(err)
	}
	return through, len(of), w.d.LeadDelta.Query().CountX(w.system)
}

func (w *world) wantKept(what, through string, days, deltas int) {
	w.t.Helper()
	if gotThrough, gotDays, gotDeltas := w.kept(); gotThrough != through || gotDays != days || gotDeltas != deltas {
		w.t.Errorf("%s: got figures through %q of %d days and %d changes, want through %q of %d days and %d changes", what, gotThrough, gotDays, gotDeltas, through, days, deltas)
	}
}

// TestADayIsKeptAnHourAfterItsEnd follows a lead over its day's end in Moscow.
func TestADayIsKeptAnHourAfterItsEnd(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, moscow(t), "2026-12-31T20:59:59Z")
		w.rollUp()
		w.wantKept("an empty base", "", 0, 0)
		i, id := w.instances[0], w.lead2(false)
		w.rollUp()
		w.wantKept("today is not kept", "2026-12-30", 0, 0)
		w.at("2026-12-31T21:30:00Z") // the new year, in Moscow
		w.reject(id)
		w.rollUp()
		w.wantKept("half an hour after midnight", "2026-12-30", 0, 2)
		w.at("2026-12-31T22:00:00Z")
		w.rollUp()
		w.wantKept("an hour after midnight", "2026-12-31", 1, 0)
		if _, err := i.leads.Reopen(w.admin, id, "да"); err != nil {
			t.Fatal(err)
		}
		w.wantKept("a change of a day that is kept", "2026-12-31", 1, 2)
		if _, err := i.leads.AddNote(w.admin, id, "заметка"); err != nil {
			t.Fatal(err)
		}
		w.rollUp()
		w.wantKept("a note changes nothing, and few changes are not worth a new count", "2026-12-31", 1, 2)
		w.at("2027-01-09T22:00:00Z")
		w.rollUp()
		w.wantKept("days later", "2027-01-09", 1, 0)
	})
}

// lead2 takes a lead in for the first distributor, which is a test where it is to be one.
func (w *world) lead2(test bool) gid.ID {
	w.t.Helper()
	r := rand.New(rand.NewPCG(1, 1)) // #nosec G404 -- a test
	for {
		id := w.lead(w.instances[0], r)
		row := w.d.Lead.GetX(w.system, id)
		if row.IsTest == test && row.Status == lead.StatusNEW && row.LegalBasis != nil && row.DuplicateOfID == nil {
			return id
		}
		w.d.Lead.Update().Where(lead.ID(id)).SetStatus(lead.StatusBLOCKED).ExecX(w.system)
	}
}

// TestReadersSeeOneMoment: while leads go from hand to hand and from status to status, and figures are made anew, they are
// always as many.
func TestReadersSeeOneMoment(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, moscow(t), "2026-03-30T09:00:00Z", dbtest.Second(t, d))
		r := rand.New(rand.NewPCG(5, 5)) // #nosec G404 -- a test
		for range 30 {
			w.lead(w.instances[0], r)
		}
		n := int64(0)
		for _, l := range w.d.Lead.Query().AllX(w.system) {
			if !l.IsTest && l.Status == lead.StatusNEW {
				n++
			}
		}
		w.at("2026-03-31T09:00:00Z")
		ctx, stop := context.WithCancel(w.system)
		var working, making sync.WaitGroup
		for worker := range uint64(3) {
			working.Go(func() {
				r := rand.New(rand.NewPCG(6, worker)) // #nosec G404 -- a test
				for range 25 {
					w.act(w.instances[worker%2], r)
				}
			})
		}
		for _, i := range w.instances {
			making.Go(func() {
				for ctx.Err() == nil {
					if _, err := i.figures.Rebuild(w.system); err != nil {
						t.Error(err)
					}
					if err := i.figures.RollUp(w.system); err != nil {
						t.Error(err)
					}
				}
			})
		}
		from, to := w.now().Add(-72*time.Hour), w.now()
		making.Go(func() {
			for ctx.Err() == nil {
				rows, err := w.instances[0].figures.Stats(w.admin, figures.Question{Group: figures.ByDay, From: &from, To: &to})
				if err != nil {
					t.Error(err)
				}
				all := figures.Figures{}
				for _, row := range rows {
					all = all.Add(row.Figures)
				}
				if all.Leads != n {
					t.Errorf("got %d leads, want %d at every moment", all.Leads, n)
				}
			}
		})
		working.Wait()
		stop()
		making.Wait()
		w.check("in the end", w.instances[1].figures, figures.Question{From: &from, To: &to})
	})
}

// TestRebuildFindsWhatIsWrong plants a wrong figure, a figure of nothing and a change that never was.
func TestRebuildFindsWhatIsWrong(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for name, plant := range map[string]string{
			"a wrong figure":             "UPDATE lead_days SET leads = leads + 1 WHERE id = (SELECT MIN(id) FROM lead_days)",
			"a figure of nothing":        "INSERT INTO lead_days (day, whole, restricted, dimension, value, leads, converted, sales, payout) VALUES ('2028-02-29', TRUE, FALSE, 'REGION', 'нет', 1, 0, 0, 0)",
			"a figure that is not there": "DELETE FROM lead_days WHERE id = (SELECT MIN(id) FROM lead_days)",
			"a change that never was":    "UPDATE lead_deltas SET payout = payout + 1",
		} {
			t.Run(name, func(t *testing.T) {
				w := newWorld(t, d, time.UTC, "2028-02-29T12:00:00Z")
				id := w.lead2(false)
				w.at("2028-03-02T12:00:00Z")
				w.rollUp()
				w.reject(id)
				counting := w.instances[0].figures
				if report, err := counting.Rebuild(w.system); err != nil || len(report.Wrong) > 0 {
					t.Fatalf("before: got %+v, %v, want no difference", report, err)
				}
				if _, err := w.instances[0].leads.Reopen(w.admin, id, "да"); err != nil {
					t.Fatal(err)
				}
				if _, err := d.ExecContext(w.system, plant); err != nil {
					t.Fatal(err)
				}
				report, err := counting.Rebuild(w.system)
				if err != nil || len(report.Wrong) != 1 || report.Wrong[0].Day.String() != "2028-02-29" || report.Wrong[0].Cells == 0 {
					t.Errorf("got %+v, %v, want the leap day", report, err)
				}
				if report, err := counting.Rebuild(w.system); err != nil || len(report.Wrong) > 0 {
					t.Errorf("afterwards: got %+v, %v, want no difference", report, err)
				}
				d.LeadDay.Delete().ExecX(w.system)
				d.LeadRollup.Delete().ExecX(w.system)
				d.Lead.Update().SetStatus(lead.StatusBLOCKED).ExecX(w.system)
			})
		}
	})
}

// TestAnotherTimeZoneBeginsAnew: the same leads belong to other days.
func TestAnotherTimeZoneBeginsAnew(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, moscow(t), "2026-01-31T20:30:00Z") // 23:30 in Moscow
		r := rand.New(rand.NewPCG(3, 3))                       // #nosec G404 -- a test
		for range 12 {
			w.lead(w.instances[0], r)
			w.pass(10 * time.Minute)
		}
		w.at("2026-02-03T12:00:00Z")
		w.rollUp()
		w.wantKept("in Moscow", "2026-02-02", 2, 0)
		utc := w.counting(d, time.UTC)
		from, to := instant(t, "2026-01-01T00:00:00Z"), instant(t, "2026-03-01T00:00:00Z")
		w.check("what is kept in another time zone is not read", utc, figures.Question{From: from, To: to})
		if err := utc.RollUp(w.system); err != nil {
			t.Fatal(err)
		}
		w.wantKept("in UTC", "2026-02-02", 1, 0)
		w.check("in UTC", utc, figures.Question{From: from, To: to})
		w.check("in Moscow again", w.instances[0].figures, figures.Question{From: from, To: to})
	})
}

// TestReceivedCountsForDistributors: by their present distributors, restricted leads among them, in spans of whole days.
func TestReceivedCountsForDistributors(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, moscow(t), "2028-02-28T06:00:00Z")
		for step := range uint64(9) {
			w.atOnce(700 + step)
			w.pass(7 * time.Hour)
		}
		day := func(s string) calendar.Date {
			d, err := calendar.ParseDate(s)
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		spans := []figures.Span{{From: day("2028-02-01"), To: day("2028-03-01")}, {From: day("2028-03-01"), To: day("2028-04-01")}, {From: day("2028-02-29"), To: day("2028-02-29")}, {From: day("2027-01-01"), To: day("2029-01-01")}}
		want := map[figures.Of]figures.Count{}
		all := w.d.Lead.Query().AllX(w.system)
		for i, span := range spans {
			for _, l := range all {
				at := calendar.DateOf(l.ReceivedAt, w.zone)
				if l.IsTest || l.DistributorID == nil || !accepted(l.Status) || span.From.After(at) || !span.To.After(at) {
					continue
				}
				of := figures.Of{Distributor: *l.DistributorID, Span: i}
				n := want[of]
				n.Leads++
				if l.Status == lead.StatusSALE {
					n.Converted++
				}
				want[of] = n
			}
		}
		got, err := figures.Received(w.system, d, w.zone, nil, spans)
		if err != nil || len(got) != len(want) {
			t.Fatalf("got %v, %v, want %v", got, err, want)
		}
		one, err := figures.Received(w.system, d, w.zone, w.distributors[:1], spans)
		if err != nil {
			t.Fatal(err)
		}
		for of, n := range want {
			if got[of] != n {
				t.Errorf("%v: got %v, want %v", of, got[of], n)
			}
			if n, of := one[of], of; of.Distributor == w.distributors[0] && n != want[of] || of.Distributor != w.distributors[0] && n.Leads != 0 {
				t.Errorf("of the first alone, %v: got %v", of, n)
			}
		}
	})
}

func accepted(s lead.Status) bool {
	for _, a := range figures.Accepted {
		if a == s {
			return true
		}
	}
	return false
}

// TestALongNameStopsNoFigures: what tells figures apart stands in an index, and PostgreSQL bounds its rows.
func TestALongNameStopsNoFigures(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, moscow(t), "2026-03-10T09:00:00Z")
		long := strings.Repeat("漢", 512)
		w.d.Lead.UpdateOneID(w.lead2(false)).SetCampaignID("").SetCampaignName(long).SetRegion(long).SetFunnel(long).SetUtmSource(long).ExecX(w.system)
		w.pass(48 * time.Hour)
		w.rollUp()
		w.wantKept("two days later", "2026-03-11", 1, 0)
		for _, group := range []figures.Group{figures.ByCampaign, figures.ByRegion, figures.ByFunnel, figures.ByUTMSource} {
			rows, err := w.instances[0].figures.Stats(w.admin, figures.Question{Group: group})
			if err != nil || len(rows) != 1 || rows[0].Key != strings.Repeat("漢", 200) || rows[0].Leads != 1 {
				t.Errorf("by %s: got %v, %v, want one lead under the name's first 200 characters", group, rows, err)
			}
		}
	})
}

// TestFiguresOfAnotherZoneAreNotProved: the command would find nothing wrong with what it cannot judge.
func TestFiguresOfAnotherZoneAreNotProved(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, moscow(t), "2026-03-10T09:00:00Z")
		w.lead2(false)
		w.pass(48 * time.Hour)
		w.rollUp()
		if _, err := w.counting(d, time.UTC).Rebuild(w.system); err == nil || !strings.Contains(err.Error(), "Europe/Moscow") {
			t.Errorf("got %v, want an error that names the zone of the figures", err)
		}
		w.wantKept("they stay", "2026-03-11", 1, 0)
	})
}

// TestAQuarterIsNotTooLong: the fourth quarter has 92 days, and an hour more where summer time ends in it.
func TestAQuarterIsNotTooLong(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		berlin, err := time.LoadLocation("Europe/Berlin")
		if err != nil {
			t.Fatal(err)
		}
		w := newWorld(t, d, berlin, "2026-12-31T09:00:00Z")
		from, to := time.Date(2026, 10, 1, 0, 0, 0, 0, berlin), time.Date(2027, 1, 1, 0, 0, 0, 0, berlin)
		all := func(*sql.Selector) {}
		if _, err := w.instances[0].figures.Stats(w.admin, figures.Question{Group: figures.ByMonth, From: &from, To: &to, Where: all}); err != nil {
			t.Errorf("got %v, want the quarter", err)
		}
		from = from.AddDate(0, 0, -1)
		if _, err := w.instances[0].figures.Stats(w.admin, figures.Question{Group: figures.ByMonth, From: &from, To: &to, Where: all}); !fault.HasCode(err, "DATE_RANGE_TOO_LONG") {
			t.Errorf("got %v, want a day more refused", err)
		}
	})
}
