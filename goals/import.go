package goals

import (
	"context"
	"errors"
	"fmt"
	"time"

	"channelbook/ent"
	"channelbook/ent/goal"
	"channelbook/ent/goalchange"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// Imported is a goal of another system.
type Imported struct {
	ID gid.ID // of the goal and of the line of its history, which stays when the goal is removed
	Target
}

// Check tells what is wrong with a goal by itself: faults on period and target, those of Set.
func (in Imported) Check() error {
	_, err := stored(in.Metric, in.Target.Target, "target")
	return errors.Join(Valid(in.Period, "period"), err)
}

// What becomes of a goal that is to be imported.
type Fate int

// The fates.
const (
	Added   Fate = iota
	Known        // it has been imported before, and may have been changed or removed since
	Taken        // there is a goal of the distributor, period and metric already
	Refused      // its period is closed
)

// Fates tells what Import would make of goals that have been checked, in their order; by the system alone.
func Fates(ctx context.Context, tx *db.Tx, all []Imported) ([]Fate, error) {
	if _, err := auth.Require(ctx); err != nil {
		return nil, err
	}
	ids, targets := make([]gid.ID, len(all)), make([]Target, len(all))
	for i, in := range all {
		ids[i], targets[i] = in.ID, in.Target
	}
	before, err := tx.GoalChange.Query().Where(goalchange.IDIn(ids...)).IDs(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for goals that were imported: %w", err)
	}
	whose, days := parts(targets)
	there, err := standing(ctx, tx, whose, days)
	if err != nil {
		return nil, err
	}
	closed, err := closedOf(ctx, tx, days...)
	if err != nil {
		return nil, err
	}
	imported, fates := setOf(before), make([]Fate, len(all))
	for i, in := range all {
		switch {
		case imported[in.ID]:
			fates[i] = Known
		case there[in.key()] != nil:
			fates[i] = Taken
		case closed[in.Period]:
			fates[i] = Refused
		}
	}
	return fates, nil
}

// Import stores those of the goals that are Added, which have been checked and are each of another distributor, period or metric, in a
// transaction that records them; by the system alone. Nobody is told of them, nor of what they have come to by now: their milestones
// are marked as told.
func (s *Service) Import(ctx context.Context, tx *db.Tx, all []Imported, reason string) ([]Fate, error) {
	if err := lock(ctx, tx); err != nil {
		return nil, err
	}
	fates, err := Fates(ctx, tx, all)
	if err != nil {
		return nil, err
	}
	now := s.Now()
	var goals []*ent.Goal
	var acts []audit.Act
	for i, in := range all {
		if fates[i] != Added {
			continue
		}
		g, err := s.importOne(ctx, tx, in, now, reason)
		if err != nil {
			return nil, err
		}
		goals = append(goals, g)
		acts = append(acts, audit.Act{Action: audit.LegacyImported, Object: audit.On(gid.Goal, g.ID)})
	}
	if len(goals) == 0 {
		return fates, nil
	}
	if err := s.acknowledge(ctx, tx, goals, now); err != nil {
		return nil, err
	}
	if err := audit.Record(ctx, tx, now, acts...); err != nil {
		return nil, err
	}
	return fates, tx.Notify(ctx, Changed)
}

func (s *Service) importOne(ctx context.Context, tx *db.Tx, in Imported, now time.Time, reason string) (*ent.Goal, error) {
	target, err := stored(in.Metric, in.Target.Target, "target")
	if err != nil {
		return nil, err
	}
	g, err := tx.Goal.Create().SetID(in.ID).SetDistributorID(in.DistributorID).SetPeriodKind(goal.PeriodKind(in.Period.Kind)).
		SetStartsOn(&in.Period.StartsOn).SetMetric(in.Metric).SetTarget(target).SetCreatedAt(now).SetUpdatedAt(now).Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("store a goal: %w", err)
	}
	err = tx.GoalChange.Create().SetID(in.ID).SetGoalID(in.ID).SetDistributorID(in.DistributorID).SetPeriodKind(goalchange.PeriodKind(in.Period.Kind)).
		SetStartsOn(&in.Period.StartsOn).SetMetric(goalchange.Metric(in.Metric)).SetKind(goalchange.KindSET).SetAt(now).SetToTarget(target).SetReason(reason).Exec(ctx)
	if err != nil {
		return nil, fmt.Errorf("write the history of a goal: %w", err)
	}
	return g, nil
}

// acknowledge marks what goals have come to as told.
func (s *Service) acknowledge(ctx context.Context, tx *db.Tx, goals []*ent.Goal, now time.Time) error {
	today := calendar.DateOf(now, s.TimeZone)
	var current []*ent.Goal
	var of asked
	for _, g := range goals {
		if p := PeriodOf(g); !p.StartsOn.After(today) && p.End().AddDays(tellFor).After(today) {
			current = append(current, g)
			of.add(g)
		}
	}
	if len(current) == 0 {
		return nil
	}
	facts, err := Facts(ctx, tx, s.TimeZone, nil, of.periods, of.leads)
	if err != nil {
		return err
	}
	var told []*ent.GoalMilestoneCreate
	for _, g := range current {
		p := PeriodOf(g)
		actual := facts[Whose{g.DistributorID, p}].Of(g.Metric)
		for _, kind := range cameTo(g.Target, paceOf(p, today).progress(g.Target, actual)) {
			told = append(told, tx.GoalMilestone.Create().SetGoalID(g.ID).SetDistributorID(g.DistributorID).SetMilestone(kind).
				SetAt(now).SetTarget(g.Target).SetActual(actual).SetToldAt(now))
		}
	}
	if err := tx.GoalMilestone.CreateBulk(told...).Exec(ctx); err != nil {
		return fmt.Errorf("mark the milestones of imported goals: %w", err)
	}
	return nil
}

// NoRollOver keeps last month's goals from being copied into the present month for a distributor that comes with goals of its own, in
// the transaction that stores it; by the system alone.
func (s *Service) NoRollOver(ctx context.Context, tx *db.Tx, distributor gid.ID) error {
	if _, err := auth.Require(ctx); err != nil {
		return err
	}
	month := calendar.PeriodOf(calendar.Month, calendar.DateOf(s.Now(), s.TimeZone))
	if err := tx.GoalRollover.Create().SetDistributorID(distributor).SetStartsOn(&month.StartsOn).SetAt(s.Now()).Exec(ctx); err != nil {
		return fmt.Errorf("mark a month as rolled over: %w", err)
	}
	return nil
}
