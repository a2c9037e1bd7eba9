package audit

import (
	"bytes"
	"context"
	"errors"
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

// Kind is how a chain can be broken.
type Kind string

// The kinds of breaks.
const (
	RecordChanged    Kind = "RECORD_CHANGED"
	RecordMissing    Kind = "RECORD_MISSING"
	RecordsReordered Kind = "RECORDS_REORDERED"
	LinkMissing      Kind = "LINK_MISSING"
	LinkBroken       Kind = "LINK_BROKEN"       // its hash does not follow from the link before
	TailCut          Kind = "TAIL_CUT"          // the chain ends before its head, or before the head that the log knows
	HeadForged       Kind = "HEAD_FORGED"       // or under a key that is not known
	CheckpointForged Kind = "CHECKPOINT_FORGED" // or under a key that is not known
	Rewritten        Kind = "REWRITTEN"         // it is sound, and another chain than the log knows
)

// Break is the first place where a chain does not hold.
type Break struct {
	Place    int64
	Kind     Kind
	RecordID gid.ID // zero where no record is to blame
	Message  string
}

// Verdict is what Verify found.
type Verdict struct {
	Begins        int64 // the place after which the chain begins; 0 where nothing has been dropped
	Checked       int64 // links that hold, with their records
	Head          Head
	Break         *Break     // nil: all of it holds
	Unsealed      int        // records without a place yet
	UnsealedSince *time.Time // when the first of these was made; nil where there are none
}

// OK tells whether the chain holds. Records without a place do not break it: they get one within a second.
func (v Verdict) OK() bool { return v.Break == nil }

// Verify walks the chain, from the latest checkpoint to its head, as it stands at one moment, and names the first place
// where it breaks. Where known is given, a head out of the log, the chain must have passed through it.
func (l *Log) Verify(ctx context.Context, known *Head) (Verdict, error) {
	var v *verifier
	ctx = auth.AsSystem(ctx, "audit")
	err := db.Snapshot(ctx, l.DB, func(tx *db.Tx) error {
		v = &verifier{Log: l, tx: tx, known: known}
		return v.run(ctx)
	})
	if err != nil {
		return Verdict{}, fmt.Errorf("verify the audit: %w", err)
	}
	return v.Verdict, nil
}

// VerifyFor is Verify for an administrator who asks. It is recorded.
func (l *Log) VerifyFor(ctx context.Context) (Verdict, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return Verdict{}, err
	}
	v, err := l.Verify(ctx, nil)
	if err != nil {
		return Verdict{}, err
	}
	act := Act{Action: AuditVerified, Details: map[string]string{"checked": strconv.FormatInt(v.Checked, 10)}}
	if v.Break != nil {
		act.Outcome, act.Reason = Failed, string(v.Break.Kind)
		act.Details["place"] = strconv.FormatInt(v.Break.Place, 10)
	}
	return v, l.Saw(ctx, act)
}

// verifier is one walk along the chain.
type verifier struct {
	*Log
	Verdict
	tx    *db.Tx
	known *Head
	end   Head // of what has been walked
}

func (v *verifier) run(ctx context.Context) error {
	if err := v.countUnsealed(ctx); err != nil {
		return err
	}
	head, err := v.tx.AuditHead.Get(ctx, headID)
	if ent.IsNotFound(err) {
		v.broken(0, HeadForged, gid.ID{}, "The head of the chain is not there.")
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the head: %w", err)
	}
	v.Head = Head{head.Count, head.Hash}
	start, err := latestCheckpoint(ctx, v.tx)
	if err != nil {
		return err
	}
	if start != nil {
		v.Begins, v.end = start.Place, Head{start.Place, start.Hash}
		if !v.sound(start) {
			v.broken(start.Place, CheckpointForged, gid.ID{}, "The checkpoint that the chain begins at is not ours, or stands under a key that is not known.")
			return nil
		}
	}
	v.passes()
	if v.Break != nil {
		return nil
	}
	if err := walk(ctx, v.tx, v.end.Count, func(s step) (bool, error) { return v.step(ctx, s) }); err != nil || v.Break != nil {
		return err
	}
	return v.checkEnd(ctx, head)
}

func (v *verifier) countUnsealed(ctx context.Context) (err error) {
	if v.Unsealed, err = unsealed(v.tx.AuditRecord.Query(), gid.ID{}).Count(ctx); err != nil || v.Unsealed == 0 {
		return err
	}
	first, err := unsealed(v.tx.AuditRecord.Query(), gid.ID{}).Order(ent.Asc(auditrecord.FieldID)).First(ctx)
	if err != nil {
		return err
	}
	v.UnsealedSince = &first.At
	return nil
}

