package accounts

import (
	"context"
	"fmt"
	"time"

	"channelbook/ent/refreshtoken"
	"channelbook/ent/session"
	"channelbook/internal/auth"
)

// keptAfterEnd is how long a session and its tokens are kept after they ended by themselves.
const keptAfterEnd = 7 * 24 * time.Hour

// Sweep deletes the sessions and refresh tokens that ended long ago, and counts of failed sign-ins that say nothing any
// more. It may run at any time, on any number of instances at once. Nobody but the system may.
func (s *Service) Sweep(ctx context.Context) error {
	if _, err := auth.Require(ctx); err != nil {
		return err
	}
	before := s.Now().Add(-keptAfterEnd)
	if _, err := s.DB.RefreshToken.Delete().Where(refreshtoken.ExpiresAtLT(before)).Exec(ctx); err != nil {
		return fmt.Errorf("delete old refresh tokens: %w", err)
	}
	if _, err := s.DB.Session.Delete().Where(session.ExpiresAtLT(before), session.Not(session.HasRefreshTokens())).Exec(ctx); err != nil {
		return fmt.Errorf("delete old sessions: %w", err)
	}
	return s.sweepLimits(ctx)
}
