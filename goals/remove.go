package goals

import (
	"context"
	"errors"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/goalchange"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/notify"
	"channelbook/personaldata/audit"
)

// Remove takes a goal away, by an administrator; its history stays. Faults: NotFound on id; Conflict PERIOD_CLOSED on id;
// of kind Invalid on reason.
func (s *Service) Remove(ctx context.Context, id gid.ID, reason string) error {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return err
	}
	wrong := because(&reason)
	return db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		ctx := auth.AsSystem(ctx, "remove a goal")
		if err := lock(ctx, tx); err != nil {
			return err
		}
		g, err := tx.Goal.Get(ctx, id)
		switch {
		case ent.IsNotFound(err):
			return errors.Join(wrong, fault.New(fault.NotFound, "id", "There is no such goal."))
		case err != nil:
			return fmt.Errorf("read a goal: %w", err)
		case g.ClosedAt != nil:
			return errors.Join(wrong, periodClosed(PeriodOf(g), "id"))
		case wrong != nil:
			return wrong
		}
		return s.remove(ctx, tx, g, reason)
	})
}

func (s *Service) remove(ctx context.Context, tx *db.Tx, g *ent.Goal, reason string) error {
	if err := tx.Goal.DeleteOne(g).Exec(ctx); err != nil {
		return fmt.Errorf("remove a goal: %w", err)
	}
	err := tx.GoalChange.Create().SetGoalID(g.ID).SetDistributorID(g.DistributorID).SetPeriodKind(goalchange.PeriodKind(g.PeriodKind)).
		SetStartsOn(g.StartsOn).SetMetric(goalchange.Metric(g.Metric)).SetKind(goalchange.KindREMOVED).SetAt(s.Now()).
		SetNillableActorID(actor(ctx)).SetFromTarget(g.Target).SetReason(reason).Exec(ctx)
	if err != nil {
		return fmt.Errorf("write the history of a goal: %w", err)
	}
	err = audit.Record(ctx, tx, s.Now(), audit.Act{Action: audit.GoalRemoved, Object: audit.On(gid.Goal, g.ID),
		Details: map[string]string{"distributor": gid.Distributor.Format(g.DistributorID)}})
	if err != nil {
		return err
	}
	removed := notify.GoalRemoved(notify.Target{Goal: g.ID, Period: PeriodOf(g), Metric: g.Metric, To: g.Target})
	if err := notify.Tell(ctx, tx, s.Now(), notify.Notice{Event: removed, To: notify.To{Distributor: g.DistributorID}}); err != nil {
		return err
	}
	return tx.Notify(ctx, Changed)
}
