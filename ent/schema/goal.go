package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"channelbook/internal/gid"
)

// periodKinds are the kinds of reporting periods, see calendar.Period.
var periodKinds = []string{"MONTH", "QUARTER", "YEAR"}

// metrics are what a goal can be about: PAYOUT and REVENUE in kopecks, the counts in pieces.
var metrics = []string{"PAYOUT", "REVENUE", "SALE_COUNT", "LEAD_COUNT"}

// Period is what became of a reporting period. One that nobody has closed yet needs no row: it is open.
type Period struct{ ent.Schema }

// Mixin of the Period.
func (Period) Mixin() []ent.Mixin { return []ent.Mixin{idMixin{}} }

// Fields of the Period.
func (Period) Fields() []ent.Field {
	return []ent.Field{
		field.Enum("kind").Values(periodKinds...).Immutable(),
		neededDay("starts_on"),
		field.Enum("status").Values("OPEN", "CLOSED"),
		field.Time("closed_at").Optional().Nillable().Comment("of the last closing; none while it is open"),
		field.UUID("closed_by_id", gid.ID{}).Optional().Nillable(),
		field.Time("reopened_at").Optional().Nillable().Comment("of the last reopening"),
		field.UUID("reopened_by_id", gid.ID{}).Optional().Nillable(),
		field.Text("reopen_reason").Optional(),
	}
}

// Edges of the Period.
func (Period) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("closed_by", User.Type).Field("closed_by_id").Unique(),
		edge.To("reopened_by", User.Type).Field("reopened_by_id").Unique(),
		edge.To("facts", PeriodFact.Type).Annotations(entsql.OnDelete(entsql.NoAction)),
	}
}

// Indexes of the Period.
func (Period) Indexes() []ent.Index {
	return []ent.Index{index.Fields("kind", "starts_on").Unique()}
}

// Policy of the Period.
func (Period) Policy() ent.Policy { return policy{see: Periods} }

// PeriodFact is what a distributor had achieved in a period when it was closed. Reopening takes it away.
type PeriodFact struct{ ent.Schema }

// Fields of the PeriodFact.
func (PeriodFact) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("period_id", gid.ID{}).Immutable(),
		field.UUID("distributor_id", gid.ID{}).Immutable(),
		field.Int64("payout").Immutable().Comment("kopecks"),
		field.Int64("revenue").Immutable().Comment("kopecks"),
		field.Int64("sale_count").Immutable(),
		field.Int64("lead_count").Immutable(),
		field.Int64("converted_count").Immutable().Comment("of the leads, those that ended in a sale"),
	}
}

// Edges of the PeriodFact.
func (PeriodFact) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("period", Period.Type).Ref("facts").Field("period_id").Unique().Required().Immutable(),
		edge.To("distributor", Distributor.Type).Field("distributor_id").Unique().Required().Immutable(),
	}
}

// Indexes of the PeriodFact.
func (PeriodFact) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("period_id", "distributor_id").Unique(),
		index.Fields("distributor_id"),
	}
}

// Policy of the PeriodFact.
func (PeriodFact) Policy() ent.Policy { return policy{see: PeriodFacts} }

// Goal is what a distributor is to achieve in a period.
type Goal struct{ ent.Schema }

// Mixin of the Goal.
func (Goal) Mixin() []ent.Mixin { return []ent.Mixin{idMixin{}, timesMixin{}} }

// Fields of the Goal.
func (Goal) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("distributor_id", gid.ID{}).Immutable(),
		field.Enum("period_kind").Values(periodKinds...).Immutable(),
		neededDay("starts_on"),
		field.Enum("metric").Values(metrics...).Immutable(),
		field.Int64("target").Comment("kopecks or pieces, see metrics"),
		field.Time("closed_at").Optional().Nillable().Comment("set while its period is closed"),
		field.Int64("closed_actual").Optional().Nillable().Comment("what was achieved when its period was closed"),
	}
}

// Edges of the Goal.
func (Goal) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("distributor", Distributor.Type).Ref("goals").Field("distributor_id").Unique().Required().Immutable(),
	}
}

// Indexes of the Goal.
func (Goal) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("distributor_id", "period_kind", "starts_on", "metric").Unique(),
		index.Fields("starts_on", "id"),
		index.Fields("period_kind", "starts_on"),
		index.Fields("distributor_id", "starts_on", "id"),
	}
}

