package deliveries

import (
	"context"

	"channelbook/ent"
	"channelbook/internal/db"
	"channelbook/notify/templates"
)

// PlanWelcomes writes a welcome for the client of each lead that the notices at the places from after+1 to upTo give to a
// distributor which welcomes its clients, and enqueues it. It belongs to notify.Service.Further.
func (s *Service) PlanWelcomes(ctx context.Context, tx *db.Tx, after, upTo int64) error { return nil }

// welcomed is the client's address by the delivery's channel and what the welcome is made of. skip is why it is not sent any more,
// a code for the delivery: consent was withdrawn, the lead is another's or restricted, there is no address; empty: it is sent.
func (s *Service) welcomed(ctx context.Context, d *ent.Delivery) (address string, l templates.Letter, skip string, err error) {
	return "", templates.Letter{}, "NOT_WELCOMED", nil
}
