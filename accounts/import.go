package accounts

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"channelbook/ent"
	"channelbook/ent/sealed"
	"channelbook/ent/user"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// Imported is a user of another system. It brings no password: nobody signs in with it before it is given one.
type Imported struct {
	ID                 gid.ID
	Login              string
	Role               auth.Role
	DistributorID      *gid.ID // of a distributor's user
	Name, Email, Phone string  // empty: absent
	CreatedAt          time.Time
	Disabled           bool
}

// Checked is the user in its normal form. What of name, e-mail and phone is refused is left out, and stands among the faults;
// where login or role is, there is no such user to import. The base is not asked.
func (in Imported) Checked() (Imported, error) {
	login, loginErr := checkLogin(in.Login)
	in.Login = login
	var errs [3]error
	for i, part := range []struct {
		only personal
		into *string
		of   func(personal) string
	}{
		{personal{name: in.Name}, &in.Name, func(p personal) string { return p.name }},
		{personal{email: in.Email}, &in.Email, func(p personal) string { return p.email }},
		{personal{phone: in.Phone}, &in.Phone, func(p personal) string { return p.phone }},
	} {
		checked, err := checkPersonal(part.only)
		errs[i], *part.into = err, part.of(checked)
	}
	return in, errors.Join(loginErr, checkRole(in.Role), errs[0], errs[1], errs[2])
}

// Import stores a user that has been checked, in a transaction that records it; by the system alone. A login that somebody has
// is an error of the unique index.
func (s *Service) Import(ctx context.Context, tx *db.Tx, in Imported) error {
	if _, err := auth.Require(ctx); err != nil {
		return err
	}
	now := s.Now()
	create := tx.User.Create().SetID(in.ID).SetLogin(in.Login).SetPasswordHash(noPassword()).
		SetRole(user.Role(in.Role)).SetNillableDistributorID(in.DistributorID).SetNillableName(present(in.Name)).
		SetEmailSealed(sealed.UserEmail.Seal(s.Keys, in.ID, in.Email)).SetPhoneSealed(sealed.UserPhone.Seal(s.Keys, in.ID, in.Phone)).
		SetCreatedAt(in.CreatedAt).SetUpdatedAt(now)
	if in.Disabled {
		create.SetDisabledAt(now)
	}
	if err := create.Exec(ctx); err != nil {
		return fmt.Errorf("store a user: %w", err)
	}
	return s.record(ctx, tx, in.ID, audit.Act{Action: audit.LegacyImported, Details: map[string]string{"role": string(in.Role)}})
}

// noPassword is a hash that no password is known for, in the form of any other: a sign-in against it takes as long, and fails.
func noPassword() string {
	salt := make([]byte, saltLen)
	_, _ = rand.Read(salt) // never fails: the program stops instead
	return phc(newCost, salt, nobodys)
}

// nobodys is the key of a hash without a password.
var nobodys = make([]byte, keyLen)

// WithoutPassword are the logins of those who may sign in and have not been given a password yet, in their order; by the system
// alone.
func (s *Service) WithoutPassword(ctx context.Context) (logins []string, err error) {
	if _, err := auth.Require(ctx); err != nil {
		return nil, err
	}
	users, err := s.DB.User.Query().Where(user.DisabledAtIsNil()).Order(ent.Asc(user.FieldLogin)).Select(user.FieldLogin, user.FieldPasswordHash).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for users without a password: %w", err)
	}
	for _, u := range users {
		if _, _, key, err := parsePHC(u.PasswordHash); err == nil && bytes.Equal(key, nobodys) {
			logins = append(logins, u.Login)
		}
	}
	return logins, nil
}
