package accounts

import (
	"context"
	"errors"
	"fmt"

	"channelbook/internal/auth"
	"channelbook/personaldata/audit"
)

// firstLogin is whom a new base begins with.
const firstLogin = "admin"

// CreateFirstAdmin makes the administrator of a base that has no users, with a generated password where none is
// given, and tells both; created is false where there are users. Of several instances that start at once one creates
// it. Nobody but the system may. Its faults are those of checkPassword on password.
func (s *Service) CreateFirstAdmin(ctx context.Context, password string) (login, used string, created bool, err error) {
	if _, err := auth.Require(ctx); err != nil {
		return "", "", false, err
	}
	inhabited, err := s.DB.User.Query().Exist(ctx)
	if err != nil {
		return "", "", false, fmt.Errorf("look for users: %w", err)
	}
	if inhabited {
		return "", "", false, nil
	}
	if password == "" {
		password = GeneratePassword()
	}
	if err := checkPassword("password", password, firstLogin); err != nil {
		return "", "", false, err
	}
	_, err = s.insert(ctx, NewUser{Login: firstLogin, Password: password, Role: auth.Admin}, audit.FirstAdminMade)
	if errors.Is(err, errTaken) {
		return "", "", false, nil
	}
	if err != nil {
		return "", "", false, err
	}
	return firstLogin, password, true, nil
}
