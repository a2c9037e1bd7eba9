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
	Code                     string // of the second factor; empty where none came
	UserAgent, RemoteAddress string
}

// SignedIn is a new session, whose it is, and who they are from now on.
type SignedIn struct {
	Session Session
	User    *ent.User
	Viewer  auth.Viewer
	// RecoveryCodes are there where this sign-in has put a second factor in force.
	RecoveryCodes []string
	// Setup is all there is where the fault is SECOND_FACTOR_SETUP_REQUIRED.
	Setup SecondFactorSetup
}

// SignIn starts a session. Anybody may try. An unknown login, a wrong password and a disabled user are the same fault,
// Invalid INVALID_CREDENTIALS, after the same time, whatever code comes with it. Behind the password the faults are those
// of second. Either way it stands in the audit. Where too many passwords were wrong, at the account or from the address, the
// fault is RateLimited, whoever has the login (throttle.go).
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
	var did secondStep
	err = s.changeOrCount(ctx, func(ctx context.Context, tx *db.Tx) (_ []gid.ID, err error) {
		did = secondStep{}
		if err := stillGood(ctx, tx, u); err != nil {
			return nil, err
		}
		if did, err = s.second(ctx, asked, tx, u, id, in.Code); err != nil {
			return nil, err
		}
		if err := guess.remember(ctx, tx); err != nil {
			return nil, err
		}
		err = tx.Session.Create().SetID(id).SetUserID(u.ID).SetCreatedAt(now).SetExpiresAt(expires).
			SetNillableUserAgent(present(in.UserAgent)).SetNillableRemoteAddress(present(in.RemoteAddress)).Exec(ctx)
		if err != nil {
			return nil, fmt.Errorf("store a session: %w", err)
		}
		if err := s.record(auth.With(asked, viewer(u, id)), tx, u.ID, audit.Act{Action: audit.SignedIn}); err != nil {
			return nil, err
		}
		if err := tx.Notify(ctx, beginChannel); err != nil {
			return nil, err
		}
		return did.ended, storeRefreshToken(ctx, tx, id, hash, expires)
	})
	if err != nil {
		return SignedIn{Setup: did.setup}, s.failed(asked, u, err)
	}
	s.Metrics.Ok()
	session, err := s.hand(u, id, token, expires)
	return SignedIn{Session: session, User: u, Viewer: viewer(u, id), RecoveryCodes: did.recovery}, err
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
		return s.shutOut(asked, shut, id, audit.SignInRefused)
	}
	if fault.Is(why, fault.Invalid) || fault.Is(why, fault.Limit) {
		s.Metrics.Failed()
	}
	return s.refused(asked, id, audit.SignInFailed, why)
}

// authenticate finds the active user with this login and password. It checks a password in any case, to take the
// same time. Where it refuses, the user is whose login it was, if anybody's.
func (s *Service) authenticate(ctx context.Context, guess *guess, login, password string) (*ent.User, error) {
	u, err := s.byLogin(ctx, login)
	if err != nil {
		return nil, err
	}
	hash := decoy
	if u != nil && u.DisabledAt == nil {
		hash = u.PasswordHash
	}
	right, err := guess.check(ctx, password, hash)
	if err != nil {
		return u, err
	}
	if !right {
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
