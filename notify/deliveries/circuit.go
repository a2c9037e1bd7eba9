package deliveries

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/channelstate"
	"channelbook/ent/delivery"
	"channelbook/internal/db"
	"channelbook/internal/jobs"
	"channelbook/notify"
	"channelbook/notify/channel"
)

// When a channel stops, and for how long.
const (
	// failuresToStop are those in a row, of all messages and instances, after which the provider is left alone.
	failuresToStop = 5
	firstStop      = 30 * time.Second
	longestStop    = 15 * time.Minute
	heldStop       = time.Hour
	longestHeld    = 24 * time.Hour
	refusedStop    = 15 * time.Minute
	longestRefused = 6 * time.Hour
)

// stopFor is how long the stop lasts that is the so manieth in a row.
func stopFor(c channel.Class, stops int) time.Duration {
	switch c {
	case channel.Held:
		return doubled(heldStop, stops-1, longestHeld)
	case channel.Refused:
		return doubled(refusedStop, stops-1, longestRefused)
	default:
		return doubled(firstStop, stops-1, longestStop)
	}
}

// needRunning has a delivery wait whose channel is stopped: jobs.Later. It looks, and takes nothing.
func (s *Service) needRunning(ctx context.Context, by string) error {
	row, err := s.DB.ChannelState.Query().Where(channelstate.ChannelEQ(channelstate.Channel(by)), channelstate.StateEQ(channelstate.StateSTOPPED)).Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return nil
	case err != nil:
		return fmt.Errorf("read whether a channel is stopped: %w", err)
	}
	return s.stopped(row)
}

// stopped is jobs.Later until a stopped channel is tried again; nil where that is now.
func (s *Service) stopped(row *ent.ChannelState) error {
	if row.RetryAt == nil || !row.RetryAt.After(s.Now()) {
		return nil
	}
	return jobs.Later(jitter(row.RetryAt.Sub(s.Now())))
}

// pass lets an attempt through whose channel runs, and one alone that tries whether a stopped one works again: the probe. As long as
// that one may take the others wait.
func (s *Service) pass(ctx context.Context, tx *db.Tx, by delivery.Channel) (probe bool, err error) {
	row, err := tx.ChannelState.Query().Where(channelstate.ChannelEQ(channelstate.Channel(by))).Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("read whether a channel is stopped: %w", err)
	case row.State == channelstate.StateRUNNING:
		return false, nil
	}
	if err := s.stopped(row); err != nil {
		return false, err
	}
	n, err := tx.ChannelState.Update().Where(channelstate.ID(row.ID), channelstate.StateEQ(channelstate.StateSTOPPED),
		channelstate.Or(channelstate.RetryAtIsNil(), channelstate.RetryAtLTE(s.Now()))).SetRetryAt(s.Now().Add(s.timeout())).Save(ctx)
	switch {
	case err != nil:
		return false, fmt.Errorf("try a stopped channel: %w", err)
	case n == 0:
		return false, jobs.Later(jitter(time.Second))
	}
	return true, nil
}

// observe tells the circuit what the provider has answered, and from when on the channel is tried again; the zero time where it runs.
// Whoever answers about one message, its recipient or its template works. An answer that did not come counts as one that failed: each
// such message ends with a person otherwise.
func (s *Service) observe(ctx context.Context, tx *db.Tx, a *attempt, f *channel.Failure) (time.Time, error) {
	switch {
	case a.lost:
		return time.Time{}, nil
	case f == nil:
		return time.Time{}, s.works(ctx, tx, a)
	}
	switch f.Class {
	case channel.Held, channel.Refused:
		return s.stop(ctx, tx, a.row.Channel, f, a.probe)
	case channel.Passing, channel.Unclear:
		if a.probe {
			return s.stop(ctx, tx, a.row.Channel, f, true)
		}
		return s.failed(ctx, tx, a.row.Channel, f)
	default:
		return time.Time{}, s.works(ctx, tx, a)
	}
}

