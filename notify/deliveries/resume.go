package deliveries

import (
	"context"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/channelstate"
	"channelbook/ent/delivery"
	"channelbook/ent/suppression"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/internal/jobs"
	"channelbook/personaldata/audit"
)

// Resume has a stopped channel tried at once, rather than when its stop is over; administrators only. It runs again when the first
// message was taken. Faults on channel: NO_CHANNEL, and CHANNEL_RUNNING, of kind Conflict, where it is not stopped.
func (s *Service) Resume(ctx context.Context, by string) error {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return err
	}
	if err := needOutside(by); err != nil {
		return err
	}
	ctx = auth.AsSystem(ctx, "a channel is tried again")
	return db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		now := s.Now()
		n, err := tx.ChannelState.Update().Where(channelstate.ChannelEQ(channelstate.Channel(by)), channelstate.StateEQ(channelstate.StateSTOPPED)).
			SetRetryAt(now).Save(ctx)
		switch {
		case err != nil:
			return fmt.Errorf("have a channel tried again: %w", err)
		case n == 0:
			return fault.Coded(fault.Conflict, "CHANNEL_RUNNING", "channel", "The channel is not stopped.")
		}
		if err := jobs.Enqueue(ctx, tx, jobs.Job{Args: Call{Channel: by, At: now.UnixMicro()}}); err != nil {
			return err
		}
		return audit.Record(ctx, tx, now, audit.Act{Action: audit.ChannelRetried, Details: map[string]string{"channel": by}})
	})
}

// Call is the job that wakes the deliveries of a channel: their own jobs sleep until its stop would have been over.
type Call struct {
	Channel string `json:"channel"`
	At      int64  `json:"at"`
}

// Kind is the job's name.
func (Call) Kind() string { return "deliveries_called" }

// callAtOnce is how many jobs one transaction enqueues.
const callAtOnce = 500

// call enqueues a job for each delivery of a channel that is due, beside the one that sleeps.
func (s *Service) call(ctx context.Context, c Call) error {
	which := func(q *ent.DeliveryQuery) {
		q.Where(delivery.StatusIn(waiting...), delivery.ChannelEQ(delivery.Channel(c.Channel)), delivery.DueAtLTE(s.Now()))
	}
	_, err := s.enqueueAll(ctx, which, func(d *Due) { d.Call = c.At })
	return err
}

// enqueueAll enqueues the jobs of deliveries, some in a transaction, and tells how many.
func (s *Service) enqueueAll(ctx context.Context, which func(*ent.DeliveryQuery), as func(*Due)) (sum int, err error) {
	var after gid.ID
	for {
		q := s.DB.Delivery.Query().Where(delivery.IDGT(after)).Order(ent.Asc(delivery.FieldID)).Limit(callAtOnce)
		which(q)
		rows, err := q.Select(delivery.FieldID, delivery.FieldChannel, delivery.FieldRound).All(ctx)
		if err != nil || len(rows) == 0 {
			return sum, err
		}
		due := make([]jobs.Job, len(rows))
		for i, row := range rows {
			d := Due{Channel: row.Channel.String(), Delivery: row.ID, Round: row.Round}
			as(&d)
			due[i] = jobs.Job{Args: d}
		}
		if err := db.WithTx(ctx, s.DB, func(tx *db.Tx) error { return jobs.Enqueue(ctx, tx, due...) }); err != nil {
			return sum, err
		}
		sum, after = sum+len(rows), rows[len(rows)-1].ID
	}
}

// Unsuppress lets an address get messages again; administrators only. NotFound on id where there is no such suppression, or not any more.
func (s *Service) Unsuppress(ctx context.Context, id gid.ID) error {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return err
	}
	ctx = auth.AsSystem(ctx, "suppressions")
	return db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		row, err := tx.Suppression.Query().Where(suppression.ID(id)).Only(ctx)
		if err == nil {
			err = tx.Suppression.DeleteOne(row).Exec(ctx)
		}
		switch {
		case ent.IsNotFound(err):
			return fault.New(fault.NotFound, "id", "There is no such suppression.")
		case err != nil:
			return fmt.Errorf("let an address get messages again: %w", err)
		}
		return audit.Record(ctx, tx, s.Now(), audit.Act{Action: audit.SuppressionRemoved, Object: audit.On(gid.Suppression, id), Details: map[string]string{"channel": row.Channel.String()}})
	})
}
