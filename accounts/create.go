package accounts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	entsql "entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/sealed"
	"channelbook/ent/user"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// NewUser is a user to be made. An empty name, email or phone is absent.
type NewUser struct {
	Login, Password    string
	Role               auth.Role
	DistributorID      *gid.ID // of a distributor's user
	Name, Email, Phone string
}

// CreateUser makes a user who may sign in at once; administrators only. All faults of the form come at once: Invalid
// (see the check functions of form.go and password.go), NotFound on distributorId. A login that somebody has, in any
// case of letters, is Conflict LOGIN_TAKEN, and only the unique index says so.
func (s *Service) CreateUser(ctx context.Context, in NewUser) (*ent.User, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	in, err := s.checkNew(ctx, in)
	if err != nil {
		return nil, err
	}
	id, err := s.insert(ctx, in, audit.UserCreated)
	if errors.Is(err, errTaken) {
		return nil, fault.Coded(fault.Conflict, "LOGIN_TAKEN", "login", "Another user has this login.")
	}
	if err != nil {
		return nil, err
	}
	u, err := s.DB.User.Get(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read the new user: %w", err)
	}
	return u, nil
}

// checkNew returns the user with everything in its normal form.
func (s *Service) checkNew(ctx context.Context, in NewUser) (NewUser, error) {
	login, loginErr := checkLogin(in.Login)
	about, aboutErr := checkPersonal(personal{in.Name, in.Email, in.Phone})
	roleErr := checkRole(in.Role)
	distributorErr := checkDistributor(ctx, s.DB.Distributor, in.Role, in.DistributorID)
	err := errors.Join(loginErr, checkPassword("password", in.Password, in.Login), roleErr, distributorErr, aboutErr)
	in.Login, in.Name, in.Email, in.Phone = login, about.name, about.email, about.phone
	return in, err
}

var errTaken = errors.New("the login is taken")

// insert stores a user that has been checked; errTaken where the unique index of logins says so.
func (s *Service) insert(ctx context.Context, in NewUser, as audit.Action) (gid.ID, error) {
	hash, err := hashPassword(ctx, in.Password)
	if err != nil {
		return gid.ID{}, err
	}
	id, now := gid.New(), s.Now()
	err = db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		err := tx.User.Create().SetID(id).SetLogin(in.Login).SetPasswordHash(hash).
			SetRole(user.Role(in.Role)).SetNillableDistributorID(in.DistributorID).
			SetNillableName(present(in.Name)).
			SetEmailSealed(sealed.UserEmail.Seal(s.Keys, id, in.Email)).SetPhoneSealed(sealed.UserPhone.Seal(s.Keys, id, in.Phone)).
			SetCreatedAt(now).SetUpdatedAt(now).
			OnConflict(entsql.ConflictColumns(user.FieldLogin), entsql.DoNothing()).Exec(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return errTaken
		}
		if err != nil {
			return fmt.Errorf("store the user: %w", err)
		}
		return s.record(ctx, tx, id, audit.Act{Action: as, Details: map[string]string{"role": string(in.Role)}})
	})
	return id, err
}
