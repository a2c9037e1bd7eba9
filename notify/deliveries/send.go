package deliveries

import (
	"context"
	"errors"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/delivery"
	"channelbook/ent/predicate"
	"channelbook/internal/db"
	"channelbook/internal/jobs"
	"channelbook/notify/channel"
)

// brokenOff is the code of an attempt that began and never was recorded.
const brokenOff = "BROKEN_OFF"

// waiting are the statuses of what is still to be sent.
var waiting = []delivery.Status{delivery.StatusSCHEDULED, delivery.StatusQUEUED}

// send sends a delivery that is due. It may run several times for one delivery, at once too: the claim lets one call the provider. What
// is not to be sent yet comes again later, without having been an attempt.
func (s *Service) send(ctx context.Context, d Due) error {
	row, err := s.DB.Delivery.Get(ctx, d.Delivery)
	switch {
	case ent.IsNotFound(err):
		return nil
	case err != nil:
		return fmt.Errorf("read a delivery: %w", err)
	case row.Round != d.Round:
		return nil
	case row.Status == delivery.StatusSENDING:
		return s.brokenOff(ctx, row)
	case row.Status != delivery.StatusSCHEDULED && row.Status != delivery.StatusQUEUED:
		return nil
	}
	if wait := row.DueAt.Sub(s.Now()); wait > 0 {
		return jobs.Later(wait)
	}
	a, err := s.prepare(ctx, row)
	var e *ending
	switch {
	case errors.As(err, &e):
		return s.end(ctx, row, e)
	case err != nil:
		return err
	}
	if err := s.begin(ctx, a); err != nil {
		if errors.Is(err, errTaken) {
			return nil
		}
		return err
	}
	receipt, err := s.Senders[row.Channel.String()].Send(ctx, a.message)
	return s.record(ctx, a, receipt, s.failure(ctx, err))
}

// failure is what a sender's error says. One that has no class may have happened after the provider took the message.
func (s *Service) failure(ctx context.Context, err error) *channel.Failure {
	var f *channel.Failure
	switch {
	case err == nil:
		return nil
	case errors.As(err, &f):
		return f
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return &channel.Failure{Class: channel.Unclear, Code: "INTERRUPTED"}
	}
	s.Log.ErrorContext(ctx, "a sender failed without a class", "error", err)
	return &channel.Failure{Class: channel.Unclear, Code: "UNEXPECTED"}
}

// brokenOff takes up a delivery whose attempt began and never was recorded: by a process that was killed, or that could not reach the
// base any more. Nobody knows whether it went. An attempt that may still run is waited for.
func (s *Service) brokenOff(ctx context.Context, row *ent.Delivery) error {
	if row.BegunAt != nil {
		if rest := row.BegunAt.Add(s.timeout()).Sub(s.Now()); rest > 0 {
			return jobs.Later(rest)
		}
	}
	return s.record(ctx, &attempt{row: row, number: row.Attempts, lost: true}, channel.Receipt{}, &channel.Failure{Class: channel.Unclear, Code: brokenOff})
}

// unsent leaves a delivery cancelled whose job an administrator has cancelled. One whose attempt was broken off is left to a person, as it
// may have gone; one whose attempt runs stays as it is.
func (s *Service) unsent(ctx context.Context, tx *db.Tx, d Due) error {
	of := []predicate.Delivery{delivery.ID(d.Delivery), delivery.Round(d.Round)}
	n, err := tx.Delivery.Update().Where(of...).Where(delivery.StatusIn(waiting...)).
		SetStatus(delivery.StatusCANCELLED).SetEndedAt(s.Now()).Save(ctx)
	if err != nil {
		return fmt.Errorf("cancel a delivery: %w", err)
	}
	lost, err := tx.Delivery.Update().Where(of...).Where(delivery.StatusEQ(delivery.StatusSENDING), delivery.BegunAtLTE(s.Now().Add(-s.timeout()))).
		SetStatus(delivery.StatusUNKNOWN).SetErrorCode(brokenOff).AddUnclear(1).Save(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("leave a delivery to a person: %w", err)
	case n > 0:
		s.Metrics.Came(d.Channel, "cancelled")
	case lost > 0:
		s.Metrics.Came(d.Channel, "unknown")
	}
	return nil
}
