package audit

import (
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"sync"
	"time"

	"entgo.io/ent/dialect"

	"channelbook/ent"
	"channelbook/ent/audithead"
	"channelbook/ent/auditlink"
	"channelbook/ent/auditrecord"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/gid"
)

const (
	sealEvery   = 500 * time.Millisecond
	sealBatch   = 2000 // links in a transaction
	standsEvery = 24 * time.Hour
	// lastPass is how long the sealer may go on for after its end, to leave nothing unsealed behind.
	lastPass = 2 * time.Second
)

// ErrBroken says that the chain does not end where its head says, so that nothing is added to it: a forger's end would
// become ours. Verify tells where it breaks.
var ErrBroken = errors.New("the audit chain is broken or its head stands under a key that is not known")

// looks say how often records without a place are looked for, and how far back: by their ids, which tell when they were made.
// Most commit at once; a transaction may commit long after.
var looks = []struct{ every, back time.Duration }{
	{time.Hour, 0}, // 0: at everything
	{10 * time.Minute, 15 * time.Minute},
	{5 * time.Second, 20 * time.Second},
	{0, 2 * time.Second},
}

// sealing is where the sealer of this process stands.
type sealing struct {
	mu     sync.Mutex // one pass at a time
	looked [4]time.Time
	stands time.Time
	failed bool
}

// since is the id from which the pass of a time looks on. The first one looks at everything.
func (s *sealing) since(now time.Time) gid.ID {
	for i, look := range looks {
		if now.Sub(s.looked[i]) < look.every {
			continue
		}
		for j := i; j < len(looks); j++ { // who looks far looks near as well
			s.looked[j] = now
		}
		if look.back == 0 {
			return gid.ID{}
		}
		return madeAt(now.Add(-look.back))
	}
	return gid.ID{}
}

// Run gives records their places in the chain, twice a second, until ctx ends. Any number of instances may run it: one at
// a time adds to the chain.
func (l *Log) Run(ctx context.Context) {
	ctx = auth.AsSystem(ctx, "audit")
	tick := time.NewTicker(sealEvery)
	defer tick.Stop()
	for {
		l.pass(ctx, time.Now())
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastPass)
			defer cancel()
			l.pass(last, time.Now())
			return
		case <-tick.C:
		}
	}
}

// pass seals what has been committed, and tells once a day where the chain stands. It goes by the clock of the machine, as
// ids do.
func (l *Log) pass(ctx context.Context, now time.Time) {
	s := &l.sealing
	since, err := s.since(now), error(nil)
	if l.Sealed != nil {
		defer func() {
			if err == nil || ctx.Err() == nil { // one that the server's stop broke off has not failed
				l.Sealed(now, err)
			}
		}()
	}
	if since.IsZero() {
		err = l.renew(ctx)
	}
	if err == nil {
		_, err = l.sealSince(ctx, since)
	}
	if err == nil && now.Sub(s.stands) >= standsEvery {
		if err = l.tell(ctx); err == nil {
			s.stands = now
		}
	}
	switch {
	case err != nil && ctx.Err() == nil && !s.failed:
		s.failed = true
		l.Log.ErrorContext(ctx, "the audit cannot be sealed; it is tried again", "error", err)
	case err == nil && s.failed:
		s.failed = false
		l.Log.InfoContext(ctx, "the audit is sealed again")
	}
	if err != nil {
		s.looked[0] = time.Time{} // nothing may be left behind
	}
}

// tell puts count and hash of the chain into the server's log, which is kept elsewhere: a chain that gets shorter is seen.
func (l *Log) tell(ctx context.Context) error {
	head, err := l.DB.AuditHead.Get(ctx, headID)
	if err != nil {
		return fmt.Errorf("read the head of the audit: %w", err)
	}
	l.Log.InfoContext(ctx, "audit chain stands at", "head", Head{head.Count, head.Hash}.String())
	return nil
}

// Seal gives every committed record that has no place yet its place in the chain, and tells how many there were.
func (l *Log) Seal(ctx context.Context) (int, error) {
	return l.sealSince(auth.AsSystem(ctx, "audit"), gid.ID{})
}

func (l *Log) sealSince(ctx context.Context, since gid.ID) (sealed int, err error) {
	l.sealing.mu.Lock()
	defer l.sealing.mu.Unlock()
	for {
		// No writer waits while this is looked for.
		ids, err := unsealed(l.DB.AuditRecord.Query(), since).Order(ent.Asc(auditrecord.FieldID)).Limit(sealBatch).IDs(ctx)
		if err != nil || len(ids) == 0 {
			return sealed, err
		}
		n := 0
		err = db.WithTx(ctx, l.DB, func(tx *db.Tx) (err error) {
			n, err = l.link(ctx, tx, ids)
			return err
		})
		sealed += n
		if err != nil || n == 0 || len(ids) < sealBatch { // 0: another instance is at it
			return sealed, err
		}
		since = ids[len(ids)-1]
	}
}

// headID is the id of the one row of audit_heads.
const headID = 1

var linkColumns = []string{auditlink.FieldID, auditlink.FieldRecordID, auditlink.FieldRecordHash, auditlink.FieldHash}

