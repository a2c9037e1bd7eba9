package goals

import (
	"context"
	"fmt"
	"time"

	"channelbook/ent"
	"channelbook/ent/distributor"
	"channelbook/ent/goal"
	"channelbook/ent/goalmilestone"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/notify"
)

const (
	// tellWithin is how long a milestone may wait and is still news: those that waited for longer, in a base of a release
	// that told nobody, would come as a flood.
	tellWithin = 48 * time.Hour
	// tellAtOnce is how many milestones a transaction tells, and what else waits of their goals.
	tellAtOnce = 500
)

// TellMilestones tells of the milestones that wait for it, as the server itself, and tells how many that were: the
// distributor's users, and administrators by a notice of their own. Each is marked and told in one transaction, so whoever
// else runs this at the same time and whatever breaks off, it is told once. Of a goal's milestones that wait together only the
// farthest is told. Those that have waited for more than two days are marked without being told, and so are
// those of goals that were removed since.
func (s *Service) TellMilestones(ctx context.Context) (told int, err error) {
	ctx = auth.AsSystem(ctx, "tell of milestones")
	for {
		var seen, n int
		err := db.WithTx(ctx, s.DB, func(tx *db.Tx) (err error) {
			seen, n, err = s.tellSome(ctx, tx)
			return err
		})
		if err != nil {
			return told, err
		}
		if told += n; seen == 0 {
			return told, nil
		}
	}
}

// tellSome tells of some milestones, and how many it has seen and how many of these this transaction has marked.
func (s *Service) tellSome(ctx context.Context, tx *db.Tx) (seen, marked int, err error) {
	waiting, err := firstWaiting(ctx, tx)
	if err != nil || len(waiting) == 0 {
		return 0, 0, err
	}
	now := s.Now()
	won, err := claim(ctx, tx, waiting, now)
	if err != nil {
		return 0, 0, err
	}
	var news []*ent.GoalMilestone
	for _, m := range waiting {
		if won[m.ID] && !m.At.Before(now.Add(-tellWithin)) {
			news = append(news, m)
		}
	}
	return len(waiting), len(won), tellOfMilestones(ctx, tx, farthest(news))
}

// firstWaiting are the milestones that have waited longest, with all others that wait of their goals.
func firstWaiting(ctx context.Context, tx *db.Tx) ([]*ent.GoalMilestone, error) {
	waiting := tx.GoalMilestone.Query().Where(goalmilestone.ToldAtIsNil()).Order(ent.Asc(goalmilestone.FieldAt, goalmilestone.FieldID))
	first, err := waiting.Clone().Limit(tellAtOnce).All(ctx)
	if err != nil || len(first) < tellAtOnce {
		return first, err
	}
	of := make([]gid.ID, len(first))
	for i, m := range first {
		of[i] = m.GoalID
	}
	return waiting.Where(goalmilestone.GoalIDIn(of...)).All(ctx)
}

// onTheWay are the milestones of which the farthest says all: that a goal is behind its pace says more than what of it is done.
var onTheWay = map[goalmilestone.Milestone]int{
	goalmilestone.MilestoneHALF: 1, goalmilestone.MilestoneNINETY_PERCENT: 2, goalmilestone.MilestoneBEHIND: 3, goalmilestone.MilestoneREACHED: 4,
}

// farthest leaves out the milestones of a goal that lie before another one of it.
func farthest(milestones []*ent.GoalMilestone) (left []*ent.GoalMilestone) {
	most := map[gid.ID]int{}
	for _, m := range milestones {
		most[m.GoalID] = max(most[m.GoalID], onTheWay[m.Milestone])
	}
	for _, m := range milestones {
		if onTheWay[m.Milestone] == most[m.GoalID] {
			left = append(left, m)
		}
	}
	return left
}

// tellOfMilestones tells of milestones, but for those of goals that are there no more.
func tellOfMilestones(ctx context.Context, tx *db.Tx, milestones []*ent.GoalMilestone) error {
	goals, companies, err := ofMilestones(ctx, tx, milestones)
	if err != nil {
		return err
	}
	var rows db.Rows
	for _, m := range milestones {
		g := goals[m.GoalID]
		if g == nil {
			continue
		}
		what := notify.Milestone{Goal: g.ID, Period: PeriodOf(g), Metric: g.Metric, Kind: m.Milestone, Target: m.Target, Actual: m.Actual}
		both := notify.Rows(tx, m.At,
			notify.Notice{Event: notify.GoalMilestone(what), To: notify.To{Distributor: g.DistributorID}},
			notify.Notice{Event: notify.GoalMilestoneOf(companies[g.DistributorID], what), To: notify.To{Admins: true}})
		both.Values = append(rows.Values, both.Values...)
		rows = both
	}
	return tx.Insert(ctx, rows)
}

// ofMilestones are the goals and the companies' names of milestones.
func ofMilestones(ctx context.Context, tx *db.Tx, milestones []*ent.GoalMilestone) (map[gid.ID]*ent.Goal, map[gid.ID]string, error) {
	if len(milestones) == 0 {
		return nil, nil, nil
	}
	var goalIDs, distributorIDs []gid.ID
	for _, m := range milestones {
		goalIDs, distributorIDs = append(goalIDs, m.GoalID), append(distributorIDs, m.DistributorID)
	}
	goals, companies := map[gid.ID]*ent.Goal{}, map[gid.ID]string{}
	rows, err := tx.Goal.Query().Where(goal.IDIn(goalIDs...)).All(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("read the goals of milestones: %w", err)
	}
	for _, g := range rows {
		goals[g.ID] = g
	}
	named, err := tx.Distributor.Query().Where(distributor.IDIn(distributorIDs...)).Select(distributor.FieldID, distributor.FieldCompanyName).All(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("read whose milestones these are: %w", err)
	}
	for _, d := range named {
		companies[d.ID] = d.CompanyName
	}
	return goals, companies, nil
}
