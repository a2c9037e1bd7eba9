package deliveries

import (
	"context"
	"time"

	"channelbook/ent"
	"channelbook/ent/delivery"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/notify/channel"
	"channelbook/notify/preferences"
	"channelbook/personaldata/processors"
)

// Plan writes a delivery for each recipient of the notices at the places from after+1 to upTo that wants it by a channel that is
// set up and on, and enqueues it. It belongs to notify.Service.Further. Where no channel is set up it asks the base nothing; else it
// takes four statements or five, however many the notices and their recipients are, up to some thousands.
//
// A channel that a person wants ALWAYS gets a delivery for now. Of those that they want as FALLBACK the first one of their order
// that can reach them gets one, which is due when the notice has stayed unread for as long as they said, or now where the feed does
// not come before it; none where an earlier channel is wanted ALWAYS and can reach them. A message whose channels its sender has
// named goes by these at once, but for one of which the person has said NEVER. If it becomes due in quiet hours it waits for their
// end.
//
// Digest: the first notice of a kind goes at once. A further one joins the delivery of its kind and channel that is still waiting,
// and goes with that, be it earlier than by itself. Where none waits any more it makes one that is not due before the window since
// the last attempt with a message of that kind by that channel is over, and which the next ones join. So within a window a person
// gets one message at its beginning and one at its end. Who has a window of 0 gets each by itself: nothing joins it.
func (s *Service) Plan(ctx context.Context, tx *db.Tx, after, upTo int64) error {
	if len(s.Senders) == 0 {
		return nil
	}
	ctx = auth.AsSystem(ctx, "plan deliveries")
	open, err := s.open(ctx, tx)
	if err != nil || len(open) == 0 {
		return err
	}
	all, err := s.recipients(ctx, tx, after, upTo)
	if err != nil {
		return err
	}
	now, plan := s.Now(), newPlan()
	for _, r := range all {
		for _, way := range r.ways(open) {
			plan.add(r, way, now)
		}
	}
	return plan.write(ctx, tx, now)
}

// waysOpen are the channels that are set up on this server, and on by the register.
type waysOpen map[string]bool

func (s *Service) open(ctx context.Context, tx *db.Tx) (waysOpen, error) {
	register, err := processors.Read(ctx, tx.Channel)
	if err != nil {
		return nil, err
	}
	open := waysOpen{}
	for name := range s.Senders {
		if register[name].Enabled {
			open[name] = true
		}
	}
	return open, nil
}

// way is how a recipient is to be reached by a channel.
type way struct {
	channel  string
	fallback bool
	after    time.Duration
}

// ways are how a recipient is to be reached of one notice.
func (r recipient) ways(open waysOpen) (ways []way) {
	if r.named != nil {
		for _, name := range channel.Outside {
			if said, _ := r.wants.Said(r.kind, name); r.named[name] && r.reachable(name, open) && said != preferences.Never {
				ways = append(ways, way{channel: name})
			}
		}
		return ways
	}
	var wait time.Duration
	settled := false // somebody before has it, or falls back already
	for _, name := range r.wants.Order {
		mode := r.wants.Mode(r.kind, name)
		switch {
		case name == channel.Web && mode != preferences.Never:
			wait = r.wants.FallbackAfter
		case name == channel.Web, !r.reachable(name, open):
		case mode == preferences.Always:
			ways, settled = append(ways, way{channel: name}), true
		case mode == preferences.Fallback && !settled:
			ways, settled = append(ways, way{name, true, wait}), true
		}
	}
	return ways
}

// reachable tells whether a recipient can be reached by a channel at all.
func (r recipient) reachable(name string, open waysOpen) bool { return open[name] && r.has[name] }

// due is when a delivery is to go that would be due at a moment if there were no quiet hours.
func due(of preferences.Settings, at time.Time) time.Time {
	if end, quiet := of.QuietUntil(at); quiet {
		return end
	}
	return at
}

// planNext has the next channel of the recipient's order take over what a delivery could not bring, in the transaction that
// records that it could not: none where there is no further one that the recipient wants to fall back on. What that channel has had
// before does not go by it again, nor does a message whose channels its sender has named; so it does no harm to call it twice. The
// new delivery is due now, or at the end of the quiet hours, and takes nothing else along.
func (s *Service) planNext(ctx context.Context, tx *db.Tx, failed *ent.Delivery) error {
	if failed.Purpose != delivery.PurposeNOTICE || failed.UserID == nil || failed.Kind == nil {
		return nil
	}
	ctx = auth.AsSystem(ctx, "fall back to the next channel")
	next, wants, err := s.nextChannel(ctx, tx, failed)
	if err != nil || next == "" {
		return err
	}
	if err := hold(ctx, tx, failed.ID); err != nil {
		return err
	}
	left, err := notHad(ctx, tx, failed, next)
	if err != nil || len(left) == 0 {
		return err
	}
	now, plan := s.Now(), newPlan()
	plan.apart = append(plan.apart, &planned{
		key: key{*failed.UserID, next, failed.Kind.String(), true}, distributor: failed.DistributorID, due: due(wants, now), notices: left,
	})
	return plan.write(ctx, tx, now)
}
