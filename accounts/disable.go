package accounts

import (
	"context"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/session"
	"channelbook/ent/user"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// DisableUser ends a user's sessions and lets no new ones begin; administrators only. Faults: NotFound on id, Conflict
// ALREADY_DISABLED, OWN_ACCOUNT, LAST_ADMINISTRATOR. Of two administrators who disable each other at once, one stays.
func (s *Service) DisableUser(ctx context.Context, id gid.ID) (*ent.User, error) {
	viewer, err := auth.Require(ctx, auth.Admin)
	if err != nil {
		return nil, err
	}
	err = s.change(ctx, func(ctx context.Context, tx *db.Tx) ([]gid.ID, error) {
		admins, err := lockAdministrators(ctx, tx)
		if err != nil {
			return nil, fmt.Errorf("lock the administrators: %w", err)
		}
		u, err := lockUser(ctx, tx, user.ID(id))
		if err != nil {
			return nil, orNoUser(err, "id")
		}
		if err := canDisable(u, viewer, admins); err != nil {
			return nil, err
		}
		if err := tx.User.UpdateOneID(id).SetDisabledAt(s.Now()).SetUpdatedAt(s.Now()).Exec(ctx); err != nil {
			return nil, fmt.Errorf("disable the user: %w", err)
		}
		if err := s.record(ctx, tx, id, audit.Act{Action: audit.UserDisabled}); err != nil {
			return nil, err
		}
		return s.revoke(ctx, tx, session.UserID(id))
	})
	if err != nil {
		return nil, err
	}
	return s.reread(ctx, id)
}

func canDisable(u *ent.User, viewer auth.Viewer, admins administrators) error {
	switch {
	case u.DisabledAt != nil:
		return fault.Coded(fault.Conflict, "ALREADY_DISABLED", "id", "This user is disabled already.")
	case u.ID == viewer.UserID:
		return fault.Coded(fault.Conflict, "OWN_ACCOUNT", "id", "You cannot disable yourself.")
	}
	return admins.canLose(u.ID, "id")
}

// EnableUser lets a disabled user sign in again; administrators only. Sessions that ended stay ended. Faults: NotFound
// on id, Conflict ALREADY_ACTIVE.
func (s *Service) EnableUser(ctx context.Context, id gid.ID) (*ent.User, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	err := s.change(ctx, func(ctx context.Context, tx *db.Tx) ([]gid.ID, error) {
		n, err := tx.User.Update().Where(user.ID(id), user.DisabledAtNotNil()).ClearDisabledAt().SetUpdatedAt(s.Now()).Save(ctx)
		if err != nil {
			return nil, fmt.Errorf("enable the user: %w", err)
		}
		if n == 0 {
			return nil, notDisabled(ctx, tx, id)
		}
		return nil, s.record(ctx, tx, id, audit.Act{Action: audit.UserEnabled})
	})
	if err != nil {
		return nil, err
	}
	return s.reread(ctx, id)
}

func notDisabled(ctx context.Context, tx *db.Tx, id gid.ID) error {
	if _, err := tx.User.Get(ctx, id); err != nil {
		return orNoUser(err, "id")
	}
	return fault.Coded(fault.Conflict, "ALREADY_ACTIVE", "id", "This user is active already.")
}
