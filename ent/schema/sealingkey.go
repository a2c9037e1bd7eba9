package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
)

// SealingKey is a personal data key that the base has met: never the key, but what tells it from another one of the
// same id, and whether values may still be sealed under it.
type SealingKey struct{ ent.Schema }

// Fields of the SealingKey.
func (SealingKey) Fields() []ent.Field {
	return []ent.Field{
		field.String("id").Immutable().Comment("the key's id in PERSONAL_DATA_KEYS"),
		field.Bytes("fingerprint").Immutable().Sensitive(),
		field.Time("first_used_at").Immutable(),
		field.Time("last_used_at").Comment("when a server last said that it seals under it"),
		field.Time("retired_at").Optional().Nillable().Comment("since when nothing is sealed under it any more"),
	}
}

// Policy of the SealingKey.
func (SealingKey) Policy() ent.Policy { return policy{see: systemOnly} }
