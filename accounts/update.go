package accounts

import (
	"context"
	"errors"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/sealed"
	"channelbook/ent/session"
	"channelbook/ent/user"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/internal/seal"
	"channelbook/personaldata/audit"
)

// UserPatch is what to change of a user: nil leaves a field as it is, an empty text clears it. An administrator
// leaves the distributor by becoming one.
type UserPatch struct {
	Role               *auth.Role
	DistributorID      *gid.ID
	Name, Email, Phone *string
}

// UpdateUser changes a user; administrators only. Another role or distributor ends the user's sessions. All faults
// come at once: Invalid (see form.go), NotFound on id and distributorId, Conflict OWN_ACCOUNT and LAST_ADMINISTRATOR
// on role.
func (s *Service) UpdateUser(ctx context.Context, id gid.ID, p UserPatch) (*ent.User, error) {
	viewer, err := auth.Require(ctx, auth.Admin)
	if err != nil {
		return nil, err
	}
	about, aboutErr := checkPersonal(personal{value(p.Name), value(p.Email), value(p.Phone)})
	err = s.change(ctx, func(ctx context.Context, tx *db.Tx) ([]gid.ID, error) {
		admins, err := lockAdministrators(ctx, tx)
		if err != nil {
			return nil, fmt.Errorf("lock the administrators: %w", err)
		}
		old, err := lockUser(ctx, tx, user.ID(id))
		if err != nil {
			return nil, errors.Join(orNoUser(err, "id"), aboutErr)
		}
		to := p.membership(old)
		if err := errors.Join(to.check(ctx, tx, old, viewer, admins), aboutErr); err != nil {
			return nil, err
		}
		u := tx.User.UpdateOneID(id).SetUpdatedAt(s.Now())
		to.write(u)
		p.write(u, about, s.Keys)
		if err := u.Exec(ctx); err != nil {
			return nil, fmt.Errorf("store the user: %w", err)
		}
		if err := s.record(ctx, tx, id, audit.Act{Action: audit.UserUpdated, Details: p.changed(to, old)}); err != nil {
			return nil, err
		}
		if to.same(old) {
			return nil, nil
		}
		return s.revoke(ctx, tx, session.UserID(id))
	})
	if err != nil {
		return nil, err
	}
	return s.reread(ctx, id)
}

// membership is what a user is to the company.
type membership struct {
	role        auth.Role
	distributor *gid.ID
}

// membership is what the patch makes of the user.
func (p UserPatch) membership(old *ent.User) membership {
	to := membership{auth.Role(old.Role), old.DistributorID}
	if p.Role != nil {
		to.role = *p.Role
		if to.role == auth.Admin {
			to.distributor = nil
		}
	}
	if p.DistributorID != nil {
		to.distributor = p.DistributorID
	}
	return to
}

func (to membership) same(old *ent.User) bool {
	return to.role == auth.Role(old.Role) && equal(to.distributor, old.DistributorID)
}

// check judges a new membership. Administrators keep their own role, and the last one keeps it in any case.
func (to membership) check(ctx context.Context, tx *db.Tx, old *ent.User, viewer auth.Viewer, admins administrators) error {
	if err := checkRole(to.role); err != nil {
		return err
	}
	if err := checkDistributor(ctx, tx.Distributor, to.role, to.distributor); err != nil {
		return err
	}
	if to.role == auth.Admin {
		return nil
	}
	if old.ID == viewer.UserID {
		return fault.Coded(fault.Conflict, "OWN_ACCOUNT", "role", "You cannot take your own role away.")
	}
	return admins.canLose(old.ID, "role")
}

func (to membership) write(u *ent.UserUpdateOne) {
	u.SetRole(user.Role(to.role))
	if to.distributor == nil {
		u.ClearDistributorID()
		return
	}
	u.SetDistributorID(*to.distributor)
}

// write sets or clears what the patch has, in its normal form.
func (p UserPatch) write(u *ent.UserUpdateOne, about personal, keys seal.Keys) {
	id, _ := u.Mutation().ID()
	for _, text := range []struct {
		given  *string
		normal string
		set    func(string) *ent.UserUpdateOne
		clear  func() *ent.UserUpdateOne
	}{
		{p.Name, about.name, u.SetName, u.ClearName},
		{p.Email, about.email, func(email string) *ent.UserUpdateOne {
			return u.SetEmailSealed(sealed.UserEmail.Seal(keys, id, email))
		}, u.ClearEmailSealed},
		{p.Phone, about.phone, func(phone string) *ent.UserUpdateOne {
			return u.SetPhoneSealed(sealed.UserPhone.Seal(keys, id, phone))
		}, u.ClearPhoneSealed},
	} {
		switch {
		case text.given == nil:
		case text.normal == "":
			text.clear()
		default:
			text.set(text.normal)
		}
	}
}

// changed names what the patch changes, for the audit.
func (p UserPatch) changed(to membership, old *ent.User) map[string]string {
	var names []string
	for name, given := range map[string]bool{
		user.FieldName: p.Name != nil, "email": p.Email != nil, "phone": p.Phone != nil,
		user.FieldRole: to.role != auth.Role(old.Role), user.FieldDistributorID: !equal(to.distributor, old.DistributorID),
	} {
		if given {
			names = append(names, name)
		}
	}
	return audit.Named(names...)
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// reread is the user as the viewer sees it after a change.
func (s *Service) reread(ctx context.Context, id gid.ID) (*ent.User, error) {
	u, err := s.DB.User.Get(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read the changed user: %w", err)
	}
	return u, nil
}
