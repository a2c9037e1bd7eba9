package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"channelbook/internal/gid"
)

// legalBases are the grounds of 152-FZ, art. 6 p. 1, that this system processes personal data on: the person's consent
// (item 1), a duty or power of the operator by law (item 2), a contract with the person or one that the person asks for
// (item 5), and rights or legitimate interests of the operator or of others (item 7).
var legalBases = []string{"CONSENT", "LEGAL_OBLIGATION", "CONTRACT", "LEGITIMATE_INTEREST"}

// ProcessingPurpose is what personal data is processed for (152-FZ art. 5 p. 2): no wider than is said here.
type ProcessingPurpose struct{ ent.Schema }

// Mixin of the ProcessingPurpose.
func (ProcessingPurpose) Mixin() []ent.Mixin { return []ent.Mixin{idMixin{}, timesMixin{}} }

// Fields of the ProcessingPurpose.
func (ProcessingPurpose) Fields() []ent.Field {
	return []ent.Field{
		field.String("code").Unique().Immutable().Comment("what sources call it by"),
		field.String("name"),
		field.Enum("legal_basis").Values(legalBases...).Comment("152-FZ art. 6 p. 1"),
		field.Int("retention_days").Comment("how long data is kept for it"),
		field.Strings("recipients").Optional().Comment("to whom data is passed for it, art. 6 p. 3"),
		field.Bool("active").Default(true).Comment("nothing new is taken in for one that is not"),
	}
}

// Edges of the ProcessingPurpose.
func (ProcessingPurpose) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("texts", ConsentText.Type),
		edge.To("sources", LeadSource.Type),
	}
}

// Policy of the ProcessingPurpose.
func (ProcessingPurpose) Policy() ent.Policy { return policy{see: ProcessingPurposes} }

// ConsentText is one version of a text that people agree to. It never changes and never goes, which a trigger of the
// base holds as well: another text is another version.
type ConsentText struct{ ent.Schema }

// Mixin of the ConsentText.
func (ConsentText) Mixin() []ent.Mixin { return []ent.Mixin{idMixin{}} }

// Fields of the ConsentText.
func (ConsentText) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("purpose_id", gid.ID{}).Immutable(),
		field.String("version").Immutable(),
		field.Text("text").Immutable(),
		field.String("hash").Immutable().Comment("SHA-256 of the text, in hex"),
		field.Strings("recipients").Optional().Immutable().Comment("those whom the text names"),
		field.Int("valid_days").Optional().Nillable().Immutable().Comment("how long a consent to it holds; none: until it is withdrawn"),
		field.Time("published_at").Immutable(),
		field.UUID("author_id", gid.ID{}).Optional().Nillable().Immutable().Comment("none for those that the base was born with"),
	}
}

// Edges of the ConsentText.
func (ConsentText) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("purpose", ProcessingPurpose.Type).Ref("texts").Field("purpose_id").Unique().Required().Immutable(),
		edge.To("author", User.Type).Field("author_id").Unique().Immutable(),
		edge.To("form_sources", LeadSource.Type),
	}
}

// Indexes of the ConsentText.
func (ConsentText) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("purpose_id", "version").Unique(),
		index.Fields("author_id"),
	}
}

// Annotations of the ConsentText.
func (ConsentText) Annotations() []schema.Annotation {
	return []schema.Annotation{entsql.Checks(map[string]string{"consent_text_hash": "length(hash) = 64"})}
}

// Policy of the ConsentText.
func (ConsentText) Policy() ent.Policy { return policy{see: ConsentTexts} }

// Consent is the record of one person's consent for one purpose (152-FZ art. 9): what proves it is copied here and never
// changes; only its withdrawal is added, once.
type Consent struct{ ent.Schema }

// Mixin of the Consent.
func (Consent) Mixin() []ent.Mixin { return []ent.Mixin{idMixin{}} }

// Fields of the Consent.
func (Consent) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("lead_id", gid.ID{}).Immutable(),
		field.UUID("purpose_id", gid.ID{}).Immutable(),
		field.Bool("is_basis").Immutable().Comment("for the purpose that the lead came for: once withdrawn, the lead is no longer processed"),
		field.UUID("text_id", gid.ID{}).Immutable(),
		field.String("text_version").Immutable(),
		field.String("text_hash").Immutable(),
		field.Time("given_at").Immutable(),
		field.Time("recorded_at").Immutable(),
		field.UUID("source_id", gid.ID{}).Immutable(),
		field.Enum("how").Immutable().Values("SITE_FORM", "PLATFORM_FORM", "PAPER", "VERBAL", "EMAIL", "MESSENGER"),
		field.String("form").Optional().Immutable().Comment("the funnel or page"),
		field.String("ip").Optional().Nillable().Immutable().Sensitive(),
		field.String("user_agent").Optional().Immutable().Sensitive(),
		field.Strings("recipients").Optional().Immutable(),
		field.Time("valid_until").Optional().Nillable().Immutable(),
		field.UUID("recorded_by_id", gid.ID{}).Optional().Nillable().Immutable().Comment("none where the intake did"),

		field.Time("withdrawn_at").Optional().Nillable().Comment("when the withdrawal was received"),
		field.Enum("withdrawal_channel").Optional().Nillable().
			Values("EMAIL", "PHONE", "PAPER", "MESSENGER", "SITE_FORM", "IN_PERSON", "OTHER"),
		field.Text("withdrawal_comment").Optional().Sensitive(),
		field.UUID("withdrawn_by_id", gid.ID{}).Optional().Nillable().Comment("who entered the withdrawal"),
	}
}

// Edges of the Consent. Purpose, text and source are named by their ids alone: none of them is ever deleted, and the base
// would look each of them up for every lead that comes in.
func (Consent) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("lead", Lead.Type).Ref("consents").Field("lead_id").Unique().Required().Immutable(),
		edge.To("recorded_by", User.Type).Field("recorded_by_id").Unique().Immutable(),
		edge.To("withdrawn_by", User.Type).Field("withdrawn_by_id").Unique(),
	}
}

// Indexes of the Consent.
func (Consent) Indexes() []ent.Index {
	return []ent.Index{index.Fields("lead_id", "given_at", "id")}
}

// Policy of the Consent.
func (Consent) Policy() ent.Policy { return policy{see: Consents} }