// works closes the circuit after its probe, and forgets failures in a row. What had begun before a stop closes nothing.
func (s *Service) works(ctx context.Context, tx *db.Tx, a *attempt) error {
	which := channelstate.ChannelEQ(channelstate.Channel(a.row.Channel))
	if !a.probe {
		_, err := tx.ChannelState.Update().Where(which, channelstate.StateEQ(channelstate.StateRUNNING), channelstate.FailuresGT(0)).SetFailures(0).Save(ctx)
		return err
	}
	row, err := tx.ChannelState.Query().Where(which).Only(ctx)
	if err != nil {
		return fmt.Errorf("read the state of a channel: %w", err)
	}
	n, err := tx.ChannelState.Update().Where(channelstate.ID(row.ID), channelstate.StateEQ(channelstate.StateSTOPPED), channelstate.Stops(row.Stops)).
		SetState(channelstate.StateRUNNING).SetFailures(0).SetStops(0).SetSince(s.Now()).ClearCode().ClearRetryAt().Save(ctx)
	if err != nil || n == 0 {
		return err
	}
	return s.tell(ctx, tx, notify.ChannelResumed(row.Channel.String()))
}

// failed counts a failure, and stops the channel at the last of those in a row.
func (s *Service) failed(ctx context.Context, tx *db.Tx, by delivery.Channel, f *channel.Failure) (time.Time, error) {
	if err := s.known(ctx, tx, by); err != nil {
		return time.Time{}, err
	}
	which := channelstate.ChannelEQ(channelstate.Channel(by))
	if _, err := tx.ChannelState.Update().Where(which, channelstate.StateEQ(channelstate.StateRUNNING)).AddFailures(1).Save(ctx); err != nil {
		return time.Time{}, fmt.Errorf("count a failure of a channel: %w", err)
	}
	row, err := tx.ChannelState.Query().Where(which).Only(ctx)
	switch {
	case err != nil:
		return time.Time{}, fmt.Errorf("read the state of a channel: %w", err)
	case row.State == channelstate.StateSTOPPED && row.RetryAt != nil:
		return *row.RetryAt, nil
	case row.Failures < failuresToStop:
		return time.Time{}, nil
	}
	return s.stop(ctx, tx, by, f, false)
}

// known writes the state of a channel that has none yet: it runs.
func (s *Service) known(ctx context.Context, tx *db.Tx, by delivery.Channel) error {
	err := tx.ChannelState.Create().SetChannel(channelstate.Channel(by)).SetState(channelstate.StateRUNNING).SetSince(s.Now()).
		OnConflict(entsql.ConflictColumns(channelstate.FieldChannel), entsql.DoNothing()).Exec(ctx)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("keep the state of a channel: %w", err)
	}
	return nil
}

// stop stops a channel, or keeps it stopped for longer after its probe, and tells when it is tried again. Administrators are told once
// until it works again, in the same transaction. An attempt that had begun before the stop changes nothing.
func (s *Service) stop(ctx context.Context, tx *db.Tx, by delivery.Channel, f *channel.Failure, probe bool) (time.Time, error) {
	if err := s.known(ctx, tx, by); err != nil {
		return time.Time{}, err
	}
	row, err := tx.ChannelState.Query().Where(channelstate.ChannelEQ(channelstate.Channel(by))).Only(ctx)
	if err != nil {
		return time.Time{}, fmt.Errorf("read the state of a channel: %w", err)
	}
	if row.State == channelstate.StateSTOPPED && !probe {
		return orZero(row.RetryAt), nil
	}
	stops := row.Stops + 1
	again := s.Now().Add(max(f.After, stopFor(f.Class, stops)))
	change := tx.ChannelState.Update().Where(channelstate.ID(row.ID), channelstate.StateEQ(row.State), channelstate.Stops(row.Stops)).
		SetState(channelstate.StateSTOPPED).SetStops(stops).SetCode(f.Code).SetRetryAt(again)
	if row.State == channelstate.StateRUNNING {
		change.SetSince(s.Now())
	}
	n, err := change.Save(ctx)
	switch {
	case err != nil:
		return time.Time{}, fmt.Errorf("stop a channel: %w", err)
	case n == 0 || row.Stops > 0: // another has stopped it, or people know
		return again, nil
	}
	return again, s.tell(ctx, tx, notify.ChannelStopped(by.String(), f.Code, again.In(s.TimeZone)))
}

func (s *Service) tell(ctx context.Context, tx *db.Tx, e notify.Event) error {
	return notify.Tell(ctx, tx, s.Now(), notify.Notice{Event: e, To: notify.To{Admins: true}})
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
