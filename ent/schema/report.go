package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"channelbook/internal/gid"
)

// reportKinds are the reports there are, reportFormats what they are written as. Package reports says which goes with which.
var (
	reportKinds   = []string{"LEADS", "PLAN_FACT", "PAYOUTS", "AGENT_REPORT", "ACT_OF_SERVICES"}
	reportFormats = []string{"XLSX", "DOCX", "CSV", "PDF"}
)

// Report is a report that somebody has asked for, or gets by a schedule, and its file once that is there.
type Report struct{ ent.Schema }

// Mixin of the Report.
func (Report) Mixin() []ent.Mixin { return []ent.Mixin{idMixin{}} }

// Fields of the Report.
func (Report) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("user_id", gid.ID{}).Immutable().Comment("whose it is: it holds what that person may see"),
		field.UUID("distributor_id", gid.ID{}).Optional().Nillable().Immutable().Comment("whose user the person was; who is another's now sees it no more"),
		field.UUID("schedule_id", gid.ID{}).Optional().Nillable().Immutable(),
		day("due_on"), // of the schedule: one for each person and day

		field.Enum("kind").Values(reportKinds...).Immutable(),
		field.Enum("format").Values(reportFormats...).Immutable(),
		field.Bytes("parameters_sealed").Immutable().Sensitive().Comment("what it is about, as JSON: a filter may hold contacts"),

		field.Enum("status").Values("QUEUED", "RUNNING", "READY", "FAILED", "CANCELLED", "EXPIRED").Default("QUEUED"),
		field.Int("attempt").Default(0).Comment("one more each time that it is begun; each writes a file of its own"),
		field.Int("rows").Default(0).Comment("that are written so far, or were"),
		field.Int("rows_expected").Optional().Nillable().Comment("how many there will be, once that was counted"),
		field.String("file_name").Optional().Comment("for the people who keep it"),
		field.Int64("size").Optional().Comment("bytes"),
		field.String("failure").Optional().Comment("a sentence for people, in Russian"),

		field.Time("requested_at").Immutable(),
		field.Time("started_at").Optional().Nillable().Comment("of the last attempt"),
		field.Time("seen_at").Optional().Nillable().Comment("when whoever makes it last said so"),
		field.Time("as_of").Optional().Nillable().Comment("the moment that it shows"),
		field.Time("finished_at").Optional().Nillable(),
		field.Time("expires_at").Optional().Nillable().Comment("when the file is deleted"),
	}
}

// Edges of the Report.
func (Report) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("user", User.Type).Field("user_id").Unique().Required().Immutable(),
		edge.From("schedule", ReportSchedule.Type).Ref("reports").Field("schedule_id").Unique().Immutable(),
	}
}

// Indexes of the Report.
func (Report) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("user_id", "id"),
		index.Fields("schedule_id", "user_id", "due_on").Unique(),
		index.Fields("status", "expires_at"),
		index.Fields("user_id", "finished_at"),
	}
}

// Policy of the Report. A person asks for one through package reports, which works as the system.
func (Report) Policy() ent.Policy { return policy{see: Reports, systemWrites: true} }

// ReportSchedule is a report that chosen people get each week or month.
type ReportSchedule struct{ ent.Schema }

// Mixin of the ReportSchedule.
func (ReportSchedule) Mixin() []ent.Mixin { return []ent.Mixin{idMixin{}, timesMixin{}} }

// Fields of the ReportSchedule.
func (ReportSchedule) Fields() []ent.Field {
	return []ent.Field{
		field.String("name"),
		field.Enum("kind").Values(reportKinds...).Immutable(),
		field.Enum("format").Values(reportFormats...).Immutable(),
		field.Enum("every").Values("WEEK", "MONTH").Immutable(),
		field.Bytes("parameters_sealed").Immutable().Sensitive().Comment("what it is about but for the time, as JSON"),
		field.JSON("recipient_ids", []gid.ID{}),
		field.Bool("active").Default(true),
		day("next_on"), // when it is due: the day after the week or month that it is about
		field.UUID("created_by_id", gid.ID{}).Immutable(),
	}
}

// Edges of the ReportSchedule.
func (ReportSchedule) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("reports", Report.Type),
		edge.To("created_by", User.Type).Field("created_by_id").Unique().Required().Immutable(),
	}
}

// Indexes of the ReportSchedule.
func (ReportSchedule) Indexes() []ent.Index {
	return []ent.Index{index.Fields("active", "next_on")}
}

// Policy of the ReportSchedule.
func (ReportSchedule) Policy() ent.Policy { return policy{see: ReportSchedules} }

// DocumentTemplate is the file that documents of a kind are made from, where an administrator has changed the built-in one.
type DocumentTemplate struct{ ent.Schema }

// Mixin of the DocumentTemplate.
func (DocumentTemplate) Mixin() []ent.Mixin { return []ent.Mixin{idMixin{}} }

// Fields of the DocumentTemplate.
func (DocumentTemplate) Fields() []ent.Field {
	return []ent.Field{
		field.Enum("kind").Values("AGENT_REPORT", "ACT_OF_SERVICES").Immutable(),
		field.Bytes("content").Comment("a DOCX file"),
		field.Int("size").Comment("bytes"),
		field.UUID("uploaded_by_id", gid.ID{}),
		field.Time("uploaded_at"),
	}
}

// Edges of the DocumentTemplate.
func (DocumentTemplate) Edges() []ent.Edge {
	return []ent.Edge{edge.To("uploaded_by", User.Type).Field("uploaded_by_id").Unique().Required()}
}

// Indexes of the DocumentTemplate.
func (DocumentTemplate) Indexes() []ent.Index { return []ent.Index{index.Fields("kind").Unique()} }

// Policy of the DocumentTemplate.
func (DocumentTemplate) Policy() ent.Policy { return policy{see: DocumentTemplates} }
