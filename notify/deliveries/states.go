package deliveries

import (
	"context"
	"fmt"
	"slices"
	"time"

	"channelbook/ent"
	"channelbook/ent/channelstate"
	"channelbook/ent/delivery"
	"channelbook/internal/auth"
	"channelbook/notify/channel"
	"channelbook/personaldata/processors"
)

// State is how a channel stands.
type State struct {
	Channel string
	SetUp   bool // it has a sender
	Enabled bool // by the register of processors
	Stopped bool
	Since   *time.Time // it runs or is stopped; nil: it was never stopped
	RetryAt *time.Time // of a stopped one
	Code    string     // why it was stopped
	Waiting int        // messages that are still to be sent
	Dead    int        // that were given up
}

// counted is a line of counts by channel and status.
type counted struct {
	Channel string          `json:"channel"`
	Status  delivery.Status `json:"status"`
	Count   int             `json:"count"`
}

// States are how the channels stand by which messages leave the house; administrators only.
func (s *Service) States(ctx context.Context) ([]State, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	register, err := processors.Read(ctx, s.DB.Channel)
	if err != nil {
		return nil, err
	}
	rows, err := s.DB.ChannelState.Query().All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the states of channels: %w", err)
	}
	counts, err := s.counts(ctx, append([]delivery.Status{delivery.StatusDEAD}, unfinished...)...)
	if err != nil {
		return nil, err
	}
	all := make([]State, len(channel.Outside))
	for i, name := range channel.Outside {
		all[i] = State{Channel: name, SetUp: s.Senders[name] != nil, Enabled: register[name].Enabled}
		for _, c := range counts {
			switch {
			case c.Channel != name:
			case c.Status == delivery.StatusDEAD:
				all[i].Dead += c.Count
			default:
				all[i].Waiting += c.Count
			}
		}
		if at := slices.IndexFunc(rows, func(r *ent.ChannelState) bool { return r.Channel.String() == name }); at >= 0 {
			all[i].stands(rows[at])
		}
	}
	return all, nil
}

func (a *State) stands(row *ent.ChannelState) {
	a.Stopped, a.Since, a.RetryAt, a.Code = row.State == channelstate.StateSTOPPED, &row.Since, row.RetryAt, row.Code
}

// counts counts deliveries by their channels and these statuses.
func (s *Service) counts(ctx context.Context, of ...delivery.Status) (counts []counted, err error) {
	err = s.DB.Delivery.Query().Where(delivery.StatusIn(of...)).GroupBy(delivery.FieldChannel, delivery.FieldStatus).Aggregate(ent.Count()).Scan(ctx, &counts)
	if err != nil {
		return nil, fmt.Errorf("count deliveries: %w", err)
	}
	return counts, nil
}
