package deliveries

import (
	"context"

	"channelbook/internal/auth"
	"channelbook/internal/db"
)

// Send does the job of a delivery, as the queue would.
func (s *Service) Send(ctx context.Context, d Due) error {
	return s.send(auth.AsSystem(ctx, "job delivery"), d)
}

// Unsent is what the cancelling of its job does.
func (s *Service) Unsent(ctx context.Context, d Due) error {
	ctx = auth.AsSystem(ctx, "test")
	return db.WithTx(ctx, s.DB, func(tx *db.Tx) error { return s.unsent(ctx, tx, d) })
}
