package deliveries

import (
	"context"

	"channelbook/notify/channel"
)

// Report takes in what a provider tells of deliveries, each status once and none after a further one.
func (s *Service) Report(ctx context.Context, reports ...channel.Report) error { return nil }
