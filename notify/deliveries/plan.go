package deliveries

import (
	"context"

	"channelbook/ent"
	"channelbook/internal/db"
)

// Plan writes a delivery for each recipient of the notices at the places from after+1 to upTo that wants it by a channel that is
// set up and on, and enqueues it. It belongs to notify.Service.Further.
func (s *Service) Plan(ctx context.Context, tx *db.Tx, after, upTo int64) error { return nil }

// planNext has the next channel of the recipient's order take over what a delivery could not bring, in the transaction that
// records that it could not: none where there is no further one that the recipient wants to fall back on.
func (s *Service) planNext(ctx context.Context, tx *db.Tx, failed *ent.Delivery) error { return nil }
