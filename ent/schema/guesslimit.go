package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
)

// GuessLimit counts the guesses at passwords of one kind: at an account, from an address, at an account from where it is
// known, or at a signed-in user's present password. It holds a keyed hash of what it counts for and no more.
type GuessLimit struct{ ent.Schema }

// Fields of the GuessLimit.
func (GuessLimit) Fields() []ent.Field {
	return []ent.Field{
		field.String("id").Immutable().Comment("the kind and, in hex, the keyed hash"),
		field.Time("clears_at").Comment("when the last of the failures is forgiven: each adds a while"),
		field.Time("closed_until").Comment("before that nobody may guess"),
		field.Time("told_at").Optional().Nillable().Comment("when the first refusal while it is closed was recorded in the audit"),
		field.Time("known_until").Optional().Nillable().Comment("of an account and an address: as long as they are known together"),
	}
}

// Policy of the GuessLimit.
func (GuessLimit) Policy() ent.Policy { return policy{see: systemOnly, systemWrites: true} }
