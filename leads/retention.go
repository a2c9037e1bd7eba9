package leads

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"channelbook/ent/intakeattempt"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/personaldata/audit"
)

// DropRawBodies takes the raw bodies out of the intake log's lines from before an instant, and tells how many there
// were. It may be run again at any time, by several instances at once.
func (s *Service) DropRawBodies(ctx context.Context, olderThan time.Time) (int, error) {
	ctx = auth.AsSystem(ctx, "raw body retention")
	n := 0
	err := db.WithTx(ctx, s.DB, func(tx *db.Tx) (err error) {
		n, err = tx.IntakeAttempt.Update().
			Where(intakeattempt.ReceivedAtLT(olderThan), intakeattempt.RawBodySealedNotNil()).
			ClearRawBodySealed().Save(ctx)
		if err != nil || n == 0 {
			return err
		}
		return audit.Record(ctx, tx, s.Now(), audit.Act{Action: audit.RawBodiesDropped, Details: map[string]string{"lines": strconv.Itoa(n)}})
	})
	if err != nil {
		return 0, fmt.Errorf("drop raw bodies: %w", err)
	}
	return n, nil
}
