package goals

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"channelbook/ent"
	"channelbook/ent/goal"
	"channelbook/ent/goalchange"
	"channelbook/ent/period"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// Changed is the channel that is notified where something that counts for goals has changed: a target, or a sale. Leads ring it
// not: the intake has enough to do, and they are counted within a minute.
const Changed = "facts"

// key is what there is one goal of.
type key struct {
	distributor gid.ID
	period      calendar.Period
	metric      goal.Metric
}

// change is a target that a goal is to have.
type change struct {
	key
	id  gid.ID    // of the goal; save gives a new one its own
	was *ent.Goal // nil: there is no such goal yet
	to  int64
}

// before is the target that a goal has; nil for a new one.
func (c change) before() *int64 {
	if c.was == nil {
		return nil
	}
	return &c.was.Target
}

// PeriodOf is the period that a goal is for.
func PeriodOf(g *ent.Goal) calendar.Period {
	return calendar.Period{Kind: calendar.Kind(g.PeriodKind), StartsOn: *g.StartsOn}
}

// lock lets one transaction at a time change goals.
func lock(ctx context.Context, tx *db.Tx) error {
	return hold(ctx, tx, fmt.Sprintf("SELECT pg_advisory_xact_lock(%d)", goalsLock))
}

// saveAtOnce is how many goals a statement writes.
const saveAtOnce = 1000

// save writes targets, one line of their history for each, and for each distributor one record of the audit and one notice.
// Whoever calls it holds the lock of goals. No changes: nothing is written.
func (s *Service) save(ctx context.Context, tx *db.Tx, kind goalchange.Kind, action audit.Action, reason string, changes []change) error {
	if len(changes) == 0 {
		return nil
	}
	for i, c := range changes {
		if changes[i].id = gid.New(); c.was != nil {
			changes[i].id = c.was.ID
		}
	}
	for some := range slices.Chunk(changes, saveAtOnce) {
		if err := s.saveSome(ctx, tx, kind, reason, some); err != nil {
			return err
		}
	}
	if err := audit.Record(ctx, tx, s.Now(), acts(action, changes)...); err != nil {
		return err
	}
	if err := s.tellOfTargets(ctx, tx, kind, changes); err != nil {
		return err
	}
	return tx.Notify(ctx, Changed)
}

// acts are the records of changes, one for each distributor.
func acts(action audit.Action, changes []change) (all []audit.Act) {
	counts := map[gid.ID]int{}
	for _, c := range changes {
		counts[c.distributor]++
	}
	for _, c := range changes {
		if n := counts[c.distributor]; n > 0 {
			all = append(all, audit.Act{Action: action, Object: audit.On(gid.Distributor, c.distributor), Details: map[string]string{"count": strconv.Itoa(n)}})
			counts[c.distributor] = 0
		}
	}
	return all
}

func (s *Service) saveSome(ctx context.Context, tx *db.Tx, kind goalchange.Kind, reason string, changes []change) error {
	now, by := s.Now(), actor(ctx)
	goals := make([]*ent.GoalCreate, len(changes))
	lines := make([]*ent.GoalChangeCreate, len(changes))
	for i, c := range changes {
		goals[i] = tx.Goal.Create().SetID(c.id).SetDistributorID(c.distributor).SetPeriodKind(goal.PeriodKind(c.period.Kind)).
			SetStartsOn(&c.period.StartsOn).SetMetric(c.metric).SetTarget(c.to).SetCreatedAt(now).SetUpdatedAt(now)
		lines[i] = tx.GoalChange.Create().SetGoalID(c.id).SetDistributorID(c.distributor).SetPeriodKind(goalchange.PeriodKind(c.period.Kind)).
			SetStartsOn(&c.period.StartsOn).SetMetric(goalchange.Metric(c.metric)).SetKind(kind).SetAt(now).
			SetNillableActorID(by).SetNillableFromTarget(c.before()).SetToTarget(c.to).SetReason(reason)
	}
	err := tx.Goal.CreateBulk(goals...).
		OnConflictColumns(goal.FieldDistributorID, goal.FieldPeriodKind, goal.FieldStartsOn, goal.FieldMetric).
		Update(func(u *ent.GoalUpsert) { u.UpdateTarget().UpdateUpdatedAt() }).Exec(ctx)
	if err != nil {
		return fmt.Errorf("write goals: %w", err)
	}
	if err := tx.GoalChange.CreateBulk(lines...).Exec(ctx); err != nil {
		return fmt.Errorf("write the history of goals: %w", err)
	}
	return nil
}

// standing are the goals of distributors for periods that start on these days, by what there is one of.
func standing(ctx context.Context, tx *db.Tx, distributors []gid.ID, days []*calendar.Date) (map[key]*ent.Goal, error) {
	rows, err := tx.Goal.Query().Where(goal.DistributorIDIn(distributors...), goal.StartsOnIn(days...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read goals: %w", err)
	}
	found := make(map[key]*ent.Goal, len(rows))
	for _, g := range rows {
		found[key{g.DistributorID, PeriodOf(g), g.Metric}] = g
	}
	return found, nil
}

// closedOf are the periods that start on these days and are closed. It is as of now where the transaction holds the goals:
// closing and reopening take that lock first.
func closedOf(ctx context.Context, tx *db.Tx, days ...*calendar.Date) (map[calendar.Period]bool, error) {
	rows, err := tx.Period.Query().Where(period.StatusEQ(period.StatusCLOSED), period.StartsOnIn(days...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for closed periods: %w", err)
	}
	closed := make(map[calendar.Period]bool, len(rows))
	for _, p := range rows {
		closed[calendar.Period{Kind: calendar.Kind(p.Kind), StartsOn: *p.StartsOn}] = true
	}
	return closed, nil
}

// actor is the person who acts; nil for the system.
func actor(ctx context.Context) *gid.ID {
	if v, ok := auth.Actor(ctx); ok && !v.UserID.IsZero() {
		return &v.UserID
	}
	return nil
}
