package goals

import (
	"context"
	"fmt"
	"time"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/distributor"
	"channelbook/ent/goalmilestone"
	"channelbook/ent/goalrollover"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/gid"
)

// Here stands what the server writes once and no more, by the unique indexes of the base or a conditional update.

// notMarked holds for a distributor that has no mark of a month.
func notMarked(s *sql.Selector, month calendar.Period) *sql.Predicate {
	marks := sql.Dialect(s.Dialect()).Table(goalrollover.Table).As("mark")
	return sql.NotExists(sql.Dialect(s.Dialect()).Select(marks.C(goalrollover.FieldID)).From(marks).Where(sql.And(
		sql.ColumnsEQ(marks.C(goalrollover.FieldDistributorID), s.C(distributor.FieldID)),
		sql.EQ(marks.C(goalrollover.FieldStartsOn), month.StartsOn))))
}

// mark marks some of the active distributors that have no mark of a month, and tells which of them this transaction has
// marked: of any number at once, one marks each.
func mark(ctx context.Context, tx *db.Tx, month calendar.Period, now time.Time) ([]gid.ID, error) {
	waiting, err := tx.Distributor.Query().Where(distributor.StatusEQ(distributor.StatusACTIVE), unmarked(month)).
		Limit(rollAtOnce).IDs(ctx)
	if err != nil || len(waiting) == 0 {
		return nil, err
	}
	insert := sql.Dialect(tx.Dialect()).Insert(goalrollover.Table).
		Columns(goalrollover.FieldDistributorID, goalrollover.FieldStartsOn, goalrollover.FieldAt).
		OnConflict(sql.ConflictColumns(goalrollover.FieldDistributorID, goalrollover.FieldStartsOn), sql.DoNothing()).
		Returning(goalrollover.FieldDistributorID)
	for _, id := range waiting {
		insert.Values(id, month.StartsOn, now)
	}
	text, args := insert.Query()
	rows, err := tx.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("mark whose goals are rolled over: %w", err)
	}
	defer rows.Close()
	var marked []gid.ID
	for rows.Next() {
		var id gid.ID
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("mark whose goals are rolled over: %w", err)
		}
		marked = append(marked, id)
	}
	return marked, rows.Err()
}

// milestone is a place on the way to a goal.
type milestone struct {
	goal, distributor gid.ID
	kind              goalmilestone.Milestone
	target, actual    int64
}

// enqueue writes milestones that are not there yet.
func enqueue(ctx context.Context, d *db.DB, now time.Time, milestones []milestone) error {
	insert := sql.Dialect(d.Dialect()).Insert(goalmilestone.Table).
		Columns(goalmilestone.FieldID, goalmilestone.FieldGoalID, goalmilestone.FieldDistributorID, goalmilestone.FieldMilestone,
			goalmilestone.FieldAt, goalmilestone.FieldTarget, goalmilestone.FieldActual).
		OnConflict(sql.ConflictColumns(goalmilestone.FieldGoalID, goalmilestone.FieldMilestone), sql.DoNothing())
	for _, m := range milestones {
		insert.Values(gid.New(), m.goal, m.distributor, string(m.kind), now, m.target, m.actual)
	}
	text, args := insert.Query()
	if _, err := d.ExecContext(ctx, text, args...); err != nil {
		return fmt.Errorf("enqueue milestones: %w", err)
	}
	return nil
}

// claim marks milestones as told, and tells which of them this transaction has marked: of any number at once, one marks each,
// and the others wait for it to end.
func claim(ctx context.Context, tx *db.Tx, waiting []*ent.GoalMilestone, now time.Time) (map[gid.ID]bool, error) {
	ids := make([]any, len(waiting))
	for i, m := range waiting {
		ids[i] = m.ID
	}
	text, args := sql.Dialect(tx.Dialect()).Update(goalmilestone.Table).Set(goalmilestone.FieldToldAt, now).
		Where(sql.And(sql.In(goalmilestone.FieldID, ids...), sql.IsNull(goalmilestone.FieldToldAt))).
		Returning(goalmilestone.FieldID).Query()
	rows, err := tx.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("mark milestones as told: %w", err)
	}
	defer rows.Close()
	won := map[gid.ID]bool{}
	for rows.Next() {
		var id gid.ID
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("mark milestones as told: %w", err)
		}
		won[id] = true
	}
	return won, rows.Err()
}
