package accounts

import (
	"context"
	"fmt"
	"time"

	"channelbook/ent"
	"channelbook/ent/sealed"
	"channelbook/ent/session"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// pendingLife is how long a secret that was shown waits for its first code.
const pendingLife = time.Hour

// BeginSecondFactor makes a secret for the viewer's authenticator app, which is in force once ConfirmSecondFactor has had
// a code of it. Where a second factor is in force already, a code of that is asked for, and it stays so until then. Each
// beginning makes another secret, and the one before is forgotten. Faults: Invalid WRONG_PASSWORD on currentPassword,
// those of spend.
func (s *Service) BeginSecondFactor(ctx context.Context, password, code string) (setup SecondFactorSetup, err error) {
	err = s.onOwn(ctx, audit.SecondFactorBegun, &password, func(ctx context.Context, tx *db.Tx, o own) ([]gid.ID, error) {
		if inForce(o.factor) {
			if err := s.spend(ctx, tx, o.factor, code); err != nil {
				return nil, err
			}
		}
		if setup, err = s.begin(ctx, tx, o.user, o.factor); err != nil {
			return nil, err
		}
		return nil, s.record(ctx, tx, o.user.ID, audit.Act{Action: audit.SecondFactorBegun})
	})
	if err != nil {
		return SecondFactorSetup{}, err
	}
	return setup, nil
}

// begin stores another pending secret. It is shown to nobody else: who saw one before, and knows the password, has nothing
// once this one is confirmed.
func (s *Service) begin(ctx context.Context, tx *db.Tx, u *ent.User, f *ent.SecondFactor) (SecondFactorSetup, error) {
	setup, err := newSecondFactor(u.Login)
	if err != nil {
		return SecondFactorSetup{}, err
	}
	if f == nil {
		if f, err = tx.SecondFactor.Create().SetUserID(u.ID).SetCreatedAt(s.Now()).Save(ctx); err != nil {
			return SecondFactorSetup{}, fmt.Errorf("store a second factor: %w", err)
		}
	}
	pending := tx.SecondFactor.UpdateOneID(f.ID).
		SetPendingSealed(sealed.SecondFactorPending.Seal(s.Keys, f.ID, setup.Secret)).SetPendingAt(s.Now())
	if !inForce(f) { // who guesses codes of a secret that he was shown gains nothing by it
		pending.SetWrongCodes(0).ClearWrongAt()
	}
	if err := pending.Exec(ctx); err != nil {
		return SecondFactorSetup{}, fmt.Errorf("store a pending secret: %w", err)
	}
	return setup, nil
}

func (s *Service) isPending(f *ent.SecondFactor) bool {
	return f != nil && f.PendingAt != nil && s.Now().Before(f.PendingAt.Add(pendingLife))
}

// ConfirmSecondFactor puts the viewer's pending secret in force by its first code, and ends their other sessions. It
// returns the recovery codes, this once. Faults: Conflict SECOND_FACTOR_NOT_BEGUN, also where that was more than an hour
// ago, and those of spend.
func (s *Service) ConfirmSecondFactor(ctx context.Context, code string) (recovery []string, err error) {
	err = s.onOwn(ctx, audit.SecondFactorEnabled, nil, func(ctx context.Context, tx *db.Tx, o own) (ended []gid.ID, err error) {
		if !s.isPending(o.factor) {
			return nil, fault.Coded(fault.Conflict, "SECOND_FACTOR_NOT_BEGUN", "code", "Begin a second factor first: its secret is good for an hour.")
		}
		recovery, ended, err = s.confirm(ctx, tx, o.factor, code, o.session)
		return ended, err
	})
	if err != nil {
		return nil, err
	}
	return recovery, nil
}

// confirm puts the pending secret in force and ends all sessions of the user but one.
func (s *Service) confirm(ctx context.Context, tx *db.Tx, f *ent.SecondFactor, code string, but gid.ID) (recovery []string, ended []gid.ID, err error) {
	secret, err := sealed.SecondFactorPending.Open(s.Keys, f.ID, f.PendingSealed)
	if err != nil {
		return nil, nil, fmt.Errorf("open a pending secret: %w", err)
	}
	step, err := s.try(ctx, tx, f, secret, typed(code))
	if err != nil {
		return nil, nil, err
	}
	err = tx.SecondFactor.UpdateOneID(f.ID).SetSecretSealed(sealed.SecondFactorSecret.Seal(s.Keys, f.ID, secret)).SetConfirmedAt(s.Now()).
		SetLastStep(step).SetWrongCodes(0).ClearWrongAt().ClearPendingSealed().ClearPendingAt().Exec(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("put a second factor in force: %w", err)
	}
	if recovery, err = s.renewCodes(ctx, tx, f); err != nil {
		return nil, nil, err
	}
	if err := s.record(ctx, tx, f.UserID, audit.Act{Action: audit.SecondFactorEnabled}); err != nil {
		return nil, nil, err
	}
	ended, err = s.revoke(ctx, tx, session.UserID(f.UserID), session.IDNEQ(but))
	return recovery, ended, err
}

// RenewRecoveryCodes gives the viewer ten other recovery codes, returned this once; a code of either kind is asked for.
// Faults: Conflict SECOND_FACTOR_NOT_ENABLED, those of spend.
func (s *Service) RenewRecoveryCodes(ctx context.Context, code string) (recovery []string, err error) {
	err = s.onOwn(ctx, audit.RecoveryCodesNew, nil, func(ctx context.Context, tx *db.Tx, o own) ([]gid.ID, error) {
		if !inForce(o.factor) {
			return nil, errNoSecondFactor("")
		}
		if err := s.spend(ctx, tx, o.factor, code); err != nil {
			return nil, err
		}
		if recovery, err = s.renewCodes(ctx, tx, o.factor); err != nil {
			return nil, err
		}
		return nil, s.record(ctx, tx, o.user.ID, audit.Act{Action: audit.RecoveryCodesNew})
	})
	if err != nil {
		return nil, err
	}
	return recovery, nil
}
