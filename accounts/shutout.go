package accounts

import (
	"context"
	"fmt"

	"channelbook/ent/guesslimit"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// shutOut is the fault of a guess that a closed limit did not let through: RateLimited, with the time to wait. Only the
// first refusal while the limit stays closed is recorded, on the user where there is one: else anybody could fill the audit.
func (s *Service) shutOut(asked context.Context, shut *closed, user gid.ID, as audit.Action) error {
	if shut.row.ToldAt == nil {
		if err := s.tell(asked, shut, user, as); err != nil {
			return err
		}
	}
	return &fault.Error{
		Kind: fault.RateLimited, Code: string(fault.RateLimited), RetryAfter: shut.row.ClosedUntil.Sub(s.Now()),
		Message: "Too many attempts failed. Wait before the next one.",
	}
}

// tell records the refusal, if no other one has since the limit closed.
func (s *Service) tell(asked context.Context, shut *closed, user gid.ID, as audit.Action) error {
	ctx := asServer(asked)
	return db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		first, err := tx.GuessLimit.Update().
			Where(guesslimit.ID(shut.row.ID), guesslimit.ClosedUntil(shut.row.ClosedUntil), guesslimit.ToldAtIsNil()).
			SetToldAt(s.Now()).Save(ctx)
		if err != nil {
			return fmt.Errorf("note that a limit has refused: %w", err)
		}
		if first == 0 {
			return nil
		}
		return s.record(asked, tx, user, audit.Act{
			Action: as, Outcome: audit.Refused, Reason: "TOO_MANY_FAILURES", Details: map[string]string{"limit": shut.kind},
		})
	})
}
