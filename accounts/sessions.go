package accounts

import (
	"context"
	"fmt"
	"time"

	"channelbook/ent"
	"channelbook/ent/predicate"
	"channelbook/ent/session"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// Live are the sessions that can go on: neither ended nor run out.
func Live(now time.Time) predicate.Session {
	return session.And(session.RevokedAtIsNil(), session.ExpiresAtGT(now))
}

// LastSeen is when the session began or was last refreshed, as its end tells: each refresh moves it.
func LastSeen(s *ent.Session) time.Time { return s.ExpiresAt.Add(-refreshLife) }

// RevokeSession ends a live session: one of their own anybody who is signed in, anybody's an administrator. The fault is
// NotFound on id, for a session of somebody else as for one that is not there or has ended.
func (s *Service) RevokeSession(ctx context.Context, id gid.ID) error {
	v, err := person(ctx)
	if err != nil {
		return err
	}
	may := []predicate.Session{session.ID(id), Live(s.Now())}
	if v.Role != auth.Admin {
		may = append(may, session.UserID(v.UserID))
	}
	return s.change(ctx, func(server context.Context, tx *db.Tx) ([]gid.ID, error) {
		found, err := tx.Session.Query().Where(may...).Only(server)
		if ent.IsNotFound(err) {
			return nil, errNoSession()
		}
		if err != nil {
			return nil, fmt.Errorf("read the session: %w", err)
		}
		ended, err := s.revoke(server, tx, session.ID(id))
		if err != nil {
			return nil, err
		}
		if len(ended) == 0 { // it has ended since it was read
			return nil, errNoSession()
		}
		return ended, s.record(ctx, tx, found.UserID, audit.Act{
			Action: audit.SessionRevoked, Details: map[string]string{"session": gid.Session.Format(id)},
		})
	})
}

func errNoSession() error { return fault.New(fault.NotFound, "id", "There is no such session.") }
