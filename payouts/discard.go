package payouts

import (
	"context"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/payoutstatement"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// Discard takes a draft away, by an administrator: its lines are free for another statement. Faults: NotFound on id;
// STATEMENT_STATUS where it is a draft no more.
func (s *Service) Discard(ctx context.Context, id gid.ID) error {
	_, err := s.onStatement(ctx, id, audit.StatementDiscarded, func(tx *db.Tx, row *ent.PayoutStatement) error {
		if err := needStatus(row, payoutstatement.StatusDRAFT); err != nil {
			return err
		}
		if err := dropLines(ctx, tx, id); err != nil {
			return err
		}
		if err := tx.PayoutStatement.DeleteOneID(id).Exec(ctx); err != nil {
			return fmt.Errorf("discard a draft: %w", err)
		}
		return nil
	})
	return err
}
