package leads

import (
	"context"
	"fmt"

	"channelbook/ent"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// RemoveFromBlacklist lets leads in again that an entry kept out; administrators only. An entry that is not there, or
// not any more, is a fault of kind NotFound.
func (s *Service) RemoveFromBlacklist(ctx context.Context, id gid.ID) error {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return err
	}
	err := db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		row, err := tx.BlacklistEntry.Get(ctx, id)
		if err != nil {
			return err
		}
		if err := tx.BlacklistEntry.DeleteOneID(id).Exec(ctx); err != nil {
			return err
		}
		return s.recordEntry(ctx, tx, row, audit.Unblacklisted)
	})
	switch {
	case ent.IsNotFound(err):
		return fault.New(fault.NotFound, "id", "There is no such entry.")
	case err != nil:
		return fmt.Errorf("remove from the blacklist: %w", err)
	}
	return nil
}
