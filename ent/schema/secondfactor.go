package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"channelbook/internal/gid"
)

// SecondFactor is what a user proves besides the password: a secret that an authenticator app makes codes of. It is in
// force from the first right code on; another secret may wait for its first one meanwhile.
type SecondFactor struct{ ent.Schema }

// Mixin of the SecondFactor.
func (SecondFactor) Mixin() []ent.Mixin { return []ent.Mixin{idMixin{}} }

// Fields of the SecondFactor.
func (SecondFactor) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("user_id", gid.ID{}).Immutable(),
		field.Bytes("secret_sealed").Optional().Sensitive().Comment("see ent/sealed; none while nothing is in force"),
		field.Time("confirmed_at").Optional().Nillable().Comment("since when the secret is in force"),
		field.Bytes("pending_sealed").Optional().Sensitive().Comment("see ent/sealed; shown, and in force with its first code"),
		field.Time("pending_at").Optional().Nillable().Comment("when the pending secret was shown"),
		field.Int64("last_step").Default(0).Comment("the last time step whose code was taken: none is good twice"),
		field.Int("wrong_codes").Default(0).Comment("in a row"),
		field.Time("wrong_at").Optional().Nillable().Comment("when the last of them was"),
		field.Time("created_at").Immutable(),
	}
}

// Edges of the SecondFactor.
func (SecondFactor) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("user", User.Type).Ref("second_factor").Field("user_id").Unique().Required().Immutable(),
	}
}

// Policy of the SecondFactor. Nothing but the server reads the secrets; see the columns that graph/model selects.
func (SecondFactor) Policy() ent.Policy { return policy{see: SecondFactors, systemWrites: true} }

// RecoveryCode lets a user in once without the authenticator app. It is kept hashed.
type RecoveryCode struct{ ent.Schema }

// Mixin of the RecoveryCode.
func (RecoveryCode) Mixin() []ent.Mixin { return []ent.Mixin{idMixin{}} }

// Fields of the RecoveryCode.
func (RecoveryCode) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("user_id", gid.ID{}).Immutable(),
		field.Bytes("hash").Immutable().Sensitive().Comment("SHA-256 of the code"),
		field.Time("created_at").Immutable(),
		field.Time("used_at").Optional().Nillable(),
	}
}

// Edges of the RecoveryCode.
func (RecoveryCode) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("user", User.Type).Ref("recovery_codes").Field("user_id").Unique().Required().Immutable(),
	}
}

// Indexes of the RecoveryCode.
func (RecoveryCode) Indexes() []ent.Index {
	return []ent.Index{index.Fields("user_id", "hash").Unique()}
}

// Policy of the RecoveryCode.
func (RecoveryCode) Policy() ent.Policy { return policy{see: Sessions, systemWrites: true} }
