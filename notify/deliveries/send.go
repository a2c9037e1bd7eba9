package deliveries

import (
	"context"

	"channelbook/internal/db"
)

// send sends a delivery that is due.
func (s *Service) send(ctx context.Context, d Due) error { return nil }

// unsent leaves a delivery cancelled whose job an administrator has cancelled.
func (s *Service) unsent(ctx context.Context, tx *db.Tx, d Due) error { return nil }
