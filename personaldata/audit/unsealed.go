package audit

import (
	"encoding/binary"
	"time"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/auditlink"
	"channelbook/ent/auditrecord"
	"channelbook/internal/gid"
)

// unsealed narrows a query to the records, from an id on, that have no place in the chain.
func unsealed(q *ent.AuditRecordQuery, since gid.ID) *ent.AuditRecordQuery {
	return q.Where(auditrecord.IDGTE(since), func(s *sql.Selector) {
		links := sql.Dialect(s.Dialect()).Table(auditlink.Table)
		s.Where(sql.NotExists(sql.Dialect(s.Dialect()).Select(links.C(auditlink.FieldRecordID)).From(links).
			Where(sql.ColumnsEQ(links.C(auditlink.FieldRecordID), s.C(auditrecord.FieldID)))))
	})
}

// madeAt is below every id that was made at a time or later.
func madeAt(t time.Time) (id gid.ID) {
	milliseconds := binary.BigEndian.AppendUint64(nil, uint64(t.UnixMilli())) // #nosec G115 -- after 1970
	copy(id[:], milliseconds[2:])
	return id
}
