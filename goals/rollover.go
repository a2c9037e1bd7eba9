package goals

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/distributor"
	"channelbook/ent/goal"
	"channelbook/ent/goalchange"
	"channelbook/ent/goalrollover"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

const (
	// catchUp is how many months are made up for after the server has been down.
	catchUp = 12
	// rollAtOnce is for how many distributors a transaction rolls goals over.
	rollAtOnce = 500
)

// RollOver gives each active distributor that has no goals for this month those of the last one, as the server itself, and
// tells how many goals it has given. It does so once for each distributor and month, whoever else runs it at the same time:
// what was removed by hand, before or after, does not come back. Months since the last one that anybody rolled over are made
// up for, twelve of them at most, and that one too, where it was broken off; one that is closed is left out. Who was
// suspended all through a month has not had its goals rolled over.
func (s *Service) RollOver(ctx context.Context) (given int, err error) {
	ctx = auth.AsSystem(ctx, "roll goals over")
	months, err := s.due(ctx)
	if err != nil {
		return 0, err
	}
	for _, month := range months {
		for {
			n, seen, err := s.rollOver(ctx, month)
			given += n
			if err != nil {
				return given, err
			}
			if seen < rollAtOnce {
				break
			}
		}
	}
	return given, nil
}

// due are the months for which there is an active distributor that has not been rolled over, the earliest first.
func (s *Service) due(ctx context.Context) (months []calendar.Period, err error) {
	current := calendar.PeriodOf(calendar.Month, calendar.DateOf(s.Now(), s.TimeZone))
	last, err := s.DB.GoalRollover.Query().Order(ent.Desc(goalrollover.FieldStartsOn)).First(ctx)
	switch {
	case err == nil:
		next := calendar.Period{Kind: calendar.Month, StartsOn: *last.StartsOn} // which may have been broken off
		for range catchUp + 1 {
			if !current.StartsOn.After(next.StartsOn) {
				break
			}
			months, next = append(months, next), next.Next()
		}
	case !ent.IsNotFound(err):
		return nil, fmt.Errorf("look for the last month that was rolled over: %w", err)
	}
	waiting, err := s.DB.Distributor.Query().Where(distributor.StatusEQ(distributor.StatusACTIVE), unmarked(current)).Exist(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for goals to roll over: %w", err)
	}
	if waiting {
		months = append(months, current)
	}
	return months, nil
}

// rollOver rolls some distributors over into a month, and tells how many goals it gave to how many of them.
func (s *Service) rollOver(ctx context.Context, month calendar.Period) (given, seen int, err error) {
	err = db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		given, seen = 0, 0
		if err := lock(ctx, tx); err != nil {
			return err
		}
		closed, err := closedOf(ctx, tx, &month.StartsOn)
		if err != nil || closed[month] {
			return err
		}
		ids, err := mark(ctx, tx, month, s.Now())
		if err != nil || len(ids) == 0 {
			return err
		}
		changes, err := rolled(ctx, tx, month, ids)
		if err != nil {
			return err
		}
		given, seen = len(changes), len(ids)
		return s.save(ctx, tx, goalchange.KindROLLED_OVER, audit.GoalsRolledOver, "", changes)
	})
	return given, seen, err
}

// rolled are last month's goals of those distributors that have none for this month, and never had.
func rolled(ctx context.Context, tx *db.Tx, month calendar.Period, ids []gid.ID) ([]change, error) {
	last := month.Previous()
	rows, err := tx.Goal.Query().Where(goal.DistributorIDIn(ids...), goal.PeriodKindEQ(goal.PeriodKindMONTH),
		goal.StartsOnIn(&last.StartsOn, &month.StartsOn)).Order(ent.Asc(goal.FieldID)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the goals to roll over: %w", err)
	}
	var touched []struct {
		DistributorID gid.ID `json:"distributor_id"`
	}
	err = tx.GoalChange.Query().Where(goalchange.DistributorIDIn(ids...), goalchange.PeriodKindEQ(goalchange.PeriodKindMONTH),
		goalchange.StartsOn(&month.StartsOn)).GroupBy(goalchange.FieldDistributorID).Scan(ctx, &touched)
	if err != nil {
		return nil, fmt.Errorf("read who has had goals for a month: %w", err)
	}
	had := map[gid.ID]bool{}
	for _, t := range touched {
		had[t.DistributorID] = true
	}
	for _, g := range rows {
		had[g.DistributorID] = had[g.DistributorID] || PeriodOf(g) == month
	}
	var changes []change
	for _, g := range rows {
		if !had[g.DistributorID] {
			changes = append(changes, change{key: key{g.DistributorID, month, g.Metric}, to: g.Target})
		}
	}
	return changes, nil
}

// unmarked are the distributors that have not been rolled over into a month.
func unmarked(month calendar.Period) func(*sql.Selector) {
	return func(s *sql.Selector) { s.Where(notMarked(s, month)) }
}
