package goals

import (
	"context"
	"fmt"
	"strings"

	"entgo.io/ent/dialect"

	"channelbook/ent/period"
	"channelbook/ent/predicate"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/fault"
)

// Advisory locks of PostgreSQL. On SQLite transactions that write take turns anyway.
const (
	periodsLock = 4_920_110_152_022 // shared by what dates facts into periods, exclusive for closing and reopening
	goalsLock   = 4_920_110_152_023 // for whoever changes goals; closing and reopening take it first
)

// Open holds all periods as they are to the end of the transaction, and tells whether a day may still be written to: the
// fault is PERIOD_CLOSED of kind Conflict on field. Any number of transactions do so beside each other; closing waits for
// them, and they for it.
func Open(ctx context.Context, tx *db.Tx, day calendar.Date, field string) error {
	if err := hold(ctx, tx, fmt.Sprintf("SELECT pg_advisory_xact_lock_shared(%d)", periodsLock)); err != nil {
		return err
	}
	closed, err := closedAround(ctx, tx, day)
	if err != nil {
		return err
	}
	if len(closed) == 0 {
		return nil
	}
	return fault.Coded(fault.Conflict, "PERIOD_CLOSED", field, fmt.Sprintf("%s is in a period that is closed: %s.", day, strings.Join(closed, ", ")))
}

// Closed tells whether a day is in a period that is closed. It is as of now where the transaction holds the periods.
func Closed(ctx context.Context, tx *db.Tx, day calendar.Date) (bool, error) {
	closed, err := closedAround(ctx, tx, day)
	return len(closed) > 0, err
}

// closedAround names the closed periods that a day belongs to.
func closedAround(ctx context.Context, tx *db.Tx, day calendar.Date) ([]string, error) {
	var around []predicate.Period
	for _, p := range calendar.Covering(day) {
		around = append(around, period.And(period.KindEQ(period.Kind(p.Kind)), period.StartsOn(&p.StartsOn)))
	}
	rows, err := tx.Period.Query().Where(period.StatusEQ(period.StatusCLOSED), period.Or(around...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for a closed period: %w", err)
	}
	names := make([]string, len(rows))
	for i, row := range rows {
		names[i] = "the " + calendar.Period{Kind: calendar.Kind(row.Kind), StartsOn: *row.StartsOn}.String()
	}
	return names, nil
}

func hold(ctx context.Context, tx *db.Tx, lock string) error {
	if tx.Dialect() == dialect.SQLite {
		return nil
	}
	if _, err := tx.ExecContext(ctx, lock); err != nil {
		return fmt.Errorf("wait for the periods: %w", err)
	}
	return nil
}
