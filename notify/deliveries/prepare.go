package deliveries

import (
	"context"
	"errors"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/delivery"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/internal/jobs"
	"channelbook/notify/channel"
	"channelbook/notify/preferences"
	"channelbook/notify/templates"
	"channelbook/personaldata/processors"
)

// attempt is a delivery on its way to the provider.
type attempt struct {
	row     *ent.Delivery
	message channel.Message
	read    []gid.ID // notices that the recipient has read meanwhile, and that are taken off the delivery
	number  int      // of the round, once it has begun
	probe   bool     // it tries whether a channel that was stopped works again
	lost    bool     // nobody was there when it ended
}

// ending is why a delivery is not sent: what becomes of it, and whether the recipient's next channel takes over.
type ending struct {
	status delivery.Status
	code   string
	text   string
	next   bool
}

// Error is the code.
func (e *ending) Error() string { return e.code }

// prepare makes the message of a delivery that is due, as things stand now. The error is an *ending where it is not sent any more, and
// jobs.Later where it waits.
func (s *Service) prepare(ctx context.Context, row *ent.Delivery) (*attempt, error) {
	if err := s.needChannel(ctx, row); err != nil {
		return nil, err
	}
	address, letter, err := s.recipient(ctx, row)
	if err != nil {
		return nil, err
	}
	if err := s.needWanted(ctx, row, address); err != nil {
		return nil, err
	}
	if err := s.needRunning(ctx, row.Channel.String()); err != nil {
		return nil, err
	}
	if err := s.gathered(ctx, row); err != nil {
		return nil, err
	}
	a := &attempt{row: row}
	if row.Purpose == delivery.PurposeNOTICE {
		if letter.Notices, a.read, err = s.notices(ctx, row); err != nil {
			return nil, err
		}
	}
	if a.message, err = s.compose(ctx, letter); err != nil {
		return nil, err
	}
	a.message.Delivery, a.message.To = row.ID, address
	return a, nil
}

// needChannel ends a delivery whose channel is not set up any more, or is switched off in the register of processors: no call is made.
func (s *Service) needChannel(ctx context.Context, row *ent.Delivery) error {
	if s.Senders[row.Channel.String()] == nil {
		return &ending{status: delivery.StatusSKIPPED, code: "CHANNEL_NOT_SET_UP", next: true}
	}
	register, err := processors.Read(ctx, s.DB.Channel)
	if err != nil {
		return err
	}
	if !register[row.Channel.String()].Enabled {
		return &ending{status: delivery.StatusSKIPPED, code: "CHANNEL_OFF", next: true}
	}
	return nil
}

// needWanted ends a delivery to an address that takes none, and has one wait that comes into quiet hours.
func (s *Service) needWanted(ctx context.Context, row *ent.Delivery, address string) error {
	suppressed, err := s.suppressed(ctx, row.Channel, address)
	switch {
	case err != nil:
		return err
	case suppressed:
		return &ending{status: delivery.StatusSUPPRESSED, code: "SUPPRESSED", next: true}
	case row.Purpose != delivery.PurposeNOTICE:
		return nil
	}
	all, err := s.Wishes.Read(ctx, s.DB.Client, *row.UserID)
	if err != nil {
		return fmt.Errorf("read how a person wants to be told: %w", err)
	}
	wishes := all[*row.UserID]
	if row.Kind != nil && wishes.Modes[row.Kind.String()][row.Channel.String()] == preferences.Never {
		return &ending{status: delivery.StatusSKIPPED, code: "NOT_WANTED", next: true}
	}
	until, quiet := wishes.QuietUntil(s.Now())
	if !quiet {
		return nil
	}
	_, err = s.DB.Delivery.Update().Where(delivery.ID(row.ID), delivery.Round(row.Round), delivery.StatusIn(waiting...)).SetDueAt(until).Save(ctx)
	if err != nil {
		return fmt.Errorf("put a delivery off to the end of quiet hours: %w", err)
	}
	return jobs.Later(until.Sub(s.Now()))
}

// gathered has a delivery take no further notices along: from here on what it tells is settled.
func (s *Service) gathered(ctx context.Context, row *ent.Delivery) error {
	if row.Status != delivery.StatusSCHEDULED {
		return nil
	}
	_, err := s.DB.Delivery.Update().Where(delivery.ID(row.ID), delivery.Round(row.Round), delivery.StatusEQ(delivery.StatusSCHEDULED)).
		SetStatus(delivery.StatusQUEUED).Save(ctx)
	if err != nil {
		return fmt.Errorf("close a delivery: %w", err)
	}
	return nil
}

func (s *Service) compose(ctx context.Context, l templates.Letter) (channel.Message, error) {
	m, err := s.Templates.Compose(ctx, l)
	var f *channel.Failure
	switch {
	case errors.As(err, &f) && f.Class == channel.Unreachable: // the channel has nothing for this, which is nobody's mistake
		return m, &ending{status: delivery.StatusFAILED, code: f.Code, text: f.Text, next: true}
	case errors.As(err, &f):
		return m, &ending{status: delivery.StatusDEAD, code: f.Code, text: f.Text, next: true}
	case err != nil:
		return m, fmt.Errorf("make a message: %w", err)
	}
	return m, nil
}

// end records that a delivery is not sent.
func (s *Service) end(ctx context.Context, row *ent.Delivery, e *ending) error {
	ended := 0
	err := db.WithTx(ctx, s.DB, func(tx *db.Tx) (err error) {
		change := tx.Delivery.Update().Where(delivery.ID(row.ID), delivery.Round(row.Round), delivery.StatusIn(waiting...)).
			SetStatus(e.status).SetEndedAt(s.Now()).SetErrorCode(e.code).SetError(e.text)
		if ended, err = change.Save(ctx); err != nil || ended == 0 || !e.next {
			return err
		}
		return s.next(ctx, tx, row.ID)
	})
	if err != nil {
		return fmt.Errorf("end a delivery: %w", err)
	}
	if ended > 0 {
		s.Metrics.Came(row.Channel.String(), outcomes[e.status])
	}
	return nil
}

// next has the recipient's next channel take over what was of notices.
func (s *Service) next(ctx context.Context, tx *db.Tx, id gid.ID) error {
	row, err := tx.Delivery.Get(ctx, id)
	if err != nil || row.Purpose != delivery.PurposeNOTICE {
		return err
	}
	return s.planNext(ctx, tx, row)
}

// outcomes are what metrics call the statuses.
var outcomes = map[delivery.Status]string{
	delivery.StatusSENT: "sent", delivery.StatusQUEUED: "again", delivery.StatusFAILED: "failed", delivery.StatusDEAD: "dead",
	delivery.StatusUNKNOWN: "unknown", delivery.StatusSUPPRESSED: "suppressed", delivery.StatusSKIPPED: "skipped", delivery.StatusCANCELLED: "cancelled",
	delivery.StatusDELIVERED: "delivered", delivery.StatusREAD: "read",
}
