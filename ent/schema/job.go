package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
)

// RegularRun is the last turn of something that is done time and again.
type RegularRun struct{ ent.Schema }

// Fields of the RegularRun.
func (RegularRun) Fields() []ent.Field {
	return []ent.Field{
		field.String("name").Unique().Immutable(),
		field.Int("every_seconds"),
		field.Time("begun_at"),
		field.Time("ended_at").Optional().Nillable().Comment("none: it runs, or was broken off"),
		field.Time("succeeded_at").Optional().Nillable(),
		field.String("error").Optional().Comment("of the last turn, without addresses; none: it went well"),
	}
}

// Annotations of the RegularRun.
func (RegularRun) Annotations() []schema.Annotation {
	return []schema.Annotation{entsql.Table("regular_runs")}
}

// Policy of the RegularRun.
func (RegularRun) Policy() ent.Policy { return policy{see: RegularRuns, systemWrites: true} }
