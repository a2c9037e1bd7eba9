package accounts

import (
	"context"
	"fmt"

	"channelbook/ent/predicate"
	"channelbook/ent/session"
	"channelbook/internal/db"
	"channelbook/internal/gid"
)

// revoke ends the sessions found and tells every instance. It returns them, and perhaps others that ended in the same
// microsecond.
func (s *Service) revoke(ctx context.Context, tx *db.Tx, where ...predicate.Session) ([]gid.ID, error) {
	now := s.Now()
	n, err := tx.Session.Update().Where(session.RevokedAtIsNil()).Where(where...).SetRevokedAt(now).Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("end sessions: %w", err)
	}
	if n == 0 {
		return nil, nil
	}
	ended, err := tx.Session.Query().Where(session.RevokedAt(now)).Where(where...).IDs(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the sessions that ended: %w", err)
	}
	return ended, tx.Notify(ctx, revocationChannel)
}
