package goals

import (
	"context"

	"channelbook/ent"
	"channelbook/ent/goal"
	"channelbook/internal/calendar"
	"channelbook/internal/gid"
)

// Progress tells of goals that the viewer sees how far they have come, by their ids: in two statements at most, and in none
// where all their periods are closed.
func (s *Service) Progress(ctx context.Context, goals []*ent.Goal) (map[gid.ID]Progress, error) {
	today := calendar.DateOf(s.Now(), s.TimeZone)
	var open asked
	paces := map[calendar.Period]pace{}
	for _, g := range goals {
		p := PeriodOf(g)
		if _, known := paces[p]; !known {
			paces[p] = paceOf(p, today)
		}
		if g.ClosedAt == nil && paces[p].begun {
			open.add(g)
		}
	}
	facts, err := Facts(ctx, s.DB, s.TimeZone, open.distributors, open.periods, open.leads)
	if err != nil {
		return nil, err
	}
	out := make(map[gid.ID]Progress, len(goals))
	for _, g := range goals {
		p := PeriodOf(g)
		out[g.ID] = paces[p].of(g, facts[Whose{g.DistributorID, p}])
	}
	return out, nil
}

// ProgressOf is how far a goal has come by a day, for whoever has read what its distributor has achieved in its period: see
// Achieved. One whose period is closed has come as far as it had then.
func ProgressOf(g *ent.Goal, achieved Fact, today calendar.Date) Progress {
	return paceOf(PeriodOf(g), today).of(g, achieved)
}

// asked is whose facts of which periods are to be known.
type asked struct {
	distributors []gid.ID
	periods      []calendar.Period
	leads        bool
	seen         map[any]bool
}

func (a *asked) add(g *ent.Goal) {
	if a.seen == nil {
		a.seen = map[any]bool{}
	}
	if !a.seen[g.DistributorID] {
		a.seen[g.DistributorID] = true
		a.distributors = append(a.distributors, g.DistributorID)
	}
	if p := PeriodOf(g); !a.seen[p] {
		a.seen[p] = true
		a.periods = append(a.periods, p)
	}
	a.leads = a.leads || g.Metric == goal.MetricLEAD_COUNT
}
