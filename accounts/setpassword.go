package accounts

import (
	"context"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/predicate"
	"channelbook/ent/session"
	"channelbook/ent/user"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// ResetPassword gives a user a generated password, returned this once, and ends the user's sessions;
// administrators only. The fault is NotFound on id.
func (s *Service) ResetPassword(ctx context.Context, id gid.ID) (u *ent.User, password string, err error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, "", err
	}
	password = GeneratePassword()
	if err := s.replacePassword(ctx, user.ID(id), "id", password); err != nil {
		return nil, "", err
	}
	u, err = s.reread(ctx, id)
	return u, password, err
}

// SetPassword gives the user with this login a password and ends the user's sessions. It is the operator's: nobody
// but the system may. Faults: NotFound on login, those of checkPassword on password.
func (s *Service) SetPassword(ctx context.Context, login, password string) error {
	if _, err := auth.Require(ctx); err != nil {
		return err
	}
	if err := checkPassword("password", password, login); err != nil {
		return err
	}
	return s.replacePassword(ctx, user.Login(normalLogin(login)), "login", password)
}

// replacePassword waits for a sign-in with the old password to be stored and then ends it with the others.
func (s *Service) replacePassword(ctx context.Context, who predicate.User, field, password string) error {
	hash, err := hashPassword(ctx, password)
	if err != nil {
		return err
	}
	return s.change(ctx, func(ctx context.Context, tx *db.Tx) ([]gid.ID, error) {
		u, err := lockUser(ctx, tx, who)
		if err != nil {
			return nil, orNoUser(err, field)
		}
		if err := tx.User.UpdateOneID(u.ID).SetPasswordHash(hash).SetUpdatedAt(s.Now()).Exec(ctx); err != nil {
			return nil, fmt.Errorf("store the password: %w", err)
		}
		if err := s.reopen(ctx, tx, u); err != nil {
			return nil, err
		}
		if err := s.record(ctx, tx, u.ID, audit.Act{Action: audit.PasswordReset}); err != nil {
			return nil, err
		}
		return s.revoke(ctx, tx, session.UserID(u.ID))
	})
}
