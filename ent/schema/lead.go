package schema

import (
	"time"

	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"channelbook/ent/values"
	"channelbook/internal/gid"
)

// Lead is a person's request, with what advertising knows about it, and where it stands.
type Lead struct{ ent.Schema }

// Mixin of the Lead.
func (Lead) Mixin() []ent.Mixin { return []ent.Mixin{idMixin{}} }

// tracking are the columns that hold what advertising knows, in the order of the contract.
var tracking = []string{
	"funnel", "subid", "utm_source", "utm_medium", "utm_campaign", "utm_term", "campaign_id", "campaign_name",
	"banner_id", "advertiser_id", "region", "gender", "age", "random", "impression_weekday", "impression_hour",
	"user_timezone", "placement", "device_type", "position",
}

// Fields of the Lead. An optional text is absent when empty.
func (Lead) Fields() []ent.Field {
	fields := []ent.Field{
		field.Time("received_at").Immutable(),
		field.Time("updated_at"),
		field.UUID("source_id", gid.ID{}).Immutable(),
		field.UUID("distributor_id", gid.ID{}).Optional().Nillable(),
		field.Enum("status").Values("NEW", "IN_PROGRESS", "SALE", "REJECTED", "DUPLICATE", "BLOCKED", "QUARANTINED", "OVER_CAP"),
		field.Enum("outcome").Immutable().Comment("what its submission was answered").
			Values("ACCEPTED", "DUPLICATE", "BLACKLISTED", "OVER_CAP", "QUARANTINED"),
		field.Bool("is_test").Default(false).Immutable(),
		field.String("external_id").Optional().Nillable().Immutable(),
		field.String("idempotency_key").Optional().Nillable().Immutable(),
		field.Bytes("body_hash").Immutable().Sensitive().Comment("keyed hash of the submission, to tell a repeat from another body"),

		field.String("first_name").Sensitive(),
		field.String("first_name_fold").Sensitive().Comment("first_name in lower case, for search"),
		field.String("last_name").Default("").Sensitive(),
		field.String("last_name_fold").Default("").Sensitive().Comment("last_name in lower case, for order and search"),
		field.Bytes("phone_sealed").Optional().Sensitive().Comment("E.164, see ent/sealed"),
		field.Bytes("phone_index").Optional().Sensitive(),
		field.Bytes("phone_last4_index").Optional().Sensitive(),
		field.Bytes("email_sealed").Optional().Sensitive().Comment("in lower case"),
		field.Bytes("email_index").Optional().Sensitive(),
		field.String("ip").Optional().Nillable().Sensitive(),

		field.UUID("duplicate_of_id", gid.ID{}).Optional().Nillable(),
		field.JSON("decision_trace", []values.Check{}).Sensitive(),
		field.JSON("consent", &values.Consent{}).Optional().Sensitive().Comment("as it was sent; what holds is in consents"),

		field.Enum("legal_basis").Values(legalBases...).Optional().Nillable().Comment("none: it may not be processed"),
		field.Text("basis_note").Optional().Sensitive().Comment("why, where an administrator or an upgrade said so"),
		field.Time("restricted_at").Optional().Nillable().Comment("from then on it is stored and not processed"),
		field.Enum("restriction").Values("WITHDRAWAL").Optional().Nillable().Comment("why it is restricted"),
		field.Time("destroy_by").Optional().Nillable(),

		field.Time("assigned_at").Optional().Nillable(),
		field.Time("taken_at").Optional().Nillable(),
		field.Time("closed_at").Optional().Nillable(),
		day("sold_on"),
		field.Int64("payout").Default(0).Comment("kopecks; means something where sold_on is set"),
		field.Int64("sale_amount").Optional().Nillable().Comment("kopecks"),

		field.Strings("sub_ids").Optional(),
	}
	for _, name := range tracking {
		fields = append(fields, field.String(name).Optional())
	}
	return fields
}

// Edges of the Lead.
func (Lead) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("source", LeadSource.Type).Ref("leads").Field("source_id").Unique().Required().Immutable(),
		edge.From("distributor", Distributor.Type).Ref("leads").Field("distributor_id").Unique(),
		edge.To("duplicates", Lead.Type).From("duplicate_of").Field("duplicate_of_id").Unique(),
		edge.To("events", LeadEvent.Type),
		edge.To("attempts", IntakeAttempt.Type),
		edge.To("consents", Consent.Type),
	}
}

