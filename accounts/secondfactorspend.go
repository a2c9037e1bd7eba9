package accounts

import (
	"context"
	"fmt"
	"time"

	"channelbook/ent"
	"channelbook/ent/recoverycode"
	"channelbook/ent/sealed"
	"channelbook/ent/secondfactor"
	"channelbook/internal/db"
	"channelbook/personaldata/audit"
)

const (
	// freeTries is how many wrong codes in a row cost no time.
	freeTries = 5
	maxWait   = 24 * time.Hour
)

// waitAfter is for how long no digits are taken after so many wrong codes in a row: a minute, then twice as long with each,
// up to a day. Who has the password and guesses has some 400 tries a year for three right codes of a million.
func waitAfter(wrong int) time.Duration {
	if wrong < freeTries {
		return 0
	}
	return min(time.Minute<<min(wrong-freeTries, 11), maxWait)
}

// spend takes a code of a second factor in force: six digits, or a recovery code, which is taken at any time. A code is good
// once: of any number of uses of it one update finds it unused. Faults: Invalid SECOND_FACTOR_REQUIRED and
// INVALID_SECOND_FACTOR, Limit SECOND_FACTOR_BLOCKED, all on code.
func (s *Service) spend(ctx context.Context, tx *db.Tx, f *ent.SecondFactor, code string) error {
	code = typed(code)
	if recoveryForm.MatchString(code) {
		return s.spendRecoveryCode(ctx, tx, f, code)
	}
	secret, err := sealed.SecondFactorSecret.Open(s.Keys, f.ID, f.SecretSealed)
	if err != nil {
		return fmt.Errorf("open the secret of a second factor: %w", err)
	}
	step, err := s.try(ctx, tx, f, secret, code)
	if err != nil {
		return err
	}
	n, err := tx.SecondFactor.Update().Where(secondfactor.ID(f.ID), secondfactor.LastStepLT(step)).
		SetLastStep(step).SetWrongCodes(0).ClearWrongAt().Save(ctx)
	if err != nil {
		return fmt.Errorf("use a code: %w", err)
	}
	if n == 0 { // a code that was right once is no guess: it is not counted
		return errSecondFactor()
	}
	return nil
}

// try finds the time step whose code has come, and counts what is none.
func (s *Service) try(ctx context.Context, tx *db.Tx, f *ent.SecondFactor, secret, code string) (step int64, err error) {
	switch {
	case code == "":
		return 0, errSecondFactorRequired()
	case !sixDigits.MatchString(code):
		return 0, errSecondFactor()
	}
	if f.WrongAt != nil {
		if wait := f.WrongAt.Add(waitAfter(f.WrongCodes)).Sub(s.Now()); wait > 0 {
			return 0, errSecondFactorBlocked(wait)
		}
	}
	step, right, err := stepOf(secret, code, s.Now())
	if err != nil || right {
		return step, err
	}
	ctx = db.Unaudited(ctx, "a wrong code is counted, and the act that it was for recorded as failed")
	if err := tx.SecondFactor.UpdateOneID(f.ID).AddWrongCodes(1).SetWrongAt(s.Now()).Exec(ctx); err != nil {
		return 0, fmt.Errorf("count a wrong code: %w", err)
	}
	return 0, counted{errSecondFactor()}
}

// spendRecoveryCode compares hashes, which need neither salt nor cost: the codes are random.
func (s *Service) spendRecoveryCode(ctx context.Context, tx *db.Tx, f *ent.SecondFactor, code string) error {
	n, err := tx.RecoveryCode.Update().
		Where(recoverycode.UserID(f.UserID), recoverycode.Hash(hashToken(code)), recoverycode.UsedAtIsNil()).SetUsedAt(s.Now()).Save(ctx)
	if err != nil {
		return fmt.Errorf("use a recovery code: %w", err)
	}
	if n == 0 {
		return errSecondFactor()
	}
	return s.record(ctx, tx, f.UserID, audit.Act{Action: audit.RecoveryCodeUsed})
}

// renewCodes gives a user recovery codes, returned this once, in the place of those that there were.
func (s *Service) renewCodes(ctx context.Context, tx *db.Tx, f *ent.SecondFactor) ([]string, error) {
	if _, err := tx.RecoveryCode.Delete().Where(recoverycode.UserID(f.UserID)).Exec(ctx); err != nil {
		return nil, fmt.Errorf("delete recovery codes: %w", err)
	}
	codes, rows := make([]string, recoveryCodes), make([]*ent.RecoveryCodeCreate, recoveryCodes)
	for i := range codes {
		codes[i] = newRecoveryCode()
		rows[i] = tx.RecoveryCode.Create().SetUserID(f.UserID).SetHash(hashToken(typed(codes[i]))).SetCreatedAt(s.Now())
	}
	if err := tx.RecoveryCode.CreateBulk(rows...).Exec(ctx); err != nil {
		return nil, fmt.Errorf("store recovery codes: %w", err)
	}
	return codes, nil
}
