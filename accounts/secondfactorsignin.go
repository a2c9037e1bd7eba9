package accounts

import (
	"context"

	"channelbook/ent"
	"channelbook/ent/predicate"
	"channelbook/ent/secondfactor"
	"channelbook/ent/user"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// secondStep is what came of a sign-in's second step.
type secondStep struct {
	setup    SecondFactorSetup // where one has to be set up first
	recovery []string          // where this sign-in has set it up
	ended    []gid.ID          // sessions
}

// second is the step of a sign-in behind the password, in the transaction that makes the session. Where administrators
// need a second factor and there is none in force, a secret is made, and the sign-in that comes with a code of it puts it
// in force. Faults: those of spend, Invalid SECOND_FACTOR_SETUP_REQUIRED on code.
func (s *Service) second(ctx, asked context.Context, tx *db.Tx, u *ent.User, session gid.ID, code string) (did secondStep, err error) {
	f, err := factorOf(ctx, tx, u.ID)
	if err != nil {
		return secondStep{}, err
	}
	ctx = asServer(auth.With(asked, viewer(u, session))) // who acts is the user from here on
	switch {
	case inForce(f):
		return secondStep{}, s.spend(ctx, tx, f, code)
	case !s.needsSecondFactor(u):
		return secondStep{}, nil
	case s.isPending(f) && typed(code) != "":
		did.recovery, did.ended, err = s.confirm(ctx, tx, f, code, session)
		return did, err
	}
	if did.setup, err = s.begin(ctx, tx, u, f); err != nil {
		return secondStep{}, err
	}
	if err := s.record(asked, tx, u.ID, audit.Act{Action: audit.SecondFactorBegun}); err != nil {
		return secondStep{}, err
	}
	return did, counted{errSecondFactorSetup()}
}

// mayGoOn are the users whose sessions may be prolonged.
func (s *Service) mayGoOn() predicate.User {
	if !s.AdminsNeedTwoFactors {
		return user.DisabledAtIsNil()
	}
	return user.And(user.DisabledAtIsNil(),
		user.Or(user.RoleNEQ(user.RoleADMIN), user.HasSecondFactorWith(secondfactor.ConfirmedAtNotNil())))
}
