package demo

import (
	"time"

	"github.com/shopspring/decimal"

	"channelbook/ent/goal"
	"channelbook/ent/lead"
	"channelbook/goals"
	"channelbook/internal/calendar"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
)

// stretch is by how much a month's goal differs from what came of it: some keep the plan and some do not.
var stretch = []float64{0.8, 0.9, 0.95, 1.05, 1.2, 1.4}

// monthly tells what each distributor was to achieve each month: payouts, sales and leads. Goals are made after the facts, so
// that the months look like those of people.
func (f *filler) monthly() error { return f.goals(f.months()) }

// quarterly tells what revenue each distributor was to make each quarter, and how the quarters that are over ended. The months
// in them were looked at before, when there was no quarter whose facts are all there already.
func (f *filler) quarterly() error {
	quarters := f.quarters()
	if err := f.goals(quarters); err != nil {
		return err
	}
	for _, q := range quarters[:len(quarters)-1] {
		if err := f.ended(q); err != nil {
			return err
		}
	}
	return nil
}

func (f *filler) goals(periods []calendar.Period) error {
	facts, err := goals.Facts(f.ctx, f.Goals.DB, f.TimeZone, nil, periods, true)
	if err != nil {
		return err
	}
	for _, p := range periods {
		f.Clock.set(p.StartsOn.AddDays(-2).Start(f.TimeZone).Add(11 * time.Hour))
		if _, err := f.Goals.Set(f.admin, f.targets(p, facts), "План на период"); err != nil {
			return err
		}
	}
	return nil
}

// months are those of the story, the present one last.
func (f *filler) months() []calendar.Period {
	return f.periods(calendar.Month)
}

func (f *filler) quarters() []calendar.Period {
	return f.periods(calendar.Quarter)
}

func (f *filler) periods(kind calendar.Kind) (all []calendar.Period) {
	last := calendar.PeriodOf(kind, calendar.DateOf(f.now, f.TimeZone))
	for p := calendar.PeriodOf(kind, calendar.DateOf(f.daysAgo(f.days), f.TimeZone)); !p.StartsOn.After(last.StartsOn); p = p.Next() {
		all = append(all, p)
	}
	return all
}

// targets are the goals of a period. The present one is measured by the one before, as it has only begun.
func (f *filler) targets(p calendar.Period, facts map[goals.Whose]goals.Fact) (all []goals.Target) {
	like := p
	if p.Contains(calendar.DateOf(f.now, f.TimeZone)) {
		like = p.Previous()
	}
	metrics := []goal.Metric{goal.MetricPAYOUT, goal.MetricSALE_COUNT, goal.MetricLEAD_COUNT}
	if p.Kind == calendar.Quarter {
		metrics = []goal.Metric{goal.MetricREVENUE}
	}
	for _, c := range f.companies {
		fact := facts[goals.Whose{Distributor: c.ID, Period: like}]
		for _, m := range metrics {
			all = append(all, goals.Target{DistributorID: c.ID, Period: p, Metric: m, Target: f.target(m, fact.Of(m))})
		}
	}
	return all
}

// target is a round number near what was achieved, in the metric's unit.
func (f *filler) target(m goal.Metric, achieved int64) decimal.Decimal {
	wanted := decimal.NewFromInt(max(achieved, 1)).Mul(decimal.NewFromFloat(pick(f, stretch)))
	if m == goal.MetricPAYOUT || m == goal.MetricREVENUE {
		return wanted.Shift(-5).Ceil().Shift(3) // whole thousands of roubles
	}
	return wanted.Ceil()
}

// closings tells how months were closed and paid, but for the last one that is over: of those before it the last is drawn up,
// and the one before that approved.
func (f *filler) closings() error {
	months := f.months()
	over := months[:max(len(months)-2, 0)]
	for i, month := range over {
		if err := f.ended(month); err != nil {
			return err
		}
		f.Clock.set(month.End().AddDays(4).Start(f.TimeZone).Add(10 * time.Hour))
		if _, err := f.Goals.Close(f.admin, month); err != nil {
			return err
		}
		for _, c := range f.companies {
			if err := f.settle(c.ID, month, len(over)-1-i); err != nil {
				return err
			}
		}
	}
	if len(months) > 1 { // the last one that is over
		if err := f.ended(months[len(months)-2]); err != nil {
			return err
		}
	}
	return f.correction(over)
}

// ended tells what the goals of a period came to on its last evening, when its facts are all there and it is not over; of one
// that ended in the last days most is told before them, so that it has been read.
func (f *filler) ended(p calendar.Period) error {
	evening := p.EndsOn().Start(f.TimeZone).Add(19 * time.Hour)
	if before := f.daysAgo(unread + 1); before.Before(evening) {
		if err := f.milestones(before); err != nil {
			return err
		}
	}
	return f.milestones(evening)
}

// milestones tells what goals have come to by an instant; nothing of what came before the story, or is still to come.
func (f *filler) milestones(at time.Time) error {
	if at.Before(f.daysAgo(f.days)) || at.After(f.now) {
		return nil
	}
	f.Clock.set(at)
	if _, err := f.Goals.Milestones(f.ctx); err != nil {
		return err
	}
	_, err := f.Goals.TellMilestones(f.ctx)
	return err
}

// latest tells what the present goals have come to: most of it some days ago, so that little is left for today and nothing
// for the first start.
func (f *filler) latest() error {
	for _, ago := range []int{unread + 1, 0} {
		if err := f.milestones(f.daysAgo(ago)); err != nil {
			return err
		}
	}
	return nil
}

// settle draws up a distributor's statement for a month and, where that is some months ago, sees it approved and paid. Who
// has too little to be paid gets none.
func (f *filler) settle(of gid.ID, month calendar.Period, monthsAgo int) error {
	drawn, err := f.Payouts.DrawUp(f.admin, of, month)
	if _, nothing := fault.All(err); nothing {
		return nil
	}
	if err != nil || monthsAgo == 0 {
		return err
	}
	if _, err := f.Payouts.Approve(f.manager, drawn.ID, nil); err != nil || monthsAgo == 1 {
		return err
	}
	f.Clock.set(f.Clock.Now().Add(26 * time.Hour))
	defer f.Clock.set(f.Clock.Now().Add(-26 * time.Hour))
	_, err = f.Payouts.MarkPaid(f.admin, drawn.ID, nil, "ПП "+f.digits(4))
	return err
}

// correction takes back a sale of a month that is closed.
func (f *filler) correction(closed []calendar.Period) error {
	if len(closed) == 0 {
		return nil
	}
	f.Clock.set(f.now)
	last := closed[len(closed)-1]
	from, to := last.StartsOn, last.EndsOn()
	ids, err := f.Leads.DB.Lead.Query().Where(lead.StatusEQ(lead.StatusSALE), lead.SoldOnGTE(&from), lead.SoldOnLTE(&to)).
		Order(lead.BySoldOn()).Limit(1).IDs(f.ctx)
	if err != nil || len(ids) == 0 {
		return err
	}
	_, err = f.Payouts.ReverseSale(f.admin, ids[0], pick(f, reversals))
	return err
}
