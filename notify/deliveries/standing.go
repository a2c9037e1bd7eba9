package deliveries

import (
	"context"
	"fmt"

	"channelbook/ent/channelstate"
	"channelbook/ent/delivery"
	"channelbook/internal/auth"
	"channelbook/internal/metrics"
	"channelbook/notify/channel"
)

// Standing is how the messages of each channel stand, for metrics.
func (s *Service) Standing(ctx context.Context) ([]metrics.Standing, error) {
	ctx = auth.AsSystem(ctx, "metrics")
	counts, err := s.counts(ctx, delivery.StatusDEAD, delivery.StatusUNKNOWN)
	if err != nil {
		return nil, err
	}
	stopped, err := s.DB.ChannelState.Query().Where(channelstate.StateEQ(channelstate.StateSTOPPED)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read which channels are stopped: %w", err)
	}
	all := make([]metrics.Standing, len(channel.Outside))
	for i, name := range channel.Outside {
		all[i].Channel = name
		for _, c := range counts {
			switch {
			case c.Channel != name:
			case c.Status == delivery.StatusDEAD:
				all[i].Dead = c.Count
			default:
				all[i].Unknown = c.Count
			}
		}
		for _, row := range stopped {
			all[i].Stopped = all[i].Stopped || row.Channel.String() == name
		}
	}
	return all, nil
}
