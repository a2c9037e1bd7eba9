package graph

import (
	"context"

	"channelbook/ent"
	"channelbook/ent/goal"
	"channelbook/goals"
	"channelbook/graph/model"
	"channelbook/internal/calendar"
	"channelbook/internal/gid"
)

// periodOf is a period as a client names it; there need not be such a period.
func periodOf(in *model.PeriodInput) calendar.Period {
	return calendar.Period{Kind: calendar.Kind(in.Kind), StartsOn: in.StartsOn}
}

// targetsOf are the goals of an input. What is no id of a distributor becomes one that nobody has.
func targetsOf(in []*model.GoalInput) []goals.Target {
	targets := make([]goals.Target, len(in))
	for i, g := range in {
		targets[i] = goals.Target{
			DistributorID: referredID(gid.Distributor, g.DistributorID), Period: periodOf(g.Period), Metric: goal.Metric(g.Metric), Target: g.Target,
		}
	}
	return targets
}

func (r *Resolver) copyGoals(ctx context.Context, in model.CopyGoalsInput) (copied, kept *int, err error) {
	ids := make([]gid.ID, len(in.DistributorIds))
	for i, id := range in.DistributorIds {
		ids[i] = referredID(gid.Distributor, id)
	}
	n, stay, err := r.Goals.Copy(ctx, goals.Copying{
		From: periodOf(in.From), To: periodOf(in.To), DistributorIDs: ids, Replace: flag(in.Replace), Reason: text(in.Reason),
	})
	if err != nil {
		return nil, nil, err
	}
	return &n, &stay, nil
}

// changedPeriod takes the answer of closing or reopening apart.
func (r *Resolver) changedPeriod(row *ent.Period, err error) (*model.Period, []*model.UserError, error) {
	errs, err := userErrors(err)
	return r.Read.Period(row), errs, err
}
