package deliveries

import (
	"context"
	"fmt"
	"time"

	"channelbook/ent"
	"channelbook/ent/delivery"
	"channelbook/ent/predicate"
	"channelbook/internal/db"
	"channelbook/internal/jobs"
	"channelbook/notify/channel"
)

// How an outcome is recorded: also where the job's time is over, and again where the base does not answer. If it cannot be, nobody will
// know whether the message went.
const (
	recordWithin = 10 * time.Second
	recordTries  = 3
)

// record writes down what an attempt came to, with all that follows from it. jobs.Later where the delivery is tried again.
func (s *Service) record(ctx context.Context, a *attempt, receipt channel.Receipt, f *channel.Failure) (err error) {
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordWithin)
	defer cancel()
	var o outcome
	for range recordTries {
		err = db.WithTx(within, s.DB, func(tx *db.Tx) (err error) {
			o, err = s.settle(within, tx, a, receipt, f)
			return err
		})
		if err == nil {
			break
		}
	}
	switch {
	case err != nil:
		return fmt.Errorf("record what became of a delivery: %w", err)
	case o.status == "":
		return nil
	}
	s.Metrics.Came(a.row.Channel.String(), outcomes[o.status])
	if o.status == delivery.StatusQUEUED {
		return jobs.Later(max(o.wait, time.Second))
	}
	return nil
}

// settle moves the delivery on, where it still is what the attempt has left: a report, or a person, may have been there before. It
// tells the outcome, with how long the job waits; none where it was not moved.
func (s *Service) settle(ctx context.Context, tx *db.Tx, a *attempt, receipt channel.Receipt, f *channel.Failure) (outcome, error) {
	o := s.outcomeOf(a.row, a.number, f)
	if err := s.waits(ctx, tx, a, f, &o); err != nil {
		return outcome{}, err
	}
	n, err := s.move(tx, a, receipt, f, o).Save(ctx)
	if err != nil {
		return outcome{}, err
	}
	if n == 0 {
		return outcome{}, s.receipted(ctx, tx, a, receipt, f)
	}
	if o.suppress {
		if err := s.suppress(ctx, tx, a.row, f.Code); err != nil {
			return outcome{}, err
		}
	}
	if o.next {
		err = s.next(ctx, tx, a.row.ID)
	}
	return o, err
}

// move is the change of the delivery.
func (s *Service) move(tx *db.Tx, a *attempt, receipt channel.Receipt, f *channel.Failure, o outcome) *ent.DeliveryUpdate {
	now := s.Now()
	u := tx.Delivery.Update().Where(delivery.ID(a.row.ID), delivery.StatusEQ(delivery.StatusSENDING), delivery.Round(a.row.Round), delivery.Attempts(a.number)).
		SetStatus(o.status)
	switch {
	case f == nil:
		return u.SetSentAt(now).SetProviderID(receipt.ID).SetTransactionID(receipt.Transaction).ClearErrorCode().ClearError().ClearEndedAt()
	case f.Class == channel.Unclear:
		u.AddUnclear(1)
	}
	u.SetErrorCode(f.Code).SetError(f.Text)
	if o.status == delivery.StatusQUEUED {
		if waitsItself(f.Class) {
			u.SetDueAt(now.Add(o.wait))
		}
		return u
	}
	if o.status == delivery.StatusUNKNOWN {
		return u
	}
	return u.SetEndedAt(now)
}

// waitsItself tells the failures after which the delivery has a time of its own. After the others it waits for its channel or its
// template, and goes as soon as these run again.
func waitsItself(c channel.Class) bool {
	return c == channel.Passing || c == channel.Crowded || c == channel.Unclear
}

// receipted keeps the provider's ids of a message whose report was here before its answer. Where the attempt was taken for one that was
// broken off, as its answer took so long to be written down, the delivery was sent after all: it is not repeated.
func (s *Service) receipted(ctx context.Context, tx *db.Tx, a *attempt, receipt channel.Receipt, f *channel.Failure) error {
	if f != nil {
		return nil
	}
	of := []predicate.Delivery{delivery.ID(a.row.ID), delivery.Round(a.row.Round), delivery.Attempts(a.number)}
	if receipt.ID != "" {
		if err := tx.Delivery.Update().Where(of...).SetProviderID(receipt.ID).SetTransactionID(receipt.Transaction).Exec(ctx); err != nil {
			return err
		}
	}
	return tx.Delivery.Update().Where(of...).Where(delivery.StatusIn(delivery.StatusQUEUED, delivery.StatusUNKNOWN), delivery.ErrorCode(brokenOff)).
		SetStatus(delivery.StatusSENT).SetSentAt(s.Now()).AddUnclear(-1).ClearErrorCode().ClearError().ClearEndedAt().Exec(ctx)
}

// waits tells channel, recipient and template what the provider has answered, and the outcome how long that has it wait.
func (s *Service) waits(ctx context.Context, tx *db.Tx, a *attempt, f *channel.Failure, o *outcome) error {
	until, err := s.observe(ctx, tx, a, f)
	if err != nil {
		return err
	}
	subject := ""
	switch {
	case f == nil:
		return s.easy(ctx, tx, a)
	case o.slow:
		subject = s.subjectOf(a.message.To)
	case o.hold:
		subject = templateSubject(a.message.Template)
	}
	if subject != "" {
		held, err := s.slow(ctx, tx, a.row.Channel, subject, f)
		if err != nil {
			return err
		}
		if held.After(until) {
			until = held
		}
	}
	if wait := until.Sub(s.Now()); wait > o.wait {
		o.wait = wait
		if !waitsItself(f.Class) {
			o.wait = jitter(wait)
		}
	}
	return nil
}
