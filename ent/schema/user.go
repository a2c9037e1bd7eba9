package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"channelbook/internal/gid"
)

// User is a person who signs in: an administrator, or a user of one distributor.
type User struct{ ent.Schema }

// Mixin of the User.
func (User) Mixin() []ent.Mixin { return []ent.Mixin{idMixin{}, timesMixin{}} }

// Fields of the User.
func (User) Fields() []ent.Field {
	return []ent.Field{
		field.String("login").Unique().Comment("in lower case"),
		field.String("password_hash").Sensitive(),
		field.Enum("role").Values("ADMIN", "DISTRIBUTOR"),
		field.UUID("distributor_id", gid.ID{}).Optional().Nillable(),
		field.String("name").Optional().Sensitive(),
		field.Bytes("email_sealed").Optional().Sensitive().Comment("see ent/sealed"),
		field.Bytes("phone_sealed").Optional().Sensitive().Comment("see ent/sealed"),
		field.UUID("avatar_id", gid.ID{}).Optional().Nillable(),
		field.Time("disabled_at").Optional().Nillable(),
	}
}

// Edges of the User.
func (User) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("distributor", Distributor.Type).Ref("users").Field("distributor_id").Unique(),
		edge.To("sessions", Session.Type),
		edge.To("avatar", Picture.Type).Field("avatar_id").Unique(),
		edge.To("second_factor", SecondFactor.Type).Unique(),
		edge.To("recovery_codes", RecoveryCode.Type),
	}
}

// Indexes of the User.
func (User) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("distributor_id", "login"),
		index.Fields("role", "login"),
		index.Fields("avatar_id"),
	}
}

// Policy of the User. A person changes their own row (password) through accounts, which works as the system.
func (User) Policy() ent.Policy { return policy{see: Users} }

// Session is one sign-in on one device and the family of its refresh tokens.
type Session struct{ ent.Schema }

// Mixin of the Session.
func (Session) Mixin() []ent.Mixin { return []ent.Mixin{idMixin{}} }

// Fields of the Session.
func (Session) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("user_id", gid.ID{}).Immutable(),
		field.Time("created_at").Immutable(),
		field.Time("expires_at").Comment("when the last refresh token ends"),
		field.Time("revoked_at").Optional().Nillable(),
		field.String("user_agent").Optional(),
		field.String("remote_address").Optional().Sensitive(),
	}
}

// Edges of the Session.
func (Session) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("user", User.Type).Ref("sessions").Field("user_id").Unique().Required().Immutable(),
		edge.To("refresh_tokens", RefreshToken.Type),
	}
}

// Indexes of the Session.
func (Session) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("user_id", "revoked_at"),
		index.Fields("user_id", "created_at", "id").Annotations(entsql.IndexWhere("revoked_at IS NULL")),
		index.Fields("revoked_at"),
		index.Fields("expires_at"),
	}
}

// Policy of the Session.
func (Session) Policy() ent.Policy { return policy{see: Sessions} }

// RefreshToken is one refresh token of a session, kept hashed and, once used, kept until it would have ended, so
// that a second use is noticed.
type RefreshToken struct{ ent.Schema }

// Mixin of the RefreshToken.
func (RefreshToken) Mixin() []ent.Mixin { return []ent.Mixin{idMixin{}} }

// Fields of the RefreshToken.
func (RefreshToken) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("session_id", gid.ID{}).Immutable(),
		field.Bytes("hash").Immutable().Sensitive().Comment("SHA-256 of the token"),
		field.Time("expires_at").Immutable(),
		field.Time("used_at").Optional().Nillable(),
	}
}

// Edges of the RefreshToken.
func (RefreshToken) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("session", Session.Type).Ref("refresh_tokens").Field("session_id").Unique().Required().Immutable(),
	}
}

// Indexes of the RefreshToken.
func (RefreshToken) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("hash").Unique(),
		index.Fields("session_id"),
		index.Fields("expires_at"),
	}
}

// Policy of the RefreshToken.
func (RefreshToken) Policy() ent.Policy { return policy{see: systemOnly} }
