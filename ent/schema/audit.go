package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"channelbook/internal/gid"
)

// The tables of the audit are only added to. Triggers of both engines hold that, written by hand into the migration that
// made the tables; a migration that rebuilds one of them on SQLite has to make its triggers anew.

// AuditRecord is one line of the audit: who did what, when, on whom, from where and why. It holds no personal data but the
// address that it was done from. It refers to nothing by a foreign key: what it tells of may be gone.
type AuditRecord struct{ ent.Schema }

// Mixin of the AuditRecord.
func (AuditRecord) Mixin() []ent.Mixin { return []ent.Mixin{idMixin{}} }

// Fields of the AuditRecord. An optional text is absent when empty.
func (AuditRecord) Fields() []ent.Field {
	return []ent.Field{
		field.Time("at").Immutable(),
		field.Enum("actor_kind").Values("USER", "SOURCE", "SYSTEM", "ANONYMOUS").Immutable(),
		field.UUID("actor_id", gid.ID{}).Optional().Nillable().Immutable().Comment("the user or the source"),
		field.String("actor_role").Optional().Nillable().Immutable().Comment("of a user: ADMIN, DISTRIBUTOR"),
		field.String("task").Optional().Nillable().Immutable().Comment("of the system: its work"),
		field.String("action").Immutable(),
		field.Enum("outcome").Values("DONE", "REFUSED", "FAILED").Immutable(),
		field.String("object_type").Optional().Nillable().Immutable().Comment("the prefix that ids of its kind are printed with"),
		field.UUID("object_id", gid.ID{}).Optional().Nillable().Immutable(),
		field.String("reason").Optional().Nillable().Immutable().Comment("a code, or the basis"),
		field.Text("details").Optional().Nillable().Immutable().Comment("a JSON object of texts, its keys in order: text, so that it stays as it was hashed"),
		field.String("remote_addr").Optional().Nillable().Immutable().Sensitive(),
		field.String("user_agent").Optional().Nillable().Immutable(),
		field.String("request_id").Optional().Nillable().Immutable(),
	}
}

// Indexes of the AuditRecord: one for each filter that a client can ask for, as every lead adds a record. Filters on the
// outcome look for what was refused or failed, which is rare.
func (AuditRecord) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("at", "id"),
		index.Fields("actor_id", "at", "id"),
		index.Fields("object_id", "at", "id"),
		index.Fields("action", "at", "id"),
		index.Fields("at", "id").StorageKey("auditrecord_not_done").Annotations(entsql.IndexWhere("outcome <> 'DONE'")),
	}
}

// Policy of the AuditRecord.
func (AuditRecord) Policy() ent.Policy { return policy{see: AuditRecords, systemWrites: true} }

// AuditLink gives a record its place in the chain: its hash covers the record's and that of the link before.
type AuditLink struct{ ent.Schema }

// Fields of the AuditLink.
func (AuditLink) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("id").StorageKey("place").Immutable().Comment("from 1, without a gap"),
		field.UUID("record_id", gid.ID{}).Unique().Immutable(),
		field.Bytes("record_hash").Immutable(),
		field.Bytes("hash").Immutable(),
	}
}

// Policy of the AuditLink.
func (AuditLink) Policy() ent.Policy { return policy{see: systemOnly, systemWrites: true} }

// AuditHead says how long the chain is and where it ends, under a keyed hash: one row, which a base is born with.
type AuditHead struct{ ent.Schema }

// Fields of the AuditHead.
func (AuditHead) Fields() []ent.Field {
	return []ent.Field{
		field.Int("id"),
		field.Int64("count").Comment("links from the very first on, those that have been dropped too"),
		field.Bytes("hash").Comment("of the last link; empty before the first"),
		field.Bytes("mac").Comment("keyed hash of count and hash; empty before the first"),
	}
}

// Policy of the AuditHead.
func (AuditHead) Policy() ent.Policy { return policy{see: systemOnly, systemWrites: true} }

// AuditCheckpoint is where the chain begins since what was past its term has been dropped; the latest one counts.
type AuditCheckpoint struct{ ent.Schema }

// Fields of the AuditCheckpoint.
func (AuditCheckpoint) Fields() []ent.Field {
	return []ent.Field{
		field.Int("id"),
		field.Int64("place").Immutable().Comment("of the last link that may be dropped"),
		field.Bytes("hash").Immutable().Comment("of that link"),
		field.Int64("dropped").Immutable().Comment("how many records it lets go"),
		field.Time("at").Immutable(),
		field.Bytes("mac").Immutable().Comment("keyed hash of all of this"),
	}
}

// Indexes of the AuditCheckpoint: the triggers look for the latest one at each deletion.
func (AuditCheckpoint) Indexes() []ent.Index { return []ent.Index{index.Fields("place")} }

// Policy of the AuditCheckpoint.
func (AuditCheckpoint) Policy() ent.Policy { return policy{see: systemOnly, systemWrites: true} }
