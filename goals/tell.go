package goals

import (
	"context"

	"channelbook/ent/goalchange"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/notify"
)

// tellOfTargets tells each distributor of its goals that have changed: one notice for all of them.
func (s *Service) tellOfTargets(ctx context.Context, tx *db.Tx, kind goalchange.Kind, changes []change) error {
	tell := notify.GoalsSet
	if kind == goalchange.KindROLLED_OVER {
		tell = notify.GoalsRolledOver
	}
	of := map[gid.ID][]notify.Target{}
	var order []gid.ID
	for _, c := range changes {
		if of[c.distributor] == nil {
			order = append(order, c.distributor)
		}
		of[c.distributor] = append(of[c.distributor], notify.Target{Goal: c.id, Period: c.period, Metric: c.metric, Was: c.before(), To: c.to})
	}
	notices := make([]notify.Notice, len(order))
	for i, id := range order {
		notices[i] = notify.Notice{Event: tell(of[id]), To: notify.To{Distributor: id}}
	}
	return notify.Tell(ctx, tx, s.Now(), notices...)
}

// tellEveryone tells of a period everybody but who acts.
func (s *Service) tellEveryone(ctx context.Context, tx *db.Tx, of func(calendar.Period) notify.Event, p calendar.Period) error {
	to := notify.To{Everyone: true}
	if by := actor(ctx); by != nil {
		to.Except = *by
	}
	return notify.Tell(ctx, tx, s.Now(), notify.Notice{Event: of(p), To: to})
}
