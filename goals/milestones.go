package goals

import (
	"context"
	"fmt"
	"math/big"
	"slices"

	"channelbook/ent"
	"channelbook/ent/goal"
	"channelbook/ent/goalmilestone"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/gid"
)

const (
	// tellFor is for how many days after its end a period that is not closed yet is still told of.
	tellFor = 31
	// milestonesAtOnce is of how many goals a statement looks for milestones.
	milestonesAtOnce = 1000
)

// Milestones enqueues the milestones that goals have come to, as the server itself, and tells of how many goals it has
// enqueued any: half of the target, nine tenths of it, all of it, and the first time that it falls behind its pace, from the
// day after its target was last changed. Each
// comes once for each goal, whoever else runs this at the same time. It looks at goals whose period has begun, is not closed
// and ended at most 31 days ago.
func (s *Service) Milestones(ctx context.Context) (enqueued int, err error) {
	ctx = auth.AsSystem(ctx, "milestones of goals")
	today := calendar.DateOf(s.Now(), s.TimeZone)
	goals, err := s.DB.Goal.Query().Where(goal.ClosedAtIsNil(), Overlapping(today.AddDays(-tellFor), today.AddDays(1))).All(ctx)
	if err != nil || len(goals) == 0 {
		return 0, err
	}
	progress, err := s.progressOfAll(ctx, goals, today)
	if err != nil {
		return 0, err
	}
	for some := range slices.Chunk(goals, milestonesAtOnce) {
		n, err := s.enqueueNew(ctx, some, progress)
		enqueued += n
		if err != nil {
			return enqueued, err
		}
	}
	return enqueued, nil
}

// progressOfAll is Progress over all distributors, who need not be named one by one.
func (s *Service) progressOfAll(ctx context.Context, goals []*ent.Goal, today calendar.Date) (map[gid.ID]Progress, error) {
	var open asked
	for _, g := range goals {
		open.add(g)
	}
	facts, err := Facts(ctx, s.DB, s.TimeZone, nil, open.periods, open.leads)
	if err != nil {
		return nil, err
	}
	paces := map[calendar.Period]pace{}
	for _, p := range open.periods {
		paces[p] = paceOf(p, today)
	}
	out := make(map[gid.ID]Progress, len(goals))
	for _, g := range goals {
		p := PeriodOf(g)
		out[g.ID] = paces[p].progress(g.Target, facts[Whose{g.DistributorID, p}].Of(g.Metric))
	}
	return out, nil
}

// enqueueNew enqueues what some goals have come to and has not been enqueued.
func (s *Service) enqueueNew(ctx context.Context, goals []*ent.Goal, progress map[gid.ID]Progress) (int, error) {
	ids := make([]gid.ID, len(goals))
	for i, g := range goals {
		ids[i] = g.ID
	}
	rows, err := s.DB.GoalMilestone.Query().Where(goalmilestone.GoalIDIn(ids...)).
		Select(goalmilestone.FieldGoalID, goalmilestone.FieldMilestone).All(ctx)
	if err != nil {
		return 0, fmt.Errorf("read the milestones of goals: %w", err)
	}
	type once struct {
		goal gid.ID
		kind goalmilestone.Milestone
	}
	there := map[once]bool{}
	for _, m := range rows {
		there[once{m.GoalID, m.Milestone}] = true
	}
	n, today := 0, calendar.DateOf(s.Now(), s.TimeZone)
	var fresh []milestone
	for _, g := range goals {
		before := len(fresh)
		for _, kind := range cameTo(g.Target, progress[g.ID]) {
			if kind == goalmilestone.MilestoneBEHIND && !today.After(calendar.DateOf(g.UpdatedAt, s.TimeZone)) {
				continue // whoever has just been given a target has had no time for it
			}
			if !there[once{g.ID, kind}] {
				fresh = append(fresh, milestone{g.ID, g.DistributorID, kind, g.Target, progress[g.ID].Actual})
			}
		}
		if len(fresh) > before {
			n++
		}
	}
	if len(fresh) == 0 {
		return 0, nil
	}
	return n, enqueue(ctx, s.DB, s.Now(), fresh)
}

// cameTo are the milestones of a goal. One whose target is 0 is reached and nothing else.
func cameTo(target int64, p Progress) (kinds []goalmilestone.Milestone) {
	add := func(yes bool, kind goalmilestone.Milestone) {
		if yes {
			kinds = append(kinds, kind)
		}
	}
	add(target > 0 && atLeast(p.Actual, target, 1, 2), goalmilestone.MilestoneHALF)
	add(target > 0 && atLeast(p.Actual, target, 9, 10), goalmilestone.MilestoneNINETY_PERCENT)
	add(p.Actual >= target, goalmilestone.MilestoneREACHED)
	add(target > 0 && p.Standing == Behind, goalmilestone.MilestoneBEHIND)
	return kinds
}

// atLeast tells whether actual is a fraction of target or more.
func atLeast(actual, target, above, below int64) bool {
	return product(actual, below).Cmp(new(big.Int).Mul(big.NewInt(target), big.NewInt(above))) >= 0
}
