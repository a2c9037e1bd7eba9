package figures_test

import (
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/leads/figures"
)

// TestFiguresAreWhatTheLeadsSay plays random histories of all acts on leads over several days, on two instances, while both
// make figures: whatever came first, figures are what the leads say when counted one by one, and making them anew finds
// nothing to correct.
func TestFiguresAreWhatTheLeadsSay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		second := dbtest.Second(t, d)
		for seed := range uint64(histories) {
			w := newWorld(t, d, moscow(t), "2026-12-29T06:00:00Z", second)
			if seed > 0 {
				w.at("2027-01-10T06:00:00Z")
			}
			begun := w.now()
			for step := range uint64(14) {
				w.atOnce(seed*100 + step)
				from, to := begun.Add(-12*time.Hour), w.now().Add(7*time.Hour)
				w.check("after a step", w.instances[step%2].figures, figures.Question{From: &from, To: &to})
				w.pass(5*time.Hour + 7*time.Minute)
			}
			w.ranges(begun)
			report, err := w.instances[1].figures.Rebuild(w.system)
			if err != nil || report.Days < 3 || len(report.Wrong) > 0 {
				t.Errorf("made anew: got %+v, %v, want some days and no difference", report, err)
			}
		}
	})
}

// atOnce lets people work on both instances while both make figures.
func (w *world) atOnce(seed uint64) {
	var all sync.WaitGroup
	for worker := range uint64(4) {
		all.Go(func() {
			r := rand.New(rand.NewPCG(seed, worker)) // #nosec G404 -- a test
			i := w.instances[int(worker)%len(w.instances)]
			for range 5 {
				w.lead(i, r)
				w.act(i, r)
				w.act(i, r)
			}
			if err := i.figures.RollUp(w.system); err != nil {
				w.t.Error(err)
			}
			w.act(i, r)
			w.act(i, r)
		})
	}
	all.Wait()
}

// before compares the figures of the time before with those of that time, by key and in all.
func (w *world) before(name string, from, to time.Time) {
	w.t.Helper()
	s, days := w.instances[0].figures, int(to.Sub(from)/(24*time.Hour))
	earlier := from.AddDate(0, 0, -days)
	for _, g := range figures.Groups {
		rows, err1 := s.Stats(w.admin, figures.Question{Group: g, From: &from, To: &to})
		got, err2 := s.Before(w.admin, figures.Question{Group: g, From: &from, To: &to}, rows)
		then, err3 := s.Stats(w.admin, figures.Question{Group: g, From: &earlier, To: &from})
		if err := errors.Join(err1, err2, err3); err != nil {
			w.t.Fatal(err)
		}
		want, of := map[string]figures.Figures{}, figures.Figures{}
		for i, row := range then {
			key := row.Key
			if g == figures.ByDay {
				key = rows[i].Key // the row at the same place
			}
			want[key] = row.Figures
			of = of.Add(row.Figures)
		}
		for i, row := range rows {
			if g != figures.ByWeek && g != figures.ByMonth && got[i] != want[row.Key] {
				w.t.Errorf("%s: before %s %q: got %v, want %v", name, g, row.Key, got[i], want[row.Key])
			}
			of = figures.Figures{Leads: of.Leads - got[i].Leads, Converted: of.Converted - got[i].Converted, Sales: of.Sales - got[i].Sales, Payout: of.Payout - got[i].Payout}
		}
		if (g == figures.ByWeek || g == figures.ByMonth) && of != (figures.Figures{}) {
			w.t.Errorf("%s: before by %s: %v are in no row, want all of them there", name, g, of)
		}
	}
}

// ranges compares figures of other times and of some distributors.
func (w *world) ranges(begun time.Time) {
	w.t.Helper()
	w.before("two days", midnight(begun, w.zone, 2), midnight(begun, w.zone, 4))
	for name, c := range map[string]struct{ from, to time.Time }{
		"whole days":          {midnight(begun, w.zone, 1), midnight(begun, w.zone, 3)},
		"from noon to noon":   {begun.Add(24 * time.Hour), begun.Add(60 * time.Hour)},
		"within a day":        {begun.Add(24 * time.Hour), begun.Add(31 * time.Hour)},
		"to the end of today": {begun.Add(time.Hour), midnight(w.now(), w.zone, 1)},
		"today's hours":       {midnight(w.now(), w.zone, 0).Add(time.Hour), w.now()},
	} {
		w.check(name, w.instances[0].figures, figures.Question{From: &c.from, To: &c.to})
		w.check(name+" of two distributors", w.instances[0].figures, figures.Question{From: &c.from, To: &c.to, Distributors: []gid.ID{w.distributors[0], w.distributors[2]}})
	}
}

func midnight(at time.Time, zone *time.Location, days int) time.Time {
	y, m, d := at.In(zone).Date()
	return time.Date(y, m, d+days, 0, 0, 0, 0, zone)
}
