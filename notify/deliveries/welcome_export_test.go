package deliveries

import (
	"context"

	"channelbook/ent"
	"channelbook/notify/templates"
)

// Welcomed is what a welcome is made of, as it is looked at when it is sent.
func (s *Service) Welcomed(ctx context.Context, d *ent.Delivery) (address string, l templates.Letter, skip string, err error) {
	return s.welcomed(ctx, d)
}
