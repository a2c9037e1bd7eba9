package audit

import (
	"context"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/auditlink"
	"channelbook/ent/auditrecord"
	"channelbook/internal/db"
	"channelbook/internal/gid"
)

// walkBatch is how many links are held at once.
const walkBatch = 1000

// step is a link of the chain with its record; nil where that is missing.
type step struct {
	link   *ent.AuditLink
	record *ent.AuditRecord
}

// walk goes along the chain from behind a place, and ends where visit does not go on.
func walk(ctx context.Context, tx *db.Tx, after int64, visit func(s step) (on bool, err error)) error {
	for {
		steps, err := stepsAfter(ctx, tx, after)
		if err != nil {
			return err
		}
		for _, s := range steps {
			if on, err := visit(s); err != nil || !on {
				return err
			}
		}
		if len(steps) < walkBatch {
			return nil
		}
		after = steps[len(steps)-1].link.ID
	}
}

func stepsAfter(ctx context.Context, tx *db.Tx, after int64) ([]step, error) {
	links, err := tx.AuditLink.Query().Where(auditlink.IDGT(after)).Order(ent.Asc(auditlink.FieldID)).Limit(walkBatch).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the chain: %w", err)
	}
	ids := make([]gid.ID, len(links))
	for i, link := range links {
		ids[i] = link.RecordID
	}
	records, err := tx.AuditRecord.Query().Where(auditrecord.IDIn(ids...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the audit: %w", err)
	}
	byID := make(map[gid.ID]*ent.AuditRecord, len(records))
	for _, r := range records {
		byID[r.ID] = r
	}
	steps := make([]step, len(links))
	for i, link := range links {
		steps[i] = step{link, byID[link.RecordID]}
	}
	return steps, nil
}
