package leads

import (
	"context"
	"fmt"
	"time"

	"channelbook/ent/intakeattempt"
	"channelbook/internal/auth"
)

// DropRawBodies takes the raw bodies out of the intake log's lines from before an instant, and tells how many there
// were. It may be run again at any time, by several instances at once.
func (s *Service) DropRawBodies(ctx context.Context, olderThan time.Time) (int, error) {
	ctx = auth.AsSystem(ctx, "raw body retention")
	n, err := s.DB.IntakeAttempt.Update().
		Where(intakeattempt.ReceivedAtLT(olderThan), intakeattempt.RawBodySealedNotNil()).
		ClearRawBodySealed().Save(ctx)
	if err != nil {
		return 0, fmt.Errorf("drop raw bodies: %w", err)
	}
	return n, nil
}
