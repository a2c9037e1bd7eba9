package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"channelbook/ent/values"
	"channelbook/internal/gid"
)

// LeadSource is a system that submits leads with a key of its own.
type LeadSource struct{ ent.Schema }

// Mixin of the LeadSource.
func (LeadSource) Mixin() []ent.Mixin { return []ent.Mixin{idMixin{}, timesMixin{}} }

// Fields of the LeadSource.
func (LeadSource) Fields() []ent.Field {
	return []ent.Field{
		field.String("name"),
		field.Enum("kind").Values("GENERIC", "VK", "GOOGLE").Default("GENERIC"),
		field.Enum("status").Values("ACTIVE", "STOPPED").Default("ACTIVE"),
		field.Bytes("key_hash").Unique().Sensitive().Comment("SHA-256 of the key"),
		field.String("key_hint").Comment("the key's last four characters"),
		field.UUID("distributor_id", gid.ID{}).Optional().Nillable().Comment("gets every lead"),
		field.JSON("allowed_distributor_ids", []gid.ID{}).Optional().Comment("empty: any distributor"),
		field.Bool("require_consent").Default(true),
		field.UUID("purpose_id", gid.ID{}).Default(func() gid.ID { return values.LeadPurposeID }).Comment("what its leads are processed for"),
		field.Enum("legal_basis").Values(legalBases...).Optional().Nillable().Comment("of its leads where no consent is required; none: CONTRACT"),
		field.UUID("form_consent_text_id", gid.ID{}).Optional().Nillable().Comment("the text that the platform's own form shows"),
		field.Bool("disclose_payouts").Default(false),
		field.Int("daily_cap").Optional().Nillable(),
		field.Int("rate_per_minute").Optional().Nillable(),
		field.String("vk_secret").Optional().Sensitive(),
		field.String("vk_confirmation").Optional().Sensitive(),
		field.String("google_key").Optional().Sensitive(),
		field.Strings("duplicate_fields").Comment("PHONE, EMAIL, IP; none: no check"),
		field.Enum("duplicate_match").Values("ANY", "ALL").Default("ANY"),
		field.Int("duplicate_window_days").Default(30),
		field.Enum("duplicate_scope").Values("BASE", "DISTRIBUTOR").Default("BASE"),
	}
}

// Edges of the LeadSource.
func (LeadSource) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("distributor", Distributor.Type).Ref("sources").Field("distributor_id").Unique(),
		edge.To("leads", Lead.Type),
		edge.To("attempts", IntakeAttempt.Type),
		edge.To("days", SourceDay.Type),
		edge.From("purpose", ProcessingPurpose.Type).Ref("sources").Field("purpose_id").Unique().Required(),
		edge.From("form_consent_text", ConsentText.Type).Ref("form_sources").Field("form_consent_text_id").Unique(),
	}
}

// Indexes of the LeadSource.
func (LeadSource) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("name", "id"),
		index.Fields("distributor_id"),
		index.Fields("purpose_id"),
		index.Fields("form_consent_text_id"),
	}
}

// Policy of the LeadSource.
func (LeadSource) Policy() ent.Policy { return policy{see: LeadSources} }

// SourceDay counts the leads accepted from a capped source on a business day. Its conditional update holds the cap.
type SourceDay struct{ ent.Schema }

// Fields of the SourceDay.
func (SourceDay) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("source_id", gid.ID{}).Immutable(),
		neededDay("day"),
		field.Int("accepted").Default(0),
	}
}

// Edges of the SourceDay.
func (SourceDay) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("source", LeadSource.Type).Ref("days").Field("source_id").Unique().Required().Immutable(),
	}
}

// Indexes of the SourceDay.
func (SourceDay) Indexes() []ent.Index {
	return []ent.Index{index.Fields("source_id", "day").Unique()}
}

// Policy of the SourceDay.
func (SourceDay) Policy() ent.Policy { return policy{see: systemOnly} }

// IntakeAttempt is one line of the intake log: what a source sent and what it was answered.
type IntakeAttempt struct{ ent.Schema }

// Mixin of the IntakeAttempt.
func (IntakeAttempt) Mixin() []ent.Mixin { return []ent.Mixin{idMixin{}} }

// Fields of the IntakeAttempt. It is never changed, but for the raw body, which goes after a short while.
func (IntakeAttempt) Fields() []ent.Field {
	return []ent.Field{
		field.Time("received_at").Immutable(),
		field.UUID("source_id", gid.ID{}).Optional().Nillable().Immutable(),
		field.UUID("lead_id", gid.ID{}).Optional().Nillable().Immutable(),
		field.Enum("outcome").Immutable().Values(
			"ACCEPTED", "DUPLICATE", "BLACKLISTED", "INVALID", "OVER_CAP", "QUARANTINED",
			"REPLAYED", "KEY_REUSED", "UNAUTHENTICATED", "MALFORMED", "TOO_LARGE", "UNSUPPORTED_TYPE", "RATE_LIMITED"),
		field.Int("http_status").Immutable(),
		field.String("remote_address").Immutable().Sensitive(),
		field.String("request_id").Immutable(),
		field.Strings("error_codes").Optional().Immutable().Comment("code and field of each fault"),
		field.Bytes("raw_body_sealed").Optional().Sensitive().Comment("see ent/sealed"),
	}
}

// Edges of the IntakeAttempt.
func (IntakeAttempt) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("source", LeadSource.Type).Ref("attempts").Field("source_id").Unique().Immutable(),
		edge.From("lead", Lead.Type).Ref("attempts").Field("lead_id").Unique().Immutable(),
	}
}

// Indexes of the IntakeAttempt: one for each filter offered.
func (IntakeAttempt) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("received_at", "id"),
		index.Fields("source_id", "received_at", "id"),
		index.Fields("outcome", "received_at", "id"),
		index.Fields("http_status", "received_at", "id"),
		index.Fields("remote_address", "received_at", "id"),
		index.Fields("received_at").StorageKey("intakeattempt_raw_body_sealed").Annotations(entsql.IndexWhere("raw_body_sealed IS NOT NULL")),
		index.Fields("lead_id"),
	}
}

// Policy of the IntakeAttempt.
func (IntakeAttempt) Policy() ent.Policy { return policy{see: IntakeAttempts} }
