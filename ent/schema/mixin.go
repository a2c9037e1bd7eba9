// Package schema is the one description of what is stored; the generated code and the migrations of both
// engines follow from it. Who may see which row stands in visibility.go.
package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/mixin"

	"channelbook/internal/calendar"
	"channelbook/internal/gid"
)

// idMixin gives a type its id.
type idMixin struct{ mixin.Schema }

func (idMixin) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("id", gid.ID{}).Default(gid.New).Immutable(),
	}
}

// timesMixin is for a row that lives long and changes. Services stamp it from their own clock, in UTC and to the
// microsecond.
type timesMixin struct{ mixin.Schema }

func (timesMixin) Fields() []ent.Field {
	return []ent.Field{
		field.Time("created_at").Immutable(),
		field.Time("updated_at"),
	}
}

// day is a calendar day in no time zone: PostgreSQL's date, text in SQLite.
func day(name string) ent.Field {
	return field.Other(name, &calendar.Date{}).SchemaType(dayColumn).Optional()
}

// neededDay is a day that is never absent and, once written, never another.
func neededDay(name string) ent.Field {
	return field.Other(name, &calendar.Date{}).SchemaType(dayColumn).Immutable()
}

var dayColumn = map[string]string{dialect.Postgres: "date", dialect.SQLite: "text"}
