package deliveries

import (
	"context"
	"fmt"
	"time"

	"channelbook/ent"
	"channelbook/ent/delivery"
	"channelbook/ent/deliveryitem"
	"channelbook/ent/deliveryreport"
	"channelbook/ent/pace"
	"channelbook/internal/auth"
	"channelbook/internal/db"
)

const (
	// dropBatch is how many deliveries one transaction deletes.
	dropBatch = 100
	// paceRetention is how long it is kept that somebody had to wait, so that the next wait is longer.
	paceRetention = 24 * time.Hour
	// overdue is how late a delivery is that has lost its job.
	overdue = time.Hour
)

// unfinished are the statuses of what still has a job.
var unfinished = append([]delivery.Status{delivery.StatusSENDING}, waiting...)

// Drop deletes the deliveries from before an instant, with what was reported of them, and tells how many there were; what still waits
// to be sent stays. It takes away the paces that are past besides. It may be broken off, and run on several instances at once.
func (s *Service) Drop(ctx context.Context, before time.Time) (dropped int, err error) {
	ctx = auth.AsSystem(ctx, "retention of deliveries")
	if _, err := s.DB.Pace.Delete().Where(pace.NotBeforeLT(s.Now().Add(-paceRetention))).Exec(ctx); err != nil {
		return 0, fmt.Errorf("drop paces that are past: %w", err)
	}
	for {
		n := 0
		err := db.WithTx(ctx, s.DB, func(tx *db.Tx) (err error) {
			n, err = dropSome(ctx, tx, before)
			return err
		})
		if err != nil {
			return dropped, fmt.Errorf("drop deliveries past their term: %w", err)
		}
		if dropped += n; n < dropBatch {
			return dropped, nil
		}
	}
}

func dropSome(ctx context.Context, tx *db.Tx, before time.Time) (int, error) {
	ids, err := tx.Delivery.Query().Where(delivery.CreatedAtLT(before), delivery.StatusNotIn(unfinished...)).
		Order(ent.Asc(delivery.FieldCreatedAt)).Limit(dropBatch).IDs(ctx)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	if _, err := tx.DeliveryItem.Delete().Where(deliveryitem.DeliveryIDIn(ids...)).Exec(ctx); err != nil {
		return 0, err
	}
	if _, err := tx.DeliveryReport.Delete().Where(deliveryreport.DeliveryIDIn(ids...)).Exec(ctx); err != nil {
		return 0, err
	}
	return len(ids), ignore(tx.Delivery.Delete().Where(delivery.IDIn(ids...)).Exec(ctx))
}

func ignore(_ int, err error) error { return err }

// Overdue gives deliveries a job again that should have been sent an hour ago, and tells how many there are: one that has its job still
// gets no second one.
func (s *Service) Overdue(ctx context.Context) (int, error) {
	ctx = auth.AsSystem(ctx, "overdue deliveries")
	n, err := s.enqueueAll(ctx, func(q *ent.DeliveryQuery) {
		q.Where(delivery.StatusIn(unfinished...), delivery.DueAtLT(s.Now().Add(-overdue)))
	}, func(*Due) {})
	if err != nil {
		return n, fmt.Errorf("enqueue overdue deliveries: %w", err)
	}
	return n, nil
}