// step holds one link against the one before and against its record.
func (v *verifier) step(ctx context.Context, s step) (on bool, err error) {
	place := v.end.Count + 1
	if s.link.ID != place {
		v.broken(place, LinkMissing, gid.ID{}, fmt.Sprintf("There is no link at place %d; the next one stands at %d.", place, s.link.ID))
		return false, nil
	}
	sum := s.link.RecordHash
	if s.record != nil {
		sum = recordHash(s.record)
	}
	follows := bytes.Equal(linkHash(v.end.Hash, place, s.link.RecordHash), s.link.Hash)
	switch {
	case s.record == nil && follows:
		v.broken(place, RecordMissing, s.link.RecordID, fmt.Sprintf("The record at place %d is not there.", place))
	case !follows || !bytes.Equal(sum, s.link.RecordHash):
		return false, v.diagnose(ctx, place, s, sum, follows)
	default:
		v.end = Head{place, s.link.Hash}
		v.Checked++
		v.passes()
	}
	return v.Break == nil, nil
}

// diagnose tells a record that was changed from one that another took the place of.
func (v *verifier) diagnose(ctx context.Context, place int64, s step, sum []byte, follows bool) error {
	moved, err := v.tx.AuditLink.Query().Where(auditlink.RecordHash(sum), auditlink.IDNEQ(place)).Exist(ctx)
	if err != nil {
		return err
	}
	if !follows && !moved { // whose place is it? That of a link which stands elsewhere now
		moved, err = v.belongsElsewhere(ctx, place, s.link)
		if err != nil {
			return err
		}
	}
	switch {
	case moved:
		v.broken(place, RecordsReordered, s.link.RecordID, fmt.Sprintf("Another record stands at place %d than the one that was put there.", place))
	case follows:
		v.broken(place, RecordChanged, s.link.RecordID, fmt.Sprintf("The record at place %d is not as it was written.", place))
	default:
		v.broken(place, LinkBroken, s.link.RecordID, fmt.Sprintf("The link at place %d does not follow from the one before it.", place))
	}
	return nil
}

// near is how far the right link of a place is looked for.
const near = walkBatch

// belongsElsewhere finds, a little further on, the link that follows from the one before this place.
func (v *verifier) belongsElsewhere(ctx context.Context, place int64, here *ent.AuditLink) (bool, error) {
	others, err := v.tx.AuditLink.Query().Where(auditlink.IDGT(place)).Order(ent.Asc(auditlink.FieldID)).Limit(near).All(ctx)
	if err != nil {
		return false, err
	}
	for _, other := range others {
		right := linkHash(v.end.Hash, place, other.RecordHash)
		if bytes.Equal(right, here.Hash) || bytes.Equal(right, other.Hash) {
			return true, nil
		}
	}
	return false, nil
}

// passes holds the chain, where it has come to the place of the known head, against that.
func (v *verifier) passes() {
	if v.known != nil && v.known.Count == v.end.Count && v.known.String() != v.end.String() {
		v.broken(v.end.Count, Rewritten, gid.ID{}, fmt.Sprintf("The chain has another hash at place %d than the head that was given.", v.end.Count))
	}
}

// checkEnd holds the end of the links against the head, and against the head that the log knows.
func (v *verifier) checkEnd(ctx context.Context, head *ent.AuditHead) error {
	born := v.Head.Count == 0 && len(head.MAC) == 0
	if born {
		if err := mayBeNew(ctx, v.tx); err != nil && !errors.Is(err, ErrBroken) {
			return err
		} else if err != nil {
			born = false
		}
	}
	ours := v.Keys.Matches(headPurpose, v.Head.String(), head.MAC)
	switch {
	case !ours && !born:
		v.broken(v.Head.Count, HeadForged, gid.ID{}, "The head of the chain is not ours, or stands under a key that is not known.")
	case v.end.Count < v.Head.Count:
		v.broken(v.end.Count+1, TailCut, gid.ID{}, fmt.Sprintf("The chain ends at place %d; its head says %d.", v.end.Count, v.Head.Count))
	case v.end.String() != v.Head.String():
		v.broken(v.end.Count, HeadForged, gid.ID{}, fmt.Sprintf("The chain ends at place %d and not as its head says.", v.end.Count))
	case v.known != nil && v.known.Count > v.end.Count:
		v.broken(v.end.Count+1, TailCut, gid.ID{}, fmt.Sprintf("The chain ends at place %d; the head that was given says %d.", v.end.Count, v.known.Count))
	}
	return nil
}

func (v *verifier) broken(place int64, kind Kind, record gid.ID, message string) {
	v.Break = &Break{Place: place, Kind: kind, RecordID: record, Message: message}
}
