package accounts

import (
	"context"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/user"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// SetAvatar shows a picture, PNG or JPEG, of a user: one's own, or as an administrator anybody's. Faults: those of
// picture.Normalize; Forbidden for somebody else's; NotFound on id, also where the viewer does not see the user.
func (s *Service) SetAvatar(ctx context.Context, id gid.ID, body []byte) (*ent.Picture, error) {
	current, err := s.avatar(ctx, id)
	if err != nil {
		return nil, err
	}
	avatar, err := s.Album.Add(ctx, body, current)
	if err != nil || avatar == current {
		return avatar, err
	}
	return avatar, s.showAvatar(ctx, id, &avatar.ID)
}

// RemoveAvatar shows no picture of a user any more. Faults as of SetAvatar; one that has none is none.
func (s *Service) RemoveAvatar(ctx context.Context, id gid.ID) error {
	current, err := s.avatar(ctx, id)
	if err != nil || current == nil {
		return err
	}
	return s.showAvatar(ctx, id, nil)
}

// avatar is the one that a user shows now, for those who may change it; nil where there is none.
func (s *Service) avatar(ctx context.Context, id gid.ID) (*ent.Picture, error) {
	viewer, err := person(ctx)
	if err != nil {
		return nil, err
	}
	u, err := s.DB.User.Query().Where(user.ID(id)).WithAvatar().Only(ctx)
	switch {
	case err != nil && !ent.IsNotFound(err):
		return nil, fmt.Errorf("read a user's picture: %w", err)
	case err != nil:
		return nil, orNoUser(err, "id")
	case viewer.Role != auth.Admin && viewer.UserID != id:
		return nil, fault.New(fault.Forbidden, "", "Only an administrator changes the picture of somebody else.")
	}
	return u.Edges.Avatar, nil
}

// showAvatar puts a picture, or with nil none, in the place of the one that the user shows now. Of two at once the second
// comes after the first, and each that is replaced is released.
func (s *Service) showAvatar(ctx context.Context, id gid.ID, avatar *gid.ID) error {
	ctx = asServer(ctx)
	return db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		old, err := lockUser(ctx, tx, user.ID(id))
		if err != nil {
			return orNoUser(err, "id")
		}
		update := tx.User.UpdateOneID(id).SetUpdatedAt(s.Now())
		if avatar == nil {
			update.ClearAvatarID()
		} else {
			update.SetAvatarID(*avatar)
		}
		if err := update.Exec(ctx); err != nil {
			return fmt.Errorf("show a user's picture: %w", err)
		}
		act := audit.Act{Action: audit.AvatarSet}
		if avatar == nil {
			act.Action = audit.AvatarRemoved
		}
		if err := s.record(ctx, tx, id, act); err != nil {
			return err
		}
		return s.Album.Release(ctx, tx, old.AvatarID)
	})
}
