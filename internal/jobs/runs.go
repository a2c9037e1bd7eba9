package jobs

import (
	"context"
	"fmt"
	"time"

	"channelbook/ent"
	"channelbook/ent/regularrun"
	"channelbook/internal/db"
)

// stamp is now, as both engines keep it.
func stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// begun keeps that a turn has begun.
func (q *Queue) begun(ctx context.Context, r regular) error {
	now, every := stamp(time.Now()), int(r.every.Seconds())
	err := q.DB.RegularRun.Create().SetName(r.name).SetEverySeconds(every).SetBegunAt(now).
		OnConflictColumns(regularrun.FieldName).
		Update(func(u *ent.RegularRunUpsert) { u.SetEverySeconds(every).SetBegunAt(now).ClearEndedAt() }).Exec(ctx)
	if err != nil {
		return fmt.Errorf("keep that %s has begun: %w", r.name, err)
	}
	return nil
}

// ended keeps how a turn has ended.
func (q *Queue) ended(ctx context.Context, r regular, failure error) error {
	now := stamp(time.Now())
	u := q.DB.RegularRun.Update().Where(regularrun.Name(r.name)).SetEndedAt(now)
	if failure != nil {
		u.SetError(plain(failure))
	} else {
		u.SetSucceededAt(now).ClearError()
	}
	if err := u.Exec(ctx); err != nil {
		return fmt.Errorf("keep how %s has ended: %w", r.name, err)
	}
	return nil
}

// keep keeps a whole run of something that has a loop of its own.
func keep(ctx context.Context, d *db.DB, name string, every time.Duration, begun, ended time.Time, failure error) error {
	seconds := int(every.Seconds())
	row := d.RegularRun.Create().SetName(name).SetEverySeconds(seconds).SetBegunAt(begun).SetEndedAt(ended)
	if failure != nil {
		row.SetError(plain(failure))
	} else {
		row.SetSucceededAt(ended)
	}
	return row.OnConflictColumns(regularrun.FieldName).Update(func(u *ent.RegularRunUpsert) {
		u.SetEverySeconds(seconds).SetBegunAt(begun).SetEndedAt(ended)
		if failure != nil {
			u.SetError(plain(failure))
		} else {
			u.SetSucceededAt(ended).ClearError()
		}
	}).Exec(ctx)
}
