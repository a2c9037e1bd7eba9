package audit

import (
	"context"
	"crypto/hmac"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/auditcheckpoint"
	"channelbook/internal/db"
)

// latestCheckpoint is where the chain begins; nil where nothing has been dropped yet.
func latestCheckpoint(ctx context.Context, tx *db.Tx) (*ent.AuditCheckpoint, error) {
	row, err := tx.AuditCheckpoint.Query().
		Order(ent.Desc(auditcheckpoint.FieldPlace), ent.Desc(auditcheckpoint.FieldID)).First(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the checkpoints of the audit: %w", err)
	}
	return row, nil
}

// sound tells whether a checkpoint is ours.
func (l *Log) sound(c *ent.AuditCheckpoint) bool {
	return l.Keys.Matches(checkpointPurpose, covered(c.Place, c.Hash, c.Dropped, c.At), c.MAC)
}

// addCheckpoint lets go of what stands at the head of a chain or before it.
func (l *Log) addCheckpoint(ctx context.Context, tx *db.Tx, to Head, dropped int64) error {
	at := l.Now()
	err := tx.AuditCheckpoint.Create().SetPlace(to.Count).SetHash(to.Hash).SetDropped(dropped).SetAt(at).
		SetMAC(l.Keys.Index(checkpointPurpose, covered(to.Count, to.Hash, dropped, at))).Exec(ctx)
	if err != nil {
		return fmt.Errorf("write a checkpoint: %w", err)
	}
	return nil
}

// renewCheckpoint writes the latest checkpoint once more where it stands under an earlier key: none is ever changed.
func (l *Log) renewCheckpoint(ctx context.Context, tx *db.Tx) error {
	c, err := latestCheckpoint(ctx, tx)
	switch {
	case c == nil || err != nil:
		return err
	case !l.sound(c):
		return ErrBroken
	case hmac.Equal(c.MAC, l.Keys.Index(checkpointPurpose, covered(c.Place, c.Hash, c.Dropped, c.At))):
		return nil
	}
	return l.addCheckpoint(ctx, tx, Head{c.Place, c.Hash}, 0)
}
