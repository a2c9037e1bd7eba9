package goals

import (
	"context"
	"fmt"
	"slices"
	"time"

	"channelbook/ent"
	"channelbook/ent/period"
	"channelbook/ent/periodfact"
	"channelbook/ent/predicate"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/gid"
)

// Achieved is what distributors have achieved in periods, in a transaction: as it was frozen where a period is closed, and as it
// stands where it is open. No distributors named: all of them. Who achieved nothing may be absent. It is four statements,
// whatever the size, as long as it asks for some hundred periods at most, and sees what Facts sees.
func Achieved(ctx context.Context, tx *db.Tx, zone *time.Location, distributors []gid.ID, periods []calendar.Period) (map[Whose]Fact, error) {
	closed, err := closedAmong(ctx, tx.Period.Query(), periods)
	if err != nil {
		return nil, err
	}
	frozen := map[calendar.Period]bool{}
	for _, p := range closed {
		frozen[p] = true
	}
	open := slices.DeleteFunc(slices.Clone(periods), func(p calendar.Period) bool { return frozen[p] })
	facts, err := Facts(ctx, tx, zone, distributors, open, true)
	if err != nil {
		return nil, err
	}
	return facts, addFrozen(ctx, tx.PeriodFact.Query(), distributors, closed, facts)
}

// closedAmong are those of some periods that are closed, by the ids of their rows.
func closedAmong(ctx context.Context, q *ent.PeriodQuery, periods []calendar.Period) (map[gid.ID]calendar.Period, error) {
	closed := map[gid.ID]calendar.Period{}
	for some := range slices.Chunk(periods, maxUnion) {
		any := make([]predicate.Period, len(some))
		for i, p := range some {
			any[i] = period.And(period.KindEQ(period.Kind(p.Kind)), period.StartsOn(&p.StartsOn))
		}
		rows, err := q.Clone().Where(period.StatusEQ(period.StatusCLOSED), period.Or(any...)).All(ctx)
		if err != nil {
			return nil, fmt.Errorf("look which periods are closed: %w", err)
		}
		for _, row := range rows {
			closed[row.ID] = calendar.Period{Kind: calendar.Kind(row.Kind), StartsOn: *row.StartsOn}
		}
	}
	return closed, nil
}

// addFrozen adds what was frozen when periods were closed.
func addFrozen(ctx context.Context, q *ent.PeriodFactQuery, distributors []gid.ID, closed map[gid.ID]calendar.Period, to map[Whose]Fact) error {
	ids := make([]gid.ID, 0, len(closed))
	for id := range closed {
		ids = append(ids, id)
	}
	for some := range slices.Chunk(ids, maxUnion) {
		of := q.Clone().Where(periodfact.PeriodIDIn(some...))
		if len(distributors) > 0 {
			of.Where(periodfact.DistributorIDIn(distributors...))
		}
		rows, err := of.All(ctx)
		if err != nil {
			return fmt.Errorf("read what was frozen: %w", err)
		}
		for _, f := range rows {
			to[Whose{f.DistributorID, closed[f.PeriodID]}] = Fact{f.Payout, f.Revenue, f.SaleCount, f.LeadCount, f.ConvertedCount}
		}
	}
	return nil
}
