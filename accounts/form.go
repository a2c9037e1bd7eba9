package accounts

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"channelbook/ent"
	"channelbook/ent/distributor"
	"channelbook/internal/auth"
	"channelbook/internal/contact"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
)

const maxName = 200

var loginForm = regexp.MustCompile(`^[\p{L}\p{Nd}._@-]{3,64}$`)

// normalLogin is how a login is stored and looked for.
func normalLogin(s string) string { return norm.NFC.String(strings.ToLower(strings.TrimSpace(s))) }

// checkLogin returns the login as it is stored: codes REQUIRED, INVALID_LOGIN.
func checkLogin(s string) (string, error) {
	login := normalLogin(s)
	switch {
	case login == "":
		return "", fault.Coded(fault.Invalid, "REQUIRED", "login", "A login is needed.")
	case !loginForm.MatchString(login):
		return "", fault.Coded(fault.Invalid, "INVALID_LOGIN", "login", "A login has 3 to 64 letters, digits and . _ - @.")
	}
	return login, nil
}

// personal is what is known of a user besides the account, each empty where it is absent.
type personal struct{ name, email, phone string }

// checkPersonal brings each part into its normal form and finds every fault: codes TOO_LONG, INVALID_CHARACTERS,
// INVALID_EMAIL, INVALID_PHONE.
func checkPersonal(in personal) (out personal, err error) {
	var errs [3]error
	out.name, errs[0] = checkName(in.name)
	out.email, errs[1] = checkContact(in.email, contact.Email, "INVALID_EMAIL", "email", "This is not an e-mail address.")
	out.phone, errs[2] = checkContact(in.phone, contact.Phone, "INVALID_PHONE", "phone", "This is not a phone number.")
	return out, errors.Join(errs[:]...)
}

func checkName(s string) (string, error) {
	name := strings.TrimSpace(s)
	switch {
	case utf8.RuneCountInString(name) > maxName:
		return "", fault.Coded(fault.Invalid, "TOO_LONG", "name", fmt.Sprintf("A name has at most %d characters.", maxName))
	case !utf8.ValidString(name), strings.ContainsFunc(name, unicode.IsControl):
		return "", fault.Coded(fault.Invalid, "INVALID_CHARACTERS", "name", "A name is one line of text.")
	}
	return name, nil
}

func checkContact(s string, normal func(string) (string, error), code, field, message string) (string, error) {
	if strings.TrimSpace(s) == "" {
		return "", nil
	}
	out, err := normal(s)
	if err != nil {
		return "", fault.Coded(fault.Invalid, code, field, message)
	}
	return out, nil
}

// checkRole accepts the roles of people: code INVALID_ROLE.
func checkRole(role auth.Role) error {
	if role != auth.Admin && role != auth.Distributor {
		return fault.Coded(fault.Invalid, "INVALID_ROLE", "role", "A user is an administrator or belongs to a distributor.")
	}
	return nil
}

// checkDistributor holds a distributor's user to one that exists, and an administrator to none: kinds and codes
// Invalid REQUIRED, Invalid DISTRIBUTOR_NOT_ALLOWED, NotFound NOT_FOUND.
func checkDistributor(ctx context.Context, distributors *ent.DistributorClient, role auth.Role, id *gid.ID) error {
	switch {
	case role == auth.Distributor && id == nil:
		return fault.Coded(fault.Invalid, "REQUIRED", "distributorId", "A distributor's user needs a distributor.")
	case role == auth.Admin && id != nil:
		return fault.Coded(fault.Invalid, "DISTRIBUTOR_NOT_ALLOWED", "distributorId", "An administrator belongs to no distributor.")
	case id == nil:
		return nil
	}
	there, err := distributors.Query().Where(distributor.ID(*id)).Exist(ctx)
	if err != nil {
		return fmt.Errorf("look for the distributor: %w", err)
	}
	if !there {
		return fault.New(fault.NotFound, "distributorId", "There is no such distributor.")
	}
	return nil
}

// present is nil for an empty text: an optional text is absent in the base when it is empty.
func present(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
