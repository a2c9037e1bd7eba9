package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Picture is a logo or an avatar in the store of files. The row is there before the file is, and goes after it: a file
// that no row names does not exist. It never changes; another picture is another row.
type Picture struct{ ent.Schema }

// Mixin of the Picture.
func (Picture) Mixin() []ent.Mixin { return []ent.Mixin{idMixin{}} }

// Fields of the Picture.
func (Picture) Fields() []ent.Field {
	return []ent.Field{
		field.String("digest").Immutable().Comment("SHA-256 of the file, in hex"),
		field.String("media_type").Immutable(),
		field.Int("size").Immutable().Comment("bytes"),
		field.Int("width").Immutable().Comment("pixels"),
		field.Int("height").Immutable().Comment("pixels"),
		field.Time("created_at").Immutable(),
		field.Time("released_at").Optional().Nillable().Comment("since when nobody shows it any more; absent too where nobody has yet"),
	}
}

// Edges of the Picture: who shows it.
func (Picture) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("distributors", Distributor.Type).Ref("logo"),
		edge.From("users", User.Type).Ref("avatar"),
	}
}

// Indexes of the Picture.
func (Picture) Indexes() []ent.Index {
	return []ent.Index{index.Fields("created_at")}
}

// Policy of the Picture.
func (Picture) Policy() ent.Policy { return policy{see: Pictures} }
