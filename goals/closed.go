package goals

import (
	"context"
	"fmt"

	"channelbook/ent/period"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/fault"
)

// Hold holds all periods as they are to the end of the transaction, as Open does. Take it before any row.
func Hold(ctx context.Context, tx *db.Tx) error {
	return hold(ctx, tx, fmt.Sprintf("SELECT pg_advisory_xact_lock_shared(%d)", periodsLock))
}

// NeedClosed tells whether a period is closed: the fault is PERIOD_OPEN of kind Conflict on field. It is as of now where the
// transaction holds the periods.
func NeedClosed(ctx context.Context, tx *db.Tx, p calendar.Period, field string) error {
	closed, err := tx.Period.Query().
		Where(period.KindEQ(period.Kind(p.Kind)), period.StartsOn(&p.StartsOn), period.StatusEQ(period.StatusCLOSED)).Exist(ctx)
	if err != nil {
		return fmt.Errorf("look whether a period is closed: %w", err)
	}
	if !closed {
		return fault.Coded(fault.Conflict, "PERIOD_OPEN", field, fmt.Sprintf("The %s is open: close it first.", p))
	}
	return nil
}
