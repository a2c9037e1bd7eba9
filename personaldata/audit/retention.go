package audit

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"channelbook/ent"
	"channelbook/ent/auditlink"
	"channelbook/ent/auditrecord"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/gid"
)

// dropBatch is how many records one transaction deletes.
const dropBatch = 500

// DropPast deletes the records from before an instant, up to the first in the chain that is younger, and tells how many
// there were. A checkpoint says where the chain begins from then on. What is deleted is verified first: where it does not
// hold nothing is, with ErrBroken. It may run again at any time, on several instances at once, and finishes what was broken
// off.
func (l *Log) DropPast(ctx context.Context, before time.Time) (dropped int, err error) {
	ctx = auth.AsSystem(ctx, "audit retention")
	if err := l.setCheckpoint(ctx, before); err != nil {
		return 0, fmt.Errorf("drop records past their term: %w", err)
	}
	for {
		n := 0
		err := db.WithTx(ctx, l.DB, func(tx *db.Tx) (err error) {
			n, err = dropSome(ctx, tx)
			return err
		})
		dropped += n
		if err != nil || n < dropBatch {
			return dropped, err
		}
	}
}

// setCheckpoint goes along the chain as far as all is past its term, and puts a checkpoint there.
func (l *Log) setCheckpoint(ctx context.Context, before time.Time) error {
	var last Head
	var n int64
	err := db.Snapshot(ctx, l.DB, func(tx *db.Tx) (err error) {
		last, n, err = l.past(ctx, tx, before)
		return err
	})
	if err != nil || n == 0 {
		return err
	}
	return db.WithTx(ctx, l.DB, func(tx *db.Tx) error {
		if start, err := latestCheckpoint(ctx, tx); err != nil || start != nil && start.Place >= last.Count {
			return err // another instance was faster
		}
		if err := l.addCheckpoint(ctx, tx, last, n); err != nil {
			return err
		}
		return Record(ctx, tx, l.Now(), Act{Action: AuditDropped, Details: map[string]string{
			"place": strconv.FormatInt(last.Count, 10), "records": strconv.FormatInt(n, 10),
		}})
	})
}

// past is the last place of what may be dropped, and how many records that are.
func (l *Log) past(ctx context.Context, tx *db.Tx, before time.Time) (last Head, n int64, err error) {
	v := &verifier{Log: l, tx: tx}
	start, err := latestCheckpoint(ctx, tx)
	if err != nil {
		return Head{}, 0, err
	}
	if start != nil {
		if !l.sound(start) {
			return Head{}, 0, ErrBroken
		}
		v.end = Head{start.Place, start.Hash}
	}
	err = walk(ctx, tx, v.end.Count, func(s step) (bool, error) {
		if s.record != nil && !s.record.At.Before(before) {
			return false, nil
		}
		return v.step(ctx, s)
	})
	if err == nil && v.Break != nil {
		err = fmt.Errorf("%w: %s", ErrBroken, v.Break.Message)
	}
	return v.end, v.Checked, err
}

// dropSome deletes some of what stands at the latest checkpoint or before it: first the records, which the triggers let go
// by their links.
func dropSome(ctx context.Context, tx *db.Tx) (int, error) {
	start, err := latestCheckpoint(ctx, tx)
	if start == nil || err != nil {
		return 0, err
	}
	links, err := tx.AuditLink.Query().Where(auditlink.IDLTE(start.Place)).Order(ent.Asc(auditlink.FieldID)).Limit(dropBatch).All(ctx)
	if err != nil || len(links) == 0 {
		return 0, err
	}
	places, ids := make([]int64, len(links)), make([]gid.ID, len(links))
	for i, link := range links {
		places[i], ids[i] = link.ID, link.RecordID
	}
	if _, err := tx.AuditRecord.Delete().Where(auditrecord.IDIn(ids...)).Exec(ctx); err != nil {
		return 0, fmt.Errorf("delete records: %w", err)
	}
	if _, err := tx.AuditLink.Delete().Where(auditlink.IDIn(places...)).Exec(ctx); err != nil {
		return 0, fmt.Errorf("delete links: %w", err)
	}
	return len(links), nil
}
