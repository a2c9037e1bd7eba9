package accounts

import (
	"context"
	"errors"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/session"
	"channelbook/ent/user"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// ChangePassword gives the viewer a new password and ends their other sessions. Faults: Invalid WRONG_PASSWORD on
// currentPassword, those of checkPassword and Invalid PASSWORD_UNCHANGED on newPassword, RateLimited where
// currentPassword was wrong too often (throttle.go).
func (s *Service) ChangePassword(ctx context.Context, current, next string) error {
	v, err := person(ctx)
	if err != nil {
		return err
	}
	u, err := s.DB.User.Get(asServer(ctx), v.UserID)
	if err != nil {
		return fmt.Errorf("read the viewer: %w", err)
	}
	right, err := s.isPresent(ctx, current, u, audit.PasswordChanged)
	if err != nil {
		return err
	}
	if err := errors.Join(checkCurrent(right), checkPassword("newPassword", next, u.Login), checkChanged(current, next)); err != nil {
		return err
	}
	hash, err := hashPassword(ctx, next)
	if err != nil {
		return err
	}
	return s.change(ctx, func(ctx context.Context, tx *db.Tx) ([]gid.ID, error) {
		n, err := tx.User.Update().Where(user.ID(u.ID), user.PasswordHash(u.PasswordHash)).
			SetPasswordHash(hash).SetUpdatedAt(s.Now()).Save(ctx)
		if err != nil {
			return nil, fmt.Errorf("store the password: %w", err)
		}
		if n == 0 { // it has been changed since it was checked
			return nil, checkCurrent(false)
		}
		if err := s.record(ctx, tx, u.ID, audit.Act{Action: audit.PasswordChanged}); err != nil {
			return nil, err
		}
		return s.revoke(ctx, tx, session.UserID(u.ID), session.IDNEQ(v.SessionID))
	})
}

// isPresent tells whether a password is the user's, who is signed in. A wrong one stands in the audit, as the
// act that it was for. The fault is RateLimited where too many were wrong.
func (s *Service) isPresent(ctx context.Context, password string, u *ent.User, as audit.Action) (bool, error) {
	right, err := s.ownerGuess(u.ID).check(asServer(ctx), password, u.PasswordHash)
	if shut, ok := errors.AsType[*closed](err); ok {
		return false, s.shutOut(ctx, shut, u.ID, as)
	}
	if right || err != nil {
		return right, err
	}
	return false, s.recordAlone(ctx, u.ID, audit.Act{Action: as, Outcome: audit.Failed, Reason: "WRONG_PASSWORD"})
}

func checkCurrent(right bool) error {
	if right {
		return nil
	}
	return fault.Coded(fault.Invalid, "WRONG_PASSWORD", "currentPassword", "This is not your present password.")
}

func checkChanged(current, next string) error {
	if current != next {
		return nil
	}
	return fault.Coded(fault.Invalid, "PASSWORD_UNCHANGED", "newPassword", "The new password is the present one.")
}
