package goals

import (
	"context"
	"errors"
	"fmt"

	"github.com/shopspring/decimal"

	"channelbook/ent"
	"channelbook/ent/distributor"
	"channelbook/ent/goal"
	"channelbook/ent/goalchange"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// Target is what a distributor is to achieve in a period.
type Target struct {
	DistributorID gid.ID
	Period        calendar.Period // as somebody wrote it: there need not be such a period
	Metric        goal.Metric
	Target        decimal.Decimal // in the metric's unit: roubles or pieces
}

func (t Target) key() key { return key{t.DistributorID, t.Period, t.Metric} }

// MaxTargets is how many goals are set at once.
const MaxTargets = 500

// Set gives goals their targets, by an administrator: all of them or none. One that is there already changes; where its
// target stays as it is, nothing is written. The goals come back in the order of the input.
//
// All faults come at once, each with its place, such as goals[3].target: INVALID_PERIOD where no period of the kind starts
// that day, NEGATIVE, TOO_LARGE, INVALID_AMOUNT, DUPLICATE_GOAL for the second of two targets of one goal, of kind Invalid;
// NotFound for a distributor; Conflict PERIOD_CLOSED.
func (s *Service) Set(ctx context.Context, targets []Target, reason string) ([]*ent.Goal, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	wrong := because(&reason)
	switch {
	case len(targets) == 0:
		wrong = errors.Join(wrong, fault.Coded(fault.Invalid, "REQUIRED", "goals", "Name at least one goal."))
	case len(targets) > MaxTargets:
		wrong = errors.Join(wrong, fault.Coded(fault.Invalid, "TOO_MANY", "goals", fmt.Sprintf("At most %d goals at once.", MaxTargets)))
	}
	if len(targets) == 0 || len(targets) > MaxTargets {
		return nil, wrong
	}
	err := db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		ctx := auth.AsSystem(ctx, "set goals")
		if err := lock(ctx, tx); err != nil {
			return err
		}
		changes, err := compared(ctx, tx, targets)
		if err := errors.Join(wrong, err); err != nil {
			return err
		}
		return s.save(ctx, tx, goalchange.KindSET, audit.GoalsSet, reason, changes)
	})
	if err != nil {
		return nil, err
	}
	return s.again(ctx, targets)
}

// compared holds targets against what there is: the changes to write, or all that is wrong with the targets.
func compared(ctx context.Context, tx *db.Tx, targets []Target) ([]change, error) {
	ids, days := parts(targets)
	known, err := tx.Distributor.Query().Where(distributor.IDIn(ids...)).IDs(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for the distributors of goals: %w", err)
	}
	closed, err := closedOf(ctx, tx, days...)
	if err != nil {
		return nil, err
	}
	there, err := standing(ctx, tx, ids, days)
	if err != nil {
		return nil, err
	}
	among, seen := setOf(known), map[key]bool{}
	var changes []change
	var faults []error
	for i, t := range targets {
		at := fmt.Sprintf("goals[%d]", i)
		if !among[t.DistributorID] {
			faults = append(faults, noDistributor(at+".distributorId"))
		}
		faults = append(faults, Valid(t.Period, at+".period"))
		if closed[t.Period] {
			faults = append(faults, periodClosed(t.Period, at+".period"))
		}
		to, err := stored(t.Metric, t.Target, at+".target")
		faults = append(faults, err)
		if seen[t.key()] {
			faults = append(faults, fault.Coded(fault.Invalid, "DUPLICATE_GOAL", at, "The same goal stands here twice."))
		}
		seen[t.key()] = true
		if was := there[t.key()]; was == nil || was.Target != to {
			changes = append(changes, change{key: t.key(), was: was, to: to})
		}
	}
	return changes, errors.Join(faults...)
}

// parts are the distributors and the first days of targets, without doubles.
func parts(targets []Target) (ids []gid.ID, days []*calendar.Date) {
	seen, began := map[gid.ID]bool{}, map[calendar.Date]bool{}
	for _, t := range targets {
		if !seen[t.DistributorID] {
			seen[t.DistributorID] = true
			ids = append(ids, t.DistributorID)
		}
		if !began[t.Period.StartsOn] {
			began[t.Period.StartsOn] = true
			days = append(days, &t.Period.StartsOn)
		}
	}
	return ids, days
}

// again reads the goals of targets, in their order.
func (s *Service) again(ctx context.Context, targets []Target) ([]*ent.Goal, error) {
	ids, days := parts(targets)
	rows, err := s.DB.Goal.Query().Where(goal.DistributorIDIn(ids...), goal.StartsOnIn(days...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read goals again: %w", err)
	}
	found := make(map[key]*ent.Goal, len(rows))
	for _, g := range rows {
		found[key{g.DistributorID, PeriodOf(g), g.Metric}] = g
	}
	var goals []*ent.Goal
	for _, t := range targets {
		if g := found[t.key()]; g != nil { // somebody may have removed it since
			goals = append(goals, g)
		}
	}
	return goals, nil
}

func setOf[T comparable](values []T) map[T]bool {
	set := make(map[T]bool, len(values))
	for _, v := range values {
		set[v] = true
	}
	return set
}
