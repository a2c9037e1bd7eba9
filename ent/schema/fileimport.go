package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"channelbook/ent/values"
	"channelbook/internal/gid"
)

// FileImport is a file of leads or of distributors that an administrator has sent: what was found in it, and how far its rows
// have come in. The file itself lies in the store, for as long as file_kept says.
type FileImport struct{ ent.Schema }

// Mixin of the FileImport.
func (FileImport) Mixin() []ent.Mixin { return []ent.Mixin{idMixin{}} }

// Fields of the FileImport.
func (FileImport) Fields() []ent.Field {
	return []ent.Field{
		field.Enum("kind").Values("LEADS", "DISTRIBUTORS").Immutable(),
		field.UUID("user_id", gid.ID{}).Immutable().Comment("who sent the file"),
		field.UUID("source_id", gid.ID{}).Optional().Nillable().Immutable().Comment("of leads: which they come in under"),

		field.String("file_name").Optional().Immutable(),
		field.Int64("size").Immutable().Comment("bytes"),
		field.Enum("format").Values("CSV", "XLSX").Immutable(),
		field.String("encoding").Optional().Immutable().Comment("of CSV: UTF-8 or windows-1251"),
		field.String("separator").Optional().Immutable().Comment("of CSV"),
		field.String("sheet").Optional().Immutable().Comment("of XLSX"),
		field.JSON("columns", []values.ImportColumn{}).Immutable().Comment("in the order of the file"),
		field.JSON("foreseen", map[string]int{}).Immutable().Comment("rows by what the check says will become of them"),

		field.Enum("status").Values("CHECKED", "QUEUED", "RUNNING", "DONE", "FAILED", "CANCELLED", "EXPIRED").Default("CHECKED"),
		field.Int("attempt").Default(0).Comment("one more each time that it is begun; an earlier one writes nothing more"),
		field.Int("rows_total").Immutable(),
		field.Int("rows_done").Default(0),
		field.JSON("outcomes", map[string]int{}).Comment("the rows that are done, by what became of them"),
		field.JSON("faults", []values.ImportFault{}).Comment("the first of them; of the check, and from the start on of the import"),
		field.Int("fault_count").Default(0),
		field.String("failure").Optional().Comment("a code"),
		field.Bool("file_kept").Default(true).Comment("whether the file may still be in the store"),

		field.Time("created_at").Immutable(),
		field.Time("started_at").Optional().Nillable(),
		field.Time("finished_at").Optional().Nillable().Comment("done, failed, cancelled or expired"),
		field.Time("expires_at").Immutable().Comment("until when it can be started"),
	}
}

// Edges of the FileImport.
func (FileImport) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("user", User.Type).Field("user_id").Unique().Required().Immutable(),
		edge.To("source", LeadSource.Type).Field("source_id").Unique().Immutable(),
	}
}

// Indexes of the FileImport.
func (FileImport) Indexes() []ent.Index { return []ent.Index{index.Fields("file_kept", "status")} }

// Policy of the FileImport. An administrator starts one through package imports, which works as the system.
func (FileImport) Policy() ent.Policy { return policy{see: FileImports, systemWrites: true} }
