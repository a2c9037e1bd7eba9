package goals

import (
	"context"
	"errors"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/period"
	"channelbook/ent/periodfact"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/notify"
	"channelbook/personaldata/audit"
)

// Reopen lets facts into a closed period again, by an administrator who says why, until it is closed anew. What was frozen is
// gone. Faults: INVALID_PERIOD, REQUIRED and others on reason, of kind Invalid; Conflict NOT_CLOSED.
func (s *Service) Reopen(ctx context.Context, p calendar.Period, reason string) (*ent.Period, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	wrong := errors.Join(Valid(p, "period"), because(&reason))
	if reason == "" {
		wrong = errors.Join(wrong, fault.Coded(fault.Invalid, "REQUIRED", "reason", "This must be given."))
	}
	if wrong != nil {
		return nil, wrong
	}
	return s.changePeriod(ctx, p, func(ctx context.Context, tx *db.Tx, was *ent.Period) error {
		if was == nil || was.Status != period.StatusCLOSED {
			return fault.Coded(fault.Conflict, "NOT_CLOSED", "period", fmt.Sprintf("The %s is not closed.", p))
		}
		if err := s.thaw(ctx, tx, p, was, reason); err != nil {
			return err
		}
		if err := s.tellEveryone(ctx, tx, notify.PeriodReopened, p); err != nil {
			return err
		}
		return audit.Record(ctx, tx, s.Now(), audit.Act{Action: audit.PeriodReopened, Details: named(p)})
	})
}

func (s *Service) thaw(ctx context.Context, tx *db.Tx, p calendar.Period, was *ent.Period, reason string) error {
	update := tx.Period.UpdateOne(was).SetStatus(period.StatusOPEN).ClearClosedAt().ClearClosedByID().
		SetReopenedAt(s.Now()).SetReopenReason(reason)
	if by := actor(ctx); by != nil {
		update.SetReopenedByID(*by)
	} else {
		update.ClearReopenedByID()
	}
	if err := update.Exec(ctx); err != nil {
		return fmt.Errorf("open a period again: %w", err)
	}
	if _, err := tx.PeriodFact.Delete().Where(periodfact.PeriodID(was.ID)).Exec(ctx); err != nil {
		return fmt.Errorf("take away what was frozen: %w", err)
	}
	if err := tx.Goal.Update().Where(of(p)).ClearClosedAt().ClearClosedActual().Exec(ctx); err != nil {
		return fmt.Errorf("open the goals of a period again: %w", err)
	}
	return nil
}
