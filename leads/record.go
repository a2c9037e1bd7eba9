package leads

import (
	"context"
	"fmt"

	"channelbook/ent"
	"channelbook/internal/db"
)

// record gathers what a transaction says about what it did, to write each kind in one statement.
type record struct {
	events   []*ent.LeadEventCreate
	attempts []*ent.IntakeAttemptCreate
	consents []*ent.ConsentCreate
}

func (r *record) write(ctx context.Context, tx *db.Tx) error {
	if len(r.events) > 0 {
		if err := tx.LeadEvent.CreateBulk(r.events...).Exec(ctx); err != nil {
			return fmt.Errorf("write the timeline: %w", err)
		}
	}
	if len(r.attempts) > 0 {
		if err := tx.IntakeAttempt.CreateBulk(r.attempts...).Exec(ctx); err != nil {
			return fmt.Errorf("write the intake log: %w", err)
		}
	}
	if len(r.consents) > 0 {
		if err := tx.Consent.CreateBulk(r.consents...).Exec(ctx); err != nil {
			return fmt.Errorf("record consents: %w", err)
		}
	}
	return nil
}