// link adds those of a batch of records that still have no place to the chain. Transactions that do so take turns, and the
// places are unique besides.
func (l *Log) link(ctx context.Context, tx *db.Tx, ids []gid.ID) (int, error) {
	if mine, err := takeChain(ctx, tx); err != nil || !mine {
		return 0, err
	}
	head, err := l.soundHead(ctx, tx)
	if err != nil {
		return 0, err
	}
	records, err := unsealed(tx.AuditRecord.Query().Where(auditrecord.IDIn(ids...)), ids[0]).Order(ent.Asc(auditrecord.FieldID)).All(ctx)
	if err != nil || len(records) == 0 {
		return 0, err
	}
	links := db.Rows{Table: auditlink.Table, Columns: linkColumns, Values: make([][]any, len(records))}
	for i, r := range records {
		sum := recordHash(r)
		head = Head{head.Count + 1, linkHash(head.Hash, head.Count+1, sum)}
		links.Values[i] = []any{head.Count, r.ID, sum, head.Hash}
	}
	if err := tx.Insert(ctx, links); err != nil {
		return 0, fmt.Errorf("add to the chain: %w", err)
	}
	return len(records), l.setHead(ctx, tx, head)
}

// soundHead is the head, if it is ours and the chain ends there.
func (l *Log) soundHead(ctx context.Context, tx *db.Tx) (Head, error) {
	row, err := tx.AuditHead.Get(ctx, headID)
	if err != nil {
		return Head{}, fmt.Errorf("read the head of the audit: %w", err)
	}
	head := Head{row.Count, row.Hash}
	if head.Count == 0 && len(row.MAC) == 0 {
		return head, mayBeNew(ctx, tx)
	}
	if !l.Keys.Matches(headPurpose, head.String(), row.MAC) {
		return Head{}, ErrBroken
	}
	end, err := endOf(ctx, tx)
	if err == nil && end.String() != head.String() {
		err = ErrBroken
	}
	return head, err
}

// Begin puts the head of a new base under our key, before anybody is served: from then on one without it is a forger's.
func (l *Log) Begin(ctx context.Context) error {
	if err := l.renew(auth.AsSystem(ctx, "audit")); err != nil && !errors.Is(err, ErrBroken) { // that is for Run to tell
		return fmt.Errorf("begin the audit: %w", err)
	}
	return nil
}

// mayBeNew tells whether a head that nobody has sealed yet can be that of a new base: before Begin only the shell's commands
// have left records, and none of them has a place.
func mayBeNew(ctx context.Context, tx *db.Tx) error {
	linked, err := tx.AuditLink.Query().Exist(ctx)
	if err != nil {
		return fmt.Errorf("look at the audit of a new base: %w", err)
	}
	dropped, err := tx.AuditCheckpoint.Query().Exist(ctx)
	if err != nil {
		return fmt.Errorf("look at the audit of a new base: %w", err)
	}
	served, err := tx.AuditRecord.Query().Where(auditrecord.ActorKindNEQ(auditrecord.ActorKindSYSTEM)).Exist(ctx)
	if err != nil {
		return fmt.Errorf("look at the audit of a new base: %w", err)
	}
	if linked || dropped || served {
		return ErrBroken
	}
	return nil
}

// endOf is where the links end; where all have been dropped, it is the checkpoint that says so.
func endOf(ctx context.Context, tx *db.Tx) (Head, error) {
	last, err := tx.AuditLink.Query().Order(ent.Desc("place")).First(ctx)
	if err == nil {
		return Head{last.ID, last.Hash}, nil
	}
	if !ent.IsNotFound(err) {
		return Head{}, fmt.Errorf("read the end of the chain: %w", err)
	}
	start, err := latestCheckpoint(ctx, tx)
	if start == nil || err != nil {
		return Head{}, err
	}
	return Head{start.Place, start.Hash}, nil
}

func (l *Log) setHead(ctx context.Context, tx *db.Tx, head Head) error {
	err := tx.AuditHead.Update().Where(audithead.ID(headID)).SetCount(head.Count).SetHash(notNil(head.Hash)).
		SetMAC(l.Keys.Index(headPurpose, head.String())).Exec(ctx)
	if err != nil {
		return fmt.Errorf("move the head of the audit: %w", err)
	}
	return nil
}

func notNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// renew puts head and checkpoint under the current key where they stand under an earlier one, so that that may go.
func (l *Log) renew(ctx context.Context) error {
	return db.WithTx(ctx, l.DB, func(tx *db.Tx) error {
		if mine, err := takeChain(ctx, tx); err != nil || !mine {
			return err
		}
		head, err := l.soundHead(ctx, tx)
		if err != nil {
			return err
		}
		row, err := tx.AuditHead.Get(ctx, headID)
		if err != nil {
			return err
		}
		if !hmac.Equal(row.MAC, l.Keys.Index(headPurpose, head.String())) {
			if err := l.setHead(ctx, tx, head); err != nil {
				return err
			}
		}
		return l.renewCheckpoint(ctx, tx)
	})
}

// chainLock is PostgreSQL's advisory lock of those who add to the chain.
const chainLock = 4_920_110_152_021

// takeChain lets one transaction at a time add to the chain; the others learn that they need not. On SQLite they take turns
// anyway.
func takeChain(ctx context.Context, tx *db.Tx) (mine bool, err error) {
	if tx.Dialect() == dialect.SQLite {
		return true, nil
	}
	rows, err := tx.QueryContext(ctx, fmt.Sprintf("SELECT pg_try_advisory_xact_lock(%d)", chainLock))
	if err != nil {
		return false, fmt.Errorf("take the chain of the audit: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&mine); err != nil {
			return false, err
		}
	}
	return mine, rows.Err()
}
