package deliveries

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/delivery"
	"channelbook/ent/deliveryreport"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/jobs"
	"channelbook/notify/channel"
)

// Report takes in what a provider tells of deliveries, each status once and none after a further one: in whatever order and however
// often reports come, a delivery ends as the furthest of them says. What is of no delivery of the channel is passed over. After an error
// all of them may be told again.
func (s *Service) Report(ctx context.Context, reports ...channel.Report) error {
	ctx = auth.AsSystem(ctx, "reports of deliveries")
	var all []error
	for _, r := range reports {
		came := ""
		err := db.WithTx(ctx, s.DB, func(tx *db.Tx) (err error) {
			came, err = s.report(ctx, tx, r)
			return err
		})
		switch {
		case err != nil:
			all = append(all, fmt.Errorf("take in a report: %w", err))
		case came != "":
			s.Metrics.Came(r.Channel, came)
		}
	}
	return errors.Join(all...)
}

// report takes in one, and tells what metrics call what it has made of the delivery; empty where that is nothing.
func (s *Service) report(ctx context.Context, tx *db.Tx, r channel.Report) (came string, err error) {
	row, err := reported(ctx, tx, r)
	if err != nil || row == nil {
		return "", err
	}
	if fresh, err := s.keep(ctx, tx, row, r); err != nil || !fresh {
		return "", err
	}
	to, err := s.advanced(ctx, tx, row, r)
	if err != nil {
		return "", err
	}
	change := tx.Delivery.UpdateOne(row)
	stamp(change, row, r)
	if to != row.Status {
		s.advance(change, to, r)
		came = outcomes[to]
	}
	if err := change.Exec(ctx); err != nil {
		return "", err
	}
	return came, s.follow(ctx, tx, row, to, r)
}

