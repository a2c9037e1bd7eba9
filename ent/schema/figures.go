package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"channelbook/internal/gid"
)

// LeadDay is the figures of a day that is over: accepted leads that are no tests, by one of the dimensions that figures
// are grouped by. Rows of a distributor (or of nobody, where it is absent) have whole unset; the sum of all distributors
// has it set. What has changed since stands in LeadDelta.
type LeadDay struct{ ent.Schema }

// measures are what is counted of leads, added up by day.
func measures() []ent.Field {
	return []ent.Field{
		field.Int64("leads").Comment("received on the day"),
		field.Int64("converted").Comment("of these, those that ended in a sale by now"),
		field.Int64("sales").Comment("sold on the day"),
		field.Int64("payout").Comment("kopecks, of these sales"),
	}
}

// Fields of the LeadDay.
func (LeadDay) Fields() []ent.Field {
	return append([]ent.Field{
		neededDay("day"),
		field.Bool("whole").Immutable(),
		field.UUID("distributor_id", gid.ID{}).Optional().Nillable().Immutable(),
		field.Bool("restricted").Immutable().Comment("of leads whose processing is restricted: a distributor does not see them"),
		field.Enum("dimension").Values("STATUS", "SOURCE", "UTM_SOURCE", "CAMPAIGN", "REGION", "FUNNEL").Immutable(),
		field.String("value").Immutable().Comment("empty where the leads have none"),
		field.String("label").Optional().Immutable().Comment("a campaign's name"),
	}, measures()...)
}

// Indexes of the LeadDay.
func (LeadDay) Indexes() []ent.Index {
	held := entsql.IncludeColumns("restricted", "value", "label", "leads", "converted", "sales", "payout")
	return []ent.Index{
		index.Fields("dimension", "whole", "day").Annotations(held),
		index.Fields("dimension", "whole", "distributor_id", "day").Annotations(held),
		index.Fields("day"),
	}
}

// Policy of the LeadDay.
func (LeadDay) Policy() ent.Policy { return policy{see: LeadFigures, systemWrites: true} }

// LeadDelta is what a change of a lead adds to the figures of a day that is over, or takes off them. Changes are appended,
// so that no two of them wait for each other; making the day's figures anew takes them away.
type LeadDelta struct{ ent.Schema }

// Fields of the LeadDelta: the dimensions as the lead has them.
func (LeadDelta) Fields() []ent.Field {
	return append([]ent.Field{
		neededDay("day"),
		field.UUID("distributor_id", gid.ID{}).Optional().Nillable().Immutable(),
		field.Bool("restricted").Immutable(),
		field.String("status").Immutable(),
		field.UUID("source_id", gid.ID{}).Immutable(),
		field.String("utm_source").Optional().Immutable(),
		field.String("campaign_id").Optional().Immutable(),
		field.String("campaign_name").Optional().Immutable(),
		field.String("region").Optional().Immutable(),
		field.String("funnel").Optional().Immutable(),
	}, measures()...)
}

// Indexes of the LeadDelta.
func (LeadDelta) Indexes() []ent.Index {
	return []ent.Index{index.Fields("day", "distributor_id")}
}

// Annotations of the LeadDelta.
func (LeadDelta) Annotations() []schema.Annotation {
	return []schema.Annotation{entsql.Table("lead_deltas")}
}

// Policy of the LeadDelta.
func (LeadDelta) Policy() ent.Policy { return policy{see: LeadFigures, systemWrites: true} }

// LeadRollup says up to which day figures have been made: one row, none in a new base.
type LeadRollup struct{ ent.Schema }

// Fields of the LeadRollup.
func (LeadRollup) Fields() []ent.Field {
	return []ent.Field{
		field.Int("id"),
		day("through"),
		field.Time("through_end").Comment("the first instant after that day"),
		field.String("timezone").Comment("of the business, in which days were told apart"),
	}
}

// Policy of the LeadRollup.
func (LeadRollup) Policy() ent.Policy { return policy{see: systemOnly} }
