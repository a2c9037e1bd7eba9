package accounts

import (
	"context"
	"errors"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/user"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// SignIn is what a person signs in with, and from where.
type SignIn struct {
	Login, Password          string
	UserAgent, RemoteAddress string
}

// SignedIn is a new session, whose it is, and who they are from now on.
type SignedIn struct {
	Session Session
	User    *ent.User
	Viewer  auth.Viewer
}

// SignIn starts a session. Anybody may try. An unknown login, a wrong password and a disabled user are the same fault,
// Invalid INVALID_CREDENTIALS, after the same time. Either way it stands in the audit. Where too many were wrong, at the
// account or from the address, the fault is RateLimited, whoever has the login (throttle.go).
func (s *Service) SignIn(ctx context.Context, in SignIn) (SignedIn, error) {
	asked := ctx
	ctx = asServer(ctx)
	guess := s.signInGuess(in.Login, in.RemoteAddress)
	u, err := s.authenticate(ctx, guess, in.Login, in.Password)
	if err != nil {
		return SignedIn{}, s.failed(asked, u, err)
	}
	id, now := gid.New(), s.Now()
	token, hash := newRefreshToken()
	expires := now.Add(refreshLife)
	err = db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		if err := stillGood(ctx, tx, u); err != nil {
			return err
		}
		if err := guess.forgive(ctx, tx); err != nil {
			return err
		}
		err := tx.Session.Create().SetID(id).SetUserID(u.ID).SetCreatedAt(now).SetExpiresAt(expires).
			SetNillableUserAgent(present(in.UserAgent)).SetNillableRemoteAddress(present(in.RemoteAddress)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("store a session: %w", err)
		}
		if err := s.record(auth.With(asked, viewer(u, id)), tx, u.ID, audit.Act{Action: audit.SignedIn}); err != nil {
			return err
		}
		if err := tx.Notify(ctx, beginChannel); err != nil {
			return err
		}
		return storeRefreshToken(ctx, tx, id, hash, expires)
	})
	if err != nil {
		return SignedIn{}, s.failed(asked, u, err)
	}
	s.Metrics.Ok()
	session, err := s.hand(u, id, token, expires)
	return SignedIn{Session: session, User: u, Viewer: viewer(u, id)}, err
}

// failed records a sign-in that was refused: whose it would have been, if the login is somebody's, and never what was typed.
// It returns why it was.
func (s *Service) failed(asked context.Context, u *ent.User, why error) error {
	var id gid.ID
	if u != nil {
		id = u.ID
	}
	if shut, ok := errors.AsType[*closed](why); ok {
		s.Metrics.Refused()
		return s.refused(asked, shut, id, audit.SignInRefused)
	}
	if !fault.Is(why, fault.Invalid) {
		return why
	}
	s.Metrics.Failed()
	act := audit.Act{Action: audit.SignInFailed, Outcome: audit.Failed, Reason: "INVALID_CREDENTIALS"}
	if err := s.recordAlone(asked, id, act); err != nil {
		return err
	}
	return why
}

// authenticate finds the active user with this login and password. It checks a password in any case, to take the
// same time. Where it refuses, the user is whose login it was, if anybody's.
func (s *Service) authenticate(ctx context.Context, guess *guess, login, password string) (*ent.User, error) {
	u, err := s.byLogin(ctx, login)
	if err != nil {
		return nil, err
	}
	hash := decoy
	if u != nil {
		hash = u.PasswordHash
	}
	right, err := guess.check(ctx, password, hash)
	if err != nil {
		return u, err
	}
	if !right || u == nil || u.DisabledAt != nil {
		return u, errCredentials()
	}
	return u, nil
}

// byLogin is nil where there is no such user. The base is not asked for what cannot be a login.
func (s *Service) byLogin(ctx context.Context, login string) (*ent.User, error) {
	login, err := checkLogin(login)
	if err != nil {
		return nil, nil
	}
	u, err := s.DB.User.Query().Where(user.Login(login)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for the user: %w", err)
	}
	return u, nil
}

// stillGood holds the user's row and refuses one that was disabled, or got another password, role or distributor,
// since it was read: what ended all of its sessions then has not seen this one.
func stillGood(ctx context.Context, tx *db.Tx, read *ent.User) error {
	now, err := lockUser(ctx, tx, user.ID(read.ID))
	if err != nil {
		return fmt.Errorf("lock the user: %w", err)
	}
	same := now.PasswordHash == read.PasswordHash && now.Role == read.Role && equal(now.DistributorID, read.DistributorID)
	if now.DisabledAt != nil || !same {
		return errCredentials()
	}
	return nil
}

func equal[T comparable](a, b *T) bool { return a == b || a != nil && b != nil && *a == *b }

func errCredentials() error {
	return fault.Coded(fault.Invalid, "INVALID_CREDENTIALS", "", "The login or the password is wrong.")
}
