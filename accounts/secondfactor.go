package accounts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"channelbook/ent"
	"channelbook/ent/secondfactor"
	"channelbook/ent/session"
	"channelbook/ent/user"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// inForce tells whether a user's second factor is asked for. It is nil where there is none, and not in force while its
// first code has not come.
func inForce(f *ent.SecondFactor) bool { return f != nil && f.ConfirmedAt != nil }

// needsSecondFactor tells whether a user signs in with a second factor only.
func (s *Service) needsSecondFactor(u *ent.User) bool {
	return s.AdminsNeedTwoFactors && u.Role == user.RoleADMIN
}

// factorOf is a user's second factor, nil where there is none. Who changes it, or takes a code of it, holds the user's
// row: all take turns.
func factorOf(ctx context.Context, tx *db.Tx, id gid.ID) (*ent.SecondFactor, error) {
	f, err := tx.SecondFactor.Query().Where(secondfactor.UserID(id)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the second factor: %w", err)
	}
	return f, nil
}

// own is a viewer with their second factor, nil where there is none.
type own struct {
	user    *ent.User
	factor  *ent.SecondFactor
	session gid.ID
}

// onOwn is what a person does to their own second factor: fn, in a transaction, once the password is right where one is
// asked for. A refusal stands in the audit.
func (s *Service) onOwn(ctx context.Context, as audit.Action, password *string,
	fn func(ctx context.Context, tx *db.Tx, o own) (ended []gid.ID, err error),
) error {
	v, err := person(ctx)
	if err != nil {
		return err
	}
	u, err := s.DB.User.Get(asServer(ctx), v.UserID)
	if err != nil {
		return fmt.Errorf("read the viewer: %w", err)
	}
	if password != nil {
		right, err := s.isPresent(ctx, *password, u, as)
		if err != nil {
			return err
		}
		if !right {
			return checkCurrent(false)
		}
	}
	err = s.changeOrCount(ctx, func(ctx context.Context, tx *db.Tx) ([]gid.ID, error) {
		if err := stillIn(ctx, tx, u, v); err != nil {
			return nil, err
		}
		f, err := factorOf(ctx, tx, u.ID)
		if err != nil {
			return nil, err
		}
		return fn(ctx, tx, own{u, f, v.SessionID})
	})
	return s.refused(ctx, u.ID, as, err)
}

// stillIn holds the user's row and refuses a session that has ended since it was judged, or whose user is another one
// than was read.
func stillIn(ctx context.Context, tx *db.Tx, read *ent.User, v auth.Viewer) error {
	err := stillGood(ctx, tx, read)
	if fault.Is(err, fault.Invalid) {
		return ErrSessionEnded()
	}
	if err != nil {
		return err
	}
	ended, err := tx.Session.Query().Where(session.ID(v.SessionID), session.RevokedAtNotNil()).Exist(ctx)
	if err != nil {
		return fmt.Errorf("look for the session: %w", err)
	}
	if ended {
		return ErrSessionEnded()
	}
	return nil
}

// counted is a fault whose transaction is committed all the same, because it has written what must stay: that a wrong code
// came, or the secret that the caller is shown.
type counted struct{ fault error }

func (c counted) Error() string { return c.fault.Error() }
func (c counted) Unwrap() error { return c.fault }

// changeOrCount is change for what tries a code.
func (s *Service) changeOrCount(ctx context.Context, fn func(ctx context.Context, tx *db.Tx) (ended []gid.ID, err error)) error {
	var refused error
	err := s.change(ctx, func(ctx context.Context, tx *db.Tx) ([]gid.ID, error) {
		ended, err := fn(ctx, tx)
		refused = nil
		if _, stays := errors.AsType[counted](err); stays {
			refused = err
			return ended, nil
		}
		return ended, err
	})
	if err != nil {
		return err
	}
	return refused
}

// refused records an act that failed for what was typed, by the code of its fault, and returns why it did. What went well,
// and what was refused for another reason, passes.
func (s *Service) refused(ctx context.Context, id gid.ID, as audit.Action, why error) error {
	if !fault.Is(why, fault.Invalid) && !fault.Is(why, fault.Limit) {
		return why
	}
	faults, _ := fault.All(why)
	if err := s.recordAlone(ctx, id, audit.Act{Action: as, Outcome: audit.Failed, Reason: faults[0].Code}); err != nil {
		return err
	}
	return why
}

// The faults of second factors.

func errSecondFactorRequired() error {
	return fault.Coded(fault.Invalid, "SECOND_FACTOR_REQUIRED", "code", "Enter the six digits that your app shows, or a recovery code.")
}

func errSecondFactor() error {
	return fault.Coded(fault.Invalid, "INVALID_SECOND_FACTOR", "code", "The code is wrong, or was used before.")
}

func errSecondFactorBlocked(wait time.Duration) error {
	return fault.Coded(fault.Limit, "SECOND_FACTOR_BLOCKED", "code",
		fmt.Sprintf("Too many wrong codes. Wait %v, or use a recovery code.", wait.Truncate(time.Second)+time.Second))
}

func errSecondFactorSetup() error {
	return fault.Coded(fault.Invalid, "SECOND_FACTOR_SETUP_REQUIRED", "code",
		"Administrators sign in with a second factor: put the secret into your app and sign in again with its code.")
}

func errNoSecondFactor(field string) error {
	return fault.Coded(fault.Conflict, "SECOND_FACTOR_NOT_ENABLED", field, "There is no second factor.")
}
