package leads

import (
	"context"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/leadsource"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// StopSource refuses what a source submits from now on; its leads stay. Administrators only. Of two at once one wins,
// and the other gets a fault of kind Conflict, ALREADY_STOPPED.
func (s *Service) StopSource(ctx context.Context, id gid.ID) (*ent.LeadSource, error) {
	return s.changeSource(ctx, id, leadsource.StatusSTOPPED,
		fault.Coded(fault.Conflict, "ALREADY_STOPPED", "id", "This lead source is stopped already."))
}

// ResumeSource lets a stopped source submit leads again, under its old key. Administrators only. One that does so
// already is a fault of kind Conflict, ALREADY_ACTIVE.
func (s *Service) ResumeSource(ctx context.Context, id gid.ID) (*ent.LeadSource, error) {
	return s.changeSource(ctx, id, leadsource.StatusACTIVE,
		fault.Coded(fault.Conflict, "ALREADY_ACTIVE", "id", "This lead source is active already."))
}

// changeSource moves a source to a status by an update that only one of several at once can do; the others, and
// whoever comes when it stands there, get already.
func (s *Service) changeSource(ctx context.Context, id gid.ID, to leadsource.Status, already error) (row *ent.LeadSource, err error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	err = db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		n, err := tx.LeadSource.Update().Where(leadsource.ID(id), leadsource.StatusNEQ(to)).
			SetStatus(to).SetUpdatedAt(s.Now()).Save(ctx)
		if err != nil {
			return fmt.Errorf("change the status of a lead source: %w", err)
		}
		if row, err = findSource(ctx, tx, id); err != nil {
			return err
		}
		if n == 0 {
			return already
		}
		action := audit.SourceResumed
		if to == leadsource.StatusSTOPPED {
			action = audit.SourceStopped
		}
		return s.recordSource(ctx, tx, id, action, nil)
	})
	if err != nil {
		return nil, err
	}
	return row.Unwrap(), nil
}
