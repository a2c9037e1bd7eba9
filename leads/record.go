package leads

import (
	"context"
	"fmt"
	"time"

	"channelbook/ent"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// record gathers what a transaction says about what it did, to write each kind in one statement.
type record struct {
	at       time.Time
	events   []*ent.LeadEventCreate
	attempts []*ent.IntakeAttemptCreate
	consents []*ent.ConsentCreate
	acts     []audit.Act
}

// did adds an act to the audit of the lead.
func (r *record) did(action audit.Action, lead gid.ID, details map[string]string) {
	r.acts = append(r.acts, audit.Act{Action: action, Object: audit.On(gid.Lead, lead), Details: details})
}

// wentTo are the details of a lead that went to a distributor; none where it went to nobody.
func wentTo(to *gid.ID) map[string]string {
	if to == nil {
		return nil
	}
	return map[string]string{"distributor": gid.Distributor.Format(*to)}
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
	return audit.Record(ctx, tx, r.at, r.acts...)
}