// reported is the delivery that a report is of, which nobody else changes before the end of the transaction; nil where there is none.
func reported(ctx context.Context, tx *db.Tx, r channel.Report) (*ent.Delivery, error) {
	q := tx.Delivery.Query().Where(delivery.ChannelEQ(delivery.Channel(r.Channel)))
	switch {
	case !slices.Contains(channel.Outside, r.Channel):
		return nil, nil
	case !r.Delivery.IsZero():
		q.Where(delivery.ID(r.Delivery))
	case r.ID != "":
		q.Where(delivery.ProviderID(r.ID))
	default:
		return nil, nil
	}
	if tx.Dialect() == dialect.Postgres { // transactions of SQLite that write take turns anyway
		q.Unique(false).Modify(func(s *entsql.Selector) { s.For(entsql.LockUpdate) })
	}
	row, err := q.First(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	return row, err
}

// keep writes a report down, and tells whether it is a new one. That an address gets nothing more may come with a status that was told
// before.
func (s *Service) keep(ctx context.Context, tx *db.Tx, row *ent.Delivery, r channel.Report) (fresh bool, err error) {
	status := string(r.Status)
	create := tx.DeliveryReport.Create().SetDeliveryID(row.ID).SetProviderID(r.ID).SetAt(r.At).SetCameAt(s.Now())
	if r.Failure != nil {
		create.SetCode(r.Failure.Code)
		if r.Failure.Class == channel.Unwanted {
			status += unwanted
		}
	}
	err = create.SetStatus(status).
		OnConflict(entsql.ConflictColumns(deliveryreport.FieldDeliveryID, deliveryreport.FieldProviderID, deliveryreport.FieldStatus), entsql.DoNothing()).Exec(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// unwanted follows the status of a report that came with the wish to get nothing more.
const unwanted = " UNWANTED"

// The statuses from which a report moves a delivery on. What nobody has sent, such as one that was skipped, no report is of.
var (
	mayBeSent = []delivery.Status{delivery.StatusQUEUED, delivery.StatusSENDING, delivery.StatusUNKNOWN, delivery.StatusDEAD, delivery.StatusCANCELLED}
	mayFail   = append(slices.Clone(mayBeSent), delivery.StatusSENT)
	mayArrive = append(slices.Clone(mayFail), delivery.StatusFAILED)
	mayBeRead = append(slices.Clone(mayArrive), delivery.StatusDELIVERED)
)

// advanced is where a delivery stands after a report.
func (s *Service) advanced(ctx context.Context, tx *db.Tx, row *ent.Delivery, r channel.Report) (delivery.Status, error) {
	tried := row.Status != delivery.StatusQUEUED || row.Attempts > 0
	switch {
	case r.Status == channel.Read && slices.Contains(mayBeRead, row.Status):
		return delivery.StatusREAD, nil
	case r.Status == channel.Delivered && slices.Contains(mayArrive, row.Status):
		return delivery.StatusDELIVERED, nil
	case r.Status == channel.Sent && slices.Contains(mayBeSent, row.Status):
		// Of a message that failed it is told late: another one is to be sent, or a person is to look.
		failed, err := tx.DeliveryReport.Query().Where(deliveryreport.DeliveryID(row.ID), deliveryreport.ProviderID(r.ID),
			deliveryreport.StatusIn(string(channel.Failed), string(channel.Failed)+unwanted)).Exist(ctx)
		if err != nil || failed {
			return row.Status, err
		}
		return delivery.StatusSENT, nil
	case r.Status == channel.Failed && slices.Contains(mayFail, row.Status) && tried && isOfLast(row, r):
		return s.failedAs(row, r), nil
	}
	return row.Status, nil
}

// isOfLast tells whether a report may be of the message that was sent last: of the one before it means nothing that it failed.
func isOfLast(row *ent.Delivery, r channel.Report) bool {
	return row.ProviderID == "" || r.ID == "" || row.ProviderID == r.ID
}

// failedAs is what becomes of a delivery that the provider has taken and could not bring. Where it would have been tried again, had the
// provider said so at once, it is.
func (s *Service) failedAs(row *ent.Delivery, r channel.Report) delivery.Status {
	if row.Status == delivery.StatusDEAD { // another channel has taken over, and a person is to look
		return delivery.StatusDEAD
	}
	if r.Failure == nil || r.Failure.Class == channel.Unclear || row.Status == delivery.StatusCANCELLED {
		return delivery.StatusFAILED
	}
	return s.outcomeOf(row, row.Attempts, r.Failure).status
}

// stamp keeps the times that a report tells, and the provider's id where it is not known.
func stamp(change *ent.DeliveryUpdateOne, row *ent.Delivery, r channel.Report) {
	if row.ProviderID == "" && r.ID != "" {
		change.SetProviderID(r.ID)
	}
	set := func(before *time.Time, set func(time.Time) *ent.DeliveryUpdateOne) {
		if before == nil {
			set(r.At)
		}
	}
	switch r.Status {
	case channel.Sent:
		set(row.SentAt, change.SetSentAt)
	case channel.Delivered:
		set(row.DeliveredAt, change.SetDeliveredAt)
	case channel.Read:
		set(row.ReadAt, change.SetReadAt)
	case channel.Failed:
	}
}

// advance moves a delivery on.
func (s *Service) advance(change *ent.DeliveryUpdateOne, to delivery.Status, r channel.Report) {
	change.SetStatus(to)
	if r.Status != channel.Failed {
		change.ClearEndedAt().ClearErrorCode().ClearError()
		return
	}
	if f := r.Failure; f != nil {
		change.SetErrorCode(f.Code).SetError(f.Text)
	}
	if to == delivery.StatusQUEUED {
		change.SetDueAt(s.Now().Add(firstWait)).ClearEndedAt()
		return
	}
	change.SetEndedAt(r.At)
}

// follow does what else a report asks for.
func (s *Service) follow(ctx context.Context, tx *db.Tx, row *ent.Delivery, to delivery.Status, r channel.Report) error {
	f, moved := r.Failure, to != row.Status
	if f != nil && f.Class == channel.Unwanted {
		if err := s.suppress(ctx, tx, row, f.Code); err != nil {
			return err
		}
	}
	switch {
	case moved && to == delivery.StatusQUEUED:
		// The job of the attempt may not have ended yet, and would keep an equal one out.
		again := Due{Channel: r.Channel, Delivery: row.ID, Round: row.Round, Call: s.Now().UnixMicro()}
		if err := jobs.Enqueue(ctx, tx, jobs.Job{Args: again, At: s.Now().Add(firstWait)}); err != nil {
			return err
		}
	case moved && (to == delivery.StatusFAILED || to == delivery.StatusDEAD) && !isOver(row.Status):
		if f == nil || s.outcomeOf(row, row.Attempts, f).next {
			if err := s.next(ctx, tx, row.ID); err != nil {
				return err
			}
		}
	}
	return s.observeReport(ctx, tx, row, f)
}

// isOver tells what has been given up before: what follows from that has followed.
func isOver(status delivery.Status) bool {
	return status == delivery.StatusDEAD || status == delivery.StatusCANCELLED || status == delivery.StatusFAILED
}

// observeReport stops the channel, or has recipient or template wait, where a report says so. A template is known by what the message
// would be made of now, so it is left to the next attempt to find out.
func (s *Service) observeReport(ctx context.Context, tx *db.Tx, row *ent.Delivery, f *channel.Failure) error {
	if f == nil {
		return nil
	}
	switch f.Class {
	case channel.Held, channel.Refused:
		_, err := s.stop(ctx, tx, row.Channel, f, false)
		return err
	case channel.Crowded:
		address, err := s.addressOf(ctx, tx, row)
		if err != nil || address == "" {
			return err
		}
		_, err = s.slow(ctx, tx, row.Channel, s.subjectOf(address), f)
		return err
	default:
		return nil
	}
}
