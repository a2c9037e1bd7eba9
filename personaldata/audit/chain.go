package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"strconv"
	"strings"
	"time"

	"channelbook/ent"
	"channelbook/internal/gid"
)

// What is hashed begins with what it is, so that one kind never passes for another.
const (
	recordDomain = "channelbook audit record 1\n"
	linkDomain   = "channelbook audit link 1\n"
)

// The purposes of keyed hashes.
const (
	headPurpose       = "audit head"
	checkpointPurpose = "audit checkpoint"
)

// recordHash covers every column of a record, each with its length, so that nothing can move from one to the next.
func recordHash(r *ent.AuditRecord) []byte {
	h := sha256.New()
	h.Write([]byte(recordDomain))
	put := func(b []byte) { putColumn(h, b) }
	text := func(s *string) {
		if s == nil {
			putNull(h)
			return
		}
		put([]byte(*s))
	}
	id := func(id *gid.ID) {
		if id == nil {
			putNull(h)
			return
		}
		put(id[:])
	}
	put(r.ID[:])
	put(binary.BigEndian.AppendUint64(nil, uint64(r.At.UnixMicro())))
	put([]byte(r.ActorKind))
	id(r.ActorID)
	text(r.ActorRole)
	text(r.Task)
	put([]byte(r.Action))
	put([]byte(r.Outcome))
	text(r.ObjectType)
	id(r.ObjectID)
	text(r.Reason)
	text(r.Details)
	text(r.RemoteAddr)
	text(r.UserAgent)
	text(r.RequestID)
	return h.Sum(nil)
}

func putColumn(h hash.Hash, b []byte) {
	h.Write([]byte{1})
	h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(b)))) // #nosec G115 -- a column is far shorter than 4 GiB
	h.Write(b)
}

func putNull(h hash.Hash) { h.Write([]byte{0}) }

// linkHash binds a record to its place and to all before it. Before the first link there is nothing.
func linkHash(before []byte, place int64, record []byte) []byte {
	h := sha256.New()
	h.Write([]byte(linkDomain))
	putColumn(h, before)
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(place))) // #nosec G115 -- places count up from 1
	h.Write(record)
	return h.Sum(nil)
}

// Head says how long a chain is and where it ends: what the log shows each day.
type Head struct {
	Count int64
	Hash  []byte // empty before the first link
}

// String is COUNT:HASH, the hash in hex.
func (h Head) String() string { return fmt.Sprintf("%d:%x", h.Count, h.Hash) }

// ParseHead reads what String wrote.
func ParseHead(s string) (Head, error) {
	count, digits, found := strings.Cut(s, ":")
	n, err := strconv.ParseInt(count, 10, 64)
	sum, hexErr := hex.DecodeString(digits)
	if !found || err != nil || n < 0 || hexErr != nil || len(sum) != sha256.Size && n > 0 {
		return Head{}, fmt.Errorf("%q is not COUNT:HASH, as the log has it", s)
	}
	return Head{n, sum}, nil
}

// covered is what a checkpoint's keyed hash covers.
func covered(place int64, hash []byte, dropped int64, at time.Time) string {
	return fmt.Sprintf("%d:%x:%d:%d", place, hash, dropped, at.UnixMicro())
}
