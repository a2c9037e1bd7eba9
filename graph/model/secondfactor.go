package model

import (
	"context"

	"channelbook/ent/recoverycode"
	"channelbook/ent/secondfactor"
	"channelbook/internal/auth"
	"channelbook/internal/gid"
)

// SecondFactorEnabled tells whether the user signs in with a second factor; null for a viewer whom it does not concern.
func (u *User) SecondFactorEnabled(ctx context.Context) (*bool, error) {
	if v := u.viewer(ctx); v.Role != auth.Admin && v.UserID != u.User.ID {
		return nil, nil
	}
	enabled, err := load(ctx, u.level, func(ctx context.Context) (map[gid.ID]bool, error) {
		return u.level.reader.secondFactorsOf(ctx, distinct(u.level.rows, func(u *User) *gid.ID { return &u.User.ID }))
	})
	is := enabled[u.User.ID]
	return &is, err
}

// secondFactorsOf are those of the users who have one in force. Nothing of it is read but that.
func (r *Reader) secondFactorsOf(ctx context.Context, users []gid.ID) (map[gid.ID]bool, error) {
	rows, err := r.DB.SecondFactor.Query().Where(secondfactor.UserIDIn(users...), secondfactor.ConfirmedAtNotNil()).
		Select(secondfactor.FieldUserID).All(ctx)
	in := make(map[gid.ID]bool, len(rows))
	for _, row := range rows {
		in[row.UserID] = true
	}
	return in, err
}

// RecoveryCodesLeft counts the viewer's own; null for another user.
func (u *User) RecoveryCodesLeft(ctx context.Context) (*int, error) {
	if u.viewer(ctx).UserID != u.User.ID {
		return nil, nil
	}
	left, err := load(ctx, u.level, func(ctx context.Context) (int, error) {
		return u.level.reader.DB.RecoveryCode.Query().Where(recoverycode.UserID(u.User.ID), recoverycode.UsedAtIsNil()).Count(ctx)
	})
	return &left, err
}

// viewer is who looks at the user.
func (u *User) viewer(ctx context.Context) auth.Viewer {
	v, _ := auth.From(u.level.reader.seen(ctx))
	return v
}
