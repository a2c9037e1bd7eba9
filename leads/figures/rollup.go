package figures

import (
	"context"
	stdsql "database/sql"
	"fmt"
	"time"

	"channelbook/ent"
	"channelbook/ent/lead"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
)

const (
	// settle is how long after its end a day is made: whatever was under way at midnight, on any instance, has long
	// committed or been broken off by then, so that no later change of the day goes without a delta.
	settle = time.Hour
	// manyChanges of a day are worth making it anew before the next day is over.
	manyChanges = 200
)

// RollUp makes the figures of all days that are over and not made yet, each in a transaction of its own, and makes those anew
// of which many leads have changed; once a day has come to the others, all that have changed. Days that were told apart in
// another time zone are dropped first.
func (s *Service) RollUp(ctx context.Context) error {
	ctx = auth.AsSystem(ctx, "figures")
	atLeast := manyChanges
	for {
		more, made, err := s.next(ctx)
		if err != nil {
			return err
		}
		if made {
			atLeast = 1
		}
		if !more {
			return s.fold(ctx, atLeast)
		}
	}
}

// next makes the next day that has leads or sales; days without any are passed over. more tells whether there may be
// others, made that the figures go further than before.
func (s *Service) next(ctx context.Context) (more, made bool, err error) {
	err = s.alone(ctx, func(tx *db.Tx) error {
		more, made = false, false // of an attempt before
		through, err := s.through(ctx, tx)
		if err != nil {
			return err
		}
		last := calendar.DateOf(s.Now().Add(-settle), s.TimeZone).AddDays(-1)
		if through != nil && !last.After(*through) {
			return nil
		}
		day, err := s.firstAfter(ctx, tx, through)
		if err != nil || day == nil && through == nil { // no leads yet
			return err
		}
		more = day != nil && last.After(*day)
		if day == nil || day.After(last) {
			day = &last
		}
		made = true
		return s.advance(ctx, tx, through, *day)
	})
	return more, made, err
}

// advance makes the figures of a day and passes over those before it that have none.
func (s *Service) advance(ctx context.Context, tx *db.Tx, through *calendar.Date, day calendar.Date) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM lead_deltas WHERE day < $1 AND day > $2", day, since(through)); err != nil {
		return fmt.Errorf("take away the changes of days without leads: %w", err)
	}
	if err := s.roll(ctx, tx, day); err != nil {
		return err
	}
	end := day.AddDays(1).Start(s.TimeZone).UTC()
	var err error
	if through == nil {
		err = tx.LeadRollup.Create().SetID(1).SetThrough(&day).SetThroughEnd(end).SetTimezone(s.TimeZone.String()).Exec(ctx)
	} else {
		err = tx.LeadRollup.Update().SetThrough(&day).SetThroughEnd(end).Exec(ctx)
	}
	if err != nil {
		return fmt.Errorf("say up to which day there are figures: %w", err)
	}
	return nil
}

// through is the last day whose figures are made; nil where there is none, or where they were made in another time zone: then
// they are dropped.
func (s *Service) through(ctx context.Context, tx *db.Tx) (*calendar.Date, error) {
	row, err := tx.LeadRollup.Query().Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read up to which day there are figures: %w", err)
	case row.Timezone == s.TimeZone.String():
		return row.Through.Known(), nil
	}
	for _, table := range []string{"lead_days", "lead_deltas", "lead_rollups"} {
		if _, err := tx.ExecContext(ctx, "DELETE FROM "+table); err != nil {
			return nil, fmt.Errorf("drop the figures of another time zone: %w", err)
		}
	}
	s.Log.WarnContext(ctx, "the business time zone is another: the figures of all days are made anew", "before", row.Timezone, "now", s.TimeZone.String())
	return nil, nil
}

// firstAfter is the first day after through (nil: of all) on which a lead came or was sold; nil where there is none.
func (s *Service) firstAfter(ctx context.Context, tx *db.Tx, through *calendar.Date) (*calendar.Date, error) {
	after := since(through)
	received, err := tx.Lead.Query().Where(lead.ReceivedAtGTE(after.AddDays(1).Start(s.TimeZone).UTC())).Order(ent.Asc("received_at")).Select("received_at").First(ctx)
	if err != nil && !ent.IsNotFound(err) {
		return nil, fmt.Errorf("look for the next day with leads: %w", err)
	}
	var first *calendar.Date
	if received != nil {
		day := calendar.DateOf(received.ReceivedAt, s.TimeZone)
		first = &day
	}
	sold, err := tx.Lead.Query().Where(lead.SoldOnGT(&after)).Order(ent.Asc("sold_on")).Select("sold_on").First(ctx)
	if err != nil && !ent.IsNotFound(err) {
		return nil, fmt.Errorf("look for the next day with sales: %w", err)
	}
	if sold != nil && (first == nil || first.After(*sold.SoldOn)) {
		first = sold.SoldOn
	}
	return first, nil
}

// fold makes those days anew of which at least so many changes are kept.
func (s *Service) fold(ctx context.Context, atLeast int) error {
	days, err := s.changed(ctx, atLeast)
	if err != nil {
		return err
	}
	for _, day := range days {
		err := s.alone(ctx, func(tx *db.Tx) error {
			through, err := s.through(ctx, tx)
			if err != nil || through == nil || day.After(*through) { // another instance has begun anew
				return err
			}
			return s.roll(ctx, tx, day)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) changed(ctx context.Context, atLeast int) (days []calendar.Date, err error) {
	err = each(ctx, s.DB, `SELECT day FROM lead_deltas WHERE day <= (SELECT through FROM lead_rollups) GROUP BY day HAVING COUNT(*) >= $1 ORDER BY day`,
		[]any{atLeast}, func(rows *stdsql.Rows) error {
			var day calendar.Date
			err := rows.Scan(&day)
			days = append(days, day)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("look for days that have changed: %w", err)
	}
	return days, nil
}

// alone runs fn in a transaction that sees one moment of the base, after every other one of its kind.
func (s *Service) alone(ctx context.Context, fn func(tx *db.Tx) error) error {
	return db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		if err := tx.Alone(ctx, "lead_rollups"); err != nil {
			return err
		}
		return fn(tx)
	})
}

// since is the day after which there are no figures yet; where there are none at all, one before every lead.
func since(through *calendar.Date) calendar.Date {
	if through == nil {
		return calendar.DateOf(time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), time.UTC)
	}
	return *through
}