// Indexes of the Lead: one for each filter and order offered, for an administrator and, led by the distributor, for
// a distributor. Filters on the other tracking columns come with a range of dates and walk the index by date.
func (Lead) Indexes() []ent.Index {
	// Of a whole name the newest come first by the index alone; the beginnings of names are found by it too.
	name := func(column string) ent.Index {
		return index.Fields(column, "received_at", "id").
			Annotations(entsql.OpClassColumn(column, "text_pattern_ops"))
	}
	return []ent.Index{
		index.Fields("source_id", "external_id").Unique(),
		index.Fields("source_id", "idempotency_key").Unique(),

		index.Fields("received_at", "id"),
		// What a distributor sees is counted in these two alone, so they hold what its visibility asks for.
		index.Fields("distributor_id", "received_at", "id", "restricted_at"),
		index.Fields("status", "received_at", "id"),
		index.Fields("distributor_id", "status", "received_at", "id", "restricted_at"),
		index.Fields("source_id", "received_at", "id"),
		index.Fields("received_at", "id").StorageKey("lead_test").Annotations(entsql.IndexWhere("is_test")),
		index.Fields("received_at", "id").StorageKey("lead_restricted").Annotations(entsql.IndexWhere("restricted_at IS NOT NULL")),
		index.Fields("destroy_by").Annotations(entsql.IndexWhere("destroy_by IS NOT NULL")),

		index.Fields("payout", "id"),
		index.Fields("distributor_id", "payout", "id"),
		index.Fields("sold_on"),
		index.Fields("last_name_fold", "id"),
		index.Fields("distributor_id", "last_name_fold", "id"),
		name("last_name_fold"),
		name("first_name_fold"),

		index.Fields("phone_index", "received_at"),
		index.Fields("phone_last4_index", "received_at"),
		index.Fields("email_index", "received_at"),
		index.Fields("ip", "received_at"),
		index.Fields("external_id"),
		index.Fields("duplicate_of_id"),
	}
}

// Policy of the Lead. A distributor works its own through conditional updates under its own eyes.
func (Lead) Policy() ent.Policy { return policy{see: Leads, distributorUpdates: true} }

// LeadEvent is one line of a lead's timeline; never changed.
type LeadEvent struct{ ent.Schema }

// Mixin of the LeadEvent.
func (LeadEvent) Mixin() []ent.Mixin { return []ent.Mixin{idMixin{}} }

// Fields of the LeadEvent.
func (LeadEvent) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("lead_id", gid.ID{}).Immutable(),
		field.Time("at").Immutable(),
		field.Enum("kind").Immutable().Values("RECEIVED", "ASSIGNED", "UNASSIGNED", "TAKEN", "DECLINED", "SALE_REGISTERED",
			"SALE_REVERSED", "REJECTED", "REOPENED", "RELEASED", "NOTE", "CONSENT_RECORDED", "CONSENT_WITHDRAWN"),
		field.UUID("actor_id", gid.ID{}).Optional().Nillable().Immutable().Comment("the user; none for the system"),
		field.UUID("distributor_id", gid.ID{}).Optional().Nillable().Immutable().Comment("whose lead it was; only that distributor sees the line"),
		field.Text("text").Immutable().Sensitive(),
	}
}

// Edges of the LeadEvent.
func (LeadEvent) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("lead", Lead.Type).Ref("events").Field("lead_id").Unique().Required().Immutable(),
		edge.To("actor", User.Type).Field("actor_id").Unique().Immutable(),
		edge.To("distributor", Distributor.Type).Field("distributor_id").Unique().Immutable(),
	}
}

// Indexes of the LeadEvent.
func (LeadEvent) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("lead_id", "at", "id"),
		index.Fields("distributor_id"),
		index.Fields("actor_id"),
	}
}

// Policy of the LeadEvent.
func (LeadEvent) Policy() ent.Policy { return policy{see: LeadEvents} }

// ContactLock is a row that intakes of the same contact, idempotency key or external id lock, so that they take
// turns: the keyed hash of the value and nothing else.
type ContactLock struct{ ent.Schema }

// Fields of the ContactLock.
func (ContactLock) Fields() []ent.Field {
	return []ent.Field{
		field.String("id").Immutable().Comment("the keyed hash, in hex"),
		field.Time("made_at").Immutable().Default(time.Now).Comment("after a while the row is taken away: whoever needs it makes it anew"),
	}
}

// Policy of the ContactLock.
func (ContactLock) Policy() ent.Policy { return policy{see: systemOnly} }

// BlacklistEntry is a contact, an address or a domain that no lead is accepted from.
type BlacklistEntry struct{ ent.Schema }

// Mixin of the BlacklistEntry.
func (BlacklistEntry) Mixin() []ent.Mixin { return []ent.Mixin{idMixin{}} }

// Fields of the BlacklistEntry.
func (BlacklistEntry) Fields() []ent.Field {
	return []ent.Field{
		field.Enum("kind").Values("PHONE", "EMAIL", "IP", "NETWORK", "DOMAIN").Immutable(),
		field.Bytes("value_sealed").Sensitive().Comment("in the normal form of its kind, see ent/sealed"),
		field.Bytes("value_index").Sensitive(),
		field.String("reason").Optional(),
		field.Enum("origin").Values("MANUAL", "IMPORT").Default("MANUAL"),
		field.UUID("author_id", gid.ID{}).Optional().Nillable(),
		field.Time("created_at"),
		field.Time("expires_at").Optional().Nillable(),
	}
}

// Edges of the BlacklistEntry.
func (BlacklistEntry) Edges() []ent.Edge {
	return []ent.Edge{edge.To("author", User.Type).Field("author_id").Unique()}
}

// Indexes of the BlacklistEntry.
func (BlacklistEntry) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("kind", "value_index").Unique(),
		index.Fields("value_index"),
		index.Fields("created_at", "id"),
		index.Fields("kind", "created_at", "id"),
		index.Fields("origin", "created_at", "id"),
		index.Fields("reason"),
		index.Fields("author_id"),
	}
}

// Policy of the BlacklistEntry.
func (BlacklistEntry) Policy() ent.Policy { return policy{see: BlacklistEntries} }
