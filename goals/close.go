package goals

import (
	"context"
	"fmt"
	"time"

	"channelbook/ent"
	"channelbook/ent/period"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/notify"
	"channelbook/personaldata/audit"
)

// settling is how long a period must have been over before it is closed: an intake that began in its last second writes its
// lead by then.
const settling = time.Minute

// Close freezes a period, by an administrator: what each distributor has achieved in it, and with that its goals. From then
// on nothing is dated into it; what is reversed later stands in the period in which it is reversed. Periods of other kinds
// that share its days stay as they are, and yet take no sale of these days. Faults: INVALID_PERIOD of kind Invalid; Conflict
// PERIOD_NOT_OVER until a minute after its end; Conflict ALREADY_CLOSED.
func (s *Service) Close(ctx context.Context, p calendar.Period) (*ent.Period, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	if err := Valid(p, "period"); err != nil {
		return nil, err
	}
	if s.Now().Before(p.End().Start(s.TimeZone).Add(settling)) {
		return nil, fault.Coded(fault.Conflict, "PERIOD_NOT_OVER", "period", fmt.Sprintf("The %s ends on %s and may be closed a minute after that.", p, p.EndsOn()))
	}
	return s.changePeriod(ctx, p, func(ctx context.Context, tx *db.Tx, was *ent.Period) error {
		if was != nil && was.Status == period.StatusCLOSED {
			return fault.Coded(fault.Conflict, "ALREADY_CLOSED", "period", fmt.Sprintf("The %s is closed already.", p))
		}
		now := s.Now()
		id, err := markClosed(ctx, tx, p, was, now)
		if err != nil {
			return err
		}
		if err := s.freeze(ctx, tx, p, id); err != nil {
			return err
		}
		if err := freezeGoals(ctx, tx, p, id, now); err != nil {
			return err
		}
		if err := s.tellEveryone(ctx, tx, notify.PeriodClosed, p); err != nil {
			return err
		}
		return audit.Record(ctx, tx, now, audit.Act{Action: audit.PeriodClosed, Details: named(p)})
	})
}

// changePeriod closes or opens a period in a transaction of its own: it waits for all that date facts into periods and for
// those who change goals, and they wait for it. do works as the system; the period is read again for the viewer.
func (s *Service) changePeriod(ctx context.Context, p calendar.Period, do func(ctx context.Context, tx *db.Tx, was *ent.Period) error) (*ent.Period, error) {
	one := period.And(period.KindEQ(period.Kind(p.Kind)), period.StartsOn(&p.StartsOn))
	err := db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		ctx := auth.AsSystem(ctx, "periods")
		if err := lock(ctx, tx); err != nil {
			return err
		}
		if err := hold(ctx, tx, fmt.Sprintf("SELECT pg_advisory_xact_lock(%d)", periodsLock)); err != nil {
			return err
		}
		was, err := tx.Period.Query().Where(one).Only(ctx)
		if err != nil && !ent.IsNotFound(err) {
			return fmt.Errorf("read a period: %w", err)
		}
		if err := do(ctx, tx, was); err != nil {
			return err
		}
		return tx.Notify(ctx, Changed)
	})
	if err != nil {
		return nil, err
	}
	row, err := s.DB.Period.Query().Where(one).Only(ctx)
	if err != nil {
		return nil, fmt.Errorf("read a period again: %w", err)
	}
	return row, nil
}

// named are the details of a record about a period.
func named(p calendar.Period) map[string]string {
	return map[string]string{"kind": string(p.Kind), "startsOn": p.StartsOn.String()}
}

func markClosed(ctx context.Context, tx *db.Tx, p calendar.Period, was *ent.Period, now time.Time) (id gid.ID, err error) {
	if was == nil {
		id = gid.New()
		err = tx.Period.Create().SetID(id).SetKind(period.Kind(p.Kind)).SetStartsOn(&p.StartsOn).
			SetStatus(period.StatusCLOSED).SetClosedAt(now).SetNillableClosedByID(actor(ctx)).Exec(ctx)
	} else {
		id = was.ID
		err = tx.Period.UpdateOneID(id).SetStatus(period.StatusCLOSED).SetClosedAt(now).SetNillableClosedByID(actor(ctx)).Exec(ctx)
	}
	if err != nil {
		return id, fmt.Errorf("close a period: %w", err)
	}
	return id, nil
}
