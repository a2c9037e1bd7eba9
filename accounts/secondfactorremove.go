package accounts

import (
	"context"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/predicate"
	"channelbook/ent/recoverycode"
	"channelbook/ent/session"
	"channelbook/ent/user"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// RemoveSecondFactor lets the viewer sign in by the password alone again. Faults: Invalid WRONG_PASSWORD on
// currentPassword, Conflict SECOND_FACTOR_NOT_ENABLED, Conflict SECOND_FACTOR_REQUIRED_BY_POLICY for administrators who
// need one, those of spend.
func (s *Service) RemoveSecondFactor(ctx context.Context, password, code string) error {
	return s.onOwn(ctx, audit.SecondFactorRemoved, &password, func(ctx context.Context, tx *db.Tx, o own) ([]gid.ID, error) {
		switch {
		case !inForce(o.factor):
			return nil, errNoSecondFactor("")
		case s.needsSecondFactor(o.user):
			return nil, fault.Coded(fault.Conflict, "SECOND_FACTOR_REQUIRED_BY_POLICY", "", "Administrators need a second factor here. Begin another one to replace it.")
		}
		if err := s.spend(ctx, tx, o.factor, code); err != nil {
			return nil, err
		}
		if err := remove(ctx, tx, o.factor); err != nil {
			return nil, err
		}
		return nil, s.record(ctx, tx, o.user.ID, audit.Act{Action: audit.SecondFactorRemoved})
	})
}

// ResetSecondFactor takes the second factor of somebody who has lost the phone away, and ends that user's sessions;
// administrators only. Faults: NotFound on id, Conflict SECOND_FACTOR_NOT_ENABLED, Conflict OWN_ACCOUNT.
func (s *Service) ResetSecondFactor(ctx context.Context, id gid.ID) (*ent.User, error) {
	viewer, err := auth.Require(ctx, auth.Admin)
	if err != nil {
		return nil, err
	}
	if id == viewer.UserID {
		return nil, fault.Coded(fault.Conflict, "OWN_ACCOUNT", "id", "You cannot reset your own second factor. Begin another one, or remove it.")
	}
	if err := s.resetSecondFactor(ctx, user.ID(id), "id"); err != nil {
		return nil, err
	}
	return s.reread(ctx, id)
}

// ResetSecondFactorOf is ResetSecondFactor for the user with this login. It is the operator's: nobody but the system may.
// Faults: NotFound and Conflict SECOND_FACTOR_NOT_ENABLED on login.
func (s *Service) ResetSecondFactorOf(ctx context.Context, login string) error {
	if _, err := auth.Require(ctx); err != nil {
		return err
	}
	return s.resetSecondFactor(ctx, user.Login(normalLogin(login)), "login")
}

func (s *Service) resetSecondFactor(ctx context.Context, who predicate.User, field string) error {
	return s.change(ctx, func(ctx context.Context, tx *db.Tx) ([]gid.ID, error) {
		u, err := lockUser(ctx, tx, who)
		if err != nil {
			return nil, orNoUser(err, field)
		}
		f, err := factorOf(ctx, tx, u.ID)
		if err != nil {
			return nil, err
		}
		if !inForce(f) {
			return nil, errNoSecondFactor(field)
		}
		if err := remove(ctx, tx, f); err != nil {
			return nil, err
		}
		if err := s.record(ctx, tx, u.ID, audit.Act{Action: audit.SecondFactorReset}); err != nil {
			return nil, err
		}
		return s.revoke(ctx, tx, session.UserID(u.ID))
	})
}

// remove deletes a second factor with its recovery codes.
func remove(ctx context.Context, tx *db.Tx, f *ent.SecondFactor) error {
	if _, err := tx.RecoveryCode.Delete().Where(recoverycode.UserID(f.UserID)).Exec(ctx); err != nil {
		return fmt.Errorf("delete recovery codes: %w", err)
	}
	if err := tx.SecondFactor.DeleteOneID(f.ID).Exec(ctx); err != nil {
		return fmt.Errorf("delete a second factor: %w", err)
	}
	return nil
}
