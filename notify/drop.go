package notify

import (
	"context"
	"fmt"
	"time"

	"channelbook/ent"
	"channelbook/ent/notice"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/gid"
)

// dropBatch is how many notices one transaction deletes. One to everybody takes a notification for each person with it.
const dropBatch = 100

// Drop deletes the notices from before an instant, with their notifications, up to the first in the line that is younger, and
// tells how many notices there were. What waits for its place stays. It may be broken off, and run on several instances at once.
func (s *Service) Drop(ctx context.Context, before time.Time) (dropped int, err error) {
	ctx = auth.AsSystem(ctx, "retention of notices")
	for {
		n := 0
		err := db.WithTx(ctx, s.DB, func(tx *db.Tx) (err error) {
			n, err = dropSome(ctx, tx, before)
			return err
		})
		if err != nil {
			return dropped, fmt.Errorf("drop notices past their term: %w", err)
		}
		if dropped += n; n < dropBatch {
			return dropped, nil
		}
	}
}

// dropSome deletes some from the beginning of the line, and by places rather than by ids or times: the index of places finds
// them however many are to stay, and what is left of a feed has no gap. So whoever comes back with a notification that is
// gone has missed all that the feed still holds.
func dropSome(ctx context.Context, tx *db.Tx, before time.Time) (int, error) {
	first, err := tx.Notice.Query().Where(notice.PlaceGT(0)).Order(ent.Asc(notice.FieldPlace)).Limit(dropBatch).
		Select(notice.FieldID, notice.FieldAt).All(ctx)
	if err != nil {
		return 0, err
	}
	var past []gid.ID
	for _, n := range first {
		if !n.At.Before(before) {
			break
		}
		past = append(past, n.ID)
	}
	if len(past) == 0 {
		return 0, nil
	}
	_, err = tx.Notice.Delete().Where(notice.IDIn(past...)).Exec(ctx)
	return len(past), err
}
