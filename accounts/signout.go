package accounts

import (
	"context"

	"channelbook/ent/session"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// SignOut ends the viewer's session. Doing it twice does no harm.
func (s *Service) SignOut(ctx context.Context) error {
	v, err := person(ctx)
	if err != nil {
		return err
	}
	return s.change(ctx, func(ctx context.Context, tx *db.Tx) ([]gid.ID, error) {
		ended, err := s.revoke(ctx, tx, session.ID(v.SessionID))
		if err != nil || len(ended) == 0 {
			return ended, err
		}
		return ended, s.record(ctx, tx, v.UserID, audit.Act{Action: audit.SignedOut})
	})
}

// SignOutEverywhere ends all sessions of the viewer, this one too.
func (s *Service) SignOutEverywhere(ctx context.Context) error {
	v, err := person(ctx)
	if err != nil {
		return err
	}
	return s.change(ctx, func(ctx context.Context, tx *db.Tx) ([]gid.ID, error) {
		ended, err := s.revoke(ctx, tx, session.UserID(v.UserID))
		if err != nil || len(ended) == 0 {
			return ended, err
		}
		return ended, s.record(ctx, tx, v.UserID, audit.Act{Action: audit.SessionsEnded})
	})
}