// Policy of the Goal.
func (Goal) Policy() ent.Policy { return policy{see: Goals} }

// GoalChange is one change of a target. It never changes and never goes, which a trigger of the base holds as well; so it
// outlives its goal.
type GoalChange struct{ ent.Schema }

// Mixin of the GoalChange.
func (GoalChange) Mixin() []ent.Mixin { return []ent.Mixin{idMixin{}} }

// Fields of the GoalChange.
func (GoalChange) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("goal_id", gid.ID{}).Immutable().Comment("may have been removed since"),
		field.UUID("distributor_id", gid.ID{}).Immutable(),
		field.Enum("period_kind").Values(periodKinds...).Immutable(),
		neededDay("starts_on"),
		field.Enum("metric").Values(metrics...).Immutable(),
		field.Enum("kind").Values("SET", "COPIED", "ROLLED_OVER", "REMOVED").Immutable(),
		field.Time("at").Immutable(),
		field.UUID("actor_id", gid.ID{}).Optional().Nillable().Immutable().Comment("none for the system"),
		field.Int64("from_target").Optional().Nillable().Immutable().Comment("none for a new goal"),
		field.Int64("to_target").Optional().Nillable().Immutable().Comment("none for a removed one"),
		field.Text("reason").Optional().Immutable(),
	}
}

// Edges of the GoalChange.
func (GoalChange) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("distributor", Distributor.Type).Field("distributor_id").Unique().Required().Immutable(),
		edge.To("actor", User.Type).Field("actor_id").Unique().Immutable(),
	}
}

// Indexes of the GoalChange.
func (GoalChange) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("goal_id", "at", "id"),
		index.Fields("at", "id"),
		index.Fields("distributor_id", "at", "id"),
		index.Fields("actor_id"),
	}
}

// Policy of the GoalChange.
func (GoalChange) Policy() ent.Policy { return policy{see: GoalChanges} }

// GoalMilestone is a place on the way to a goal that was reached, or the first time that it fell behind: once for each
// goal and milestone, by the unique index. It waits here to be told.
type GoalMilestone struct{ ent.Schema }

// Mixin of the GoalMilestone.
func (GoalMilestone) Mixin() []ent.Mixin { return []ent.Mixin{idMixin{}} }

// Fields of the GoalMilestone.
func (GoalMilestone) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("goal_id", gid.ID{}).Immutable().Comment("may have been removed since"),
		field.UUID("distributor_id", gid.ID{}).Immutable(),
		field.Enum("milestone").Values("HALF", "NINETY_PERCENT", "REACHED", "BEHIND").Immutable(),
		field.Time("at").Immutable(),
		field.Int64("target").Immutable().Comment("as it stood then"),
		field.Int64("actual").Immutable(),
		field.Time("told_at").Optional().Nillable().Comment("none: people are still to be told"),
	}
}

// Edges of the GoalMilestone.
func (GoalMilestone) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("distributor", Distributor.Type).Field("distributor_id").Unique().Required().Immutable(),
	}
}

// Indexes of the GoalMilestone.
func (GoalMilestone) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("goal_id", "milestone").Unique(),
		index.Fields("distributor_id"),
		index.Fields("at", "id").StorageKey("goalmilestone_untold").Annotations(entsql.IndexWhere("told_at IS NULL")),
	}
}

// Policy of the GoalMilestone.
func (GoalMilestone) Policy() ent.Policy { return policy{see: systemOnly} }

// GoalRollover says that a distributor's goals have been rolled over into a month, or needed not be: once, by the unique
// index.
type GoalRollover struct{ ent.Schema }

// Fields of the GoalRollover.
func (GoalRollover) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("distributor_id", gid.ID{}).Immutable(),
		neededDay("starts_on"),
		field.Time("at").Immutable(),
	}
}

// Edges of the GoalRollover.
func (GoalRollover) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("distributor", Distributor.Type).Field("distributor_id").Unique().Required().Immutable(),
	}
}

// Indexes of the GoalRollover.
func (GoalRollover) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("distributor_id", "starts_on").Unique(),
		index.Fields("starts_on"),
	}
}

// Policy of the GoalRollover.
func (GoalRollover) Policy() ent.Policy { return policy{see: systemOnly} }
