package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"channelbook/internal/gid"
)

// noticeKinds are what people are told of. Each has its texts in package notify; a new one is added here and there.
var noticeKinds = []string{
	"LEAD_ASSIGNED", "LEAD_WITHDRAWN", "LEAD_TAKEN", "LEAD_DECLINED", "LEAD_UNASSIGNED", "LEAD_RESTRICTED",
	"SALE_REGISTERED", "SALE_REVERSED",
	"GOAL_SET", "GOAL_REMOVED", "GOAL_MILESTONE", "PERIOD_CLOSED", "PERIOD_REOPENED",
	"STATEMENT_DRAWN_UP", "STATEMENT_APPROVED", "STATEMENT_PAID",
	"MESSAGE",
	"CHANNEL_STOPPED", "CHANNEL_RESUMED", "WEBHOOK_STOPPED",
	"REPORT_READY", "REPORT_FAILED",
}

// Notice is something that people are told of, and whom. Its cause writes it in the cause's own transaction; after that it
// gets its place in the one line of notices (internal/line), and with it a Notification for each recipient. Apart from the
// place it never changes.
type Notice struct{ ent.Schema }

// Mixin of the Notice.
func (Notice) Mixin() []ent.Mixin { return []ent.Mixin{idMixin{}} }

// Fields of the Notice.
func (Notice) Fields() []ent.Field {
	return []ent.Field{
		field.Time("at").Immutable(),
		field.Enum("kind").Values(noticeKinds...).Immutable(),
		field.String("title").Immutable(),
		field.Text("text").Immutable(),
		field.String("url").Optional().Immutable(),
		field.String("object").Optional().Immutable().Comment("what it is about, by its id as it is shown outside"),

		field.UUID("distributor_id", gid.ID{}).Optional().Nillable().Immutable().Comment("for this distributor's users"),
		field.Bool("admins").Default(false).Immutable().Comment("for administrators"),
		field.Bool("everyone").Default(false).Immutable().Comment("for everybody who may sign in"),
		field.JSON("user_ids", []gid.ID{}).Optional().Immutable().Comment("for these persons"),
		field.UUID("except_id", gid.ID{}).Optional().Nillable().Immutable().Comment("but not for this person, who did it"),

		field.Strings("channels").Optional().Immutable().Comment("by these alone, whatever a person's preference but NEVER; none: as each person wants"),

		field.Int64("place").Optional().Nillable().Unique().Comment("in the line; none yet where it waits for one"),
	}
}

// Edges of the Notice.
func (Notice) Edges() []ent.Edge {
	return []ent.Edge{edge.To("notifications", Notification.Type).Annotations(entsql.OnDelete(entsql.Cascade))}
}

// Indexes of the Notice.
func (Notice) Indexes() []ent.Index { return []ent.Index{waiting("notices")} }

// Policy of the Notice.
func (Notice) Policy() ent.Policy { return policy{see: Notices, systemWrites: true} }

// waiting is the index of the rows that have no place in their line yet.
func waiting(table string) ent.Index {
	return index.Fields("id").StorageKey(table + "_waiting").Annotations(entsql.IndexWhere("place IS NULL"))
}

// Notification is a notice in the feed of one person.
type Notification struct{ ent.Schema }

// Fields of the Notification.
func (Notification) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("notice_id", gid.ID{}).Immutable(),
		field.UUID("user_id", gid.ID{}).Immutable(),
		field.UUID("distributor_id", gid.ID{}).Optional().Nillable().Immutable().Comment("whose user the person was; who is another's now sees it no more"),
		field.Enum("kind").Values(noticeKinds...).Immutable().Comment("of the notice, for the filter"),
		field.Int64("place").Immutable().Comment("of the notice"),
		field.Time("read_at").Optional().Nillable(),
	}
}

// Edges of the Notification.
func (Notification) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("notice", Notice.Type).Ref("notifications").Field("notice_id").Unique().Required().Immutable(),
		edge.To("user", User.Type).Field("user_id").Unique().Required().Immutable(),
	}
}

// Indexes of the Notification.
func (Notification) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("notice_id", "user_id").Unique(),
		index.Fields("user_id", "place").Unique(),
		index.Fields("user_id", "kind", "place"),
		index.Fields("user_id", "place").StorageKey("notification_unread").Annotations(entsql.IndexWhere("read_at IS NULL")),
	}
}

// Policy of the Notification. A person marks them as read through notify, which works as the system.
func (Notification) Policy() ent.Policy { return policy{see: Notifications, systemWrites: true} }

// Line is how far the rows of a table have their places: internal/line.
type Line struct{ ent.Schema }

// Fields of the Line.
func (Line) Fields() []ent.Field {
	return []ent.Field{
		field.String("name").Unique().Immutable().Comment("the table"),
		field.Int64("last").Comment("the last place that was given"),
	}
}

// Policy of the Line.
func (Line) Policy() ent.Policy { return policy{see: systemOnly, systemWrites: true} }

// LeadChange says that a lead has changed, to those who watch leads live. It is kept for an hour.
type LeadChange struct{ ent.Schema }

// Mixin of the LeadChange.
func (LeadChange) Mixin() []ent.Mixin { return []ent.Mixin{idMixin{}} }

// Fields of the LeadChange.
func (LeadChange) Fields() []ent.Field {
	return []ent.Field{
		field.Time("at").Immutable(),
		field.UUID("lead_id", gid.ID{}).Immutable(),
		field.UUID("distributor_id", gid.ID{}).Optional().Nillable().Immutable().Comment("whose lead it has been since"),
		field.Int64("place").Optional().Nillable().Unique(),
	}
}

// Indexes of the LeadChange.
func (LeadChange) Indexes() []ent.Index { return []ent.Index{waiting("lead_changes")} }

// Policy of the LeadChange.
func (LeadChange) Policy() ent.Policy { return policy{see: systemOnly, systemWrites: true} }
