package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"channelbook/ent/values"
	"channelbook/internal/gid"
)

// Distributor is a company that receives leads.
type Distributor struct{ ent.Schema }

// Mixin of the Distributor.
func (Distributor) Mixin() []ent.Mixin { return []ent.Mixin{idMixin{}, timesMixin{}} }

// Fields of the Distributor. An optional text is absent when empty.
func (Distributor) Fields() []ent.Field {
	return []ent.Field{
		field.String("company_name"),
		field.String("company_name_fold").Comment("company_name in lower case, for order and search"),
		field.Enum("status").Values("ACTIVE", "SUSPENDED").Default("ACTIVE"),
		field.String("inn").Optional(),
		field.String("kpp").Optional(),
		field.String("ogrn").Optional(),
		field.String("legal_address").Optional(),
		field.Bytes("email_sealed").Optional().Sensitive().Comment("see ent/sealed"),
		field.Bytes("phone_sealed").Optional().Sensitive().Comment("see ent/sealed"),
		field.String("website").Optional(),
		field.Text("description").Optional(),
		field.String("region").Optional(),
		field.String("contract_number").Optional(),
		day("contract_signed_on"),
		field.String("bank_name").Optional(),
		field.String("bank_account").Optional(),
		field.String("bank_correspondent_account").Optional(),
		field.String("bank_bik").Optional(),
		field.UUID("logo_id", gid.ID{}).Optional().Nillable(),
		field.Int64("last_turn").Default(0).Comment("the hand-out's turn in which it last got a lead"),

		field.Enum("payout_rule").Values("MANUAL", "FIXED", "PERCENT").Default("MANUAL"),
		field.Int64("payout_fixed").Optional().Nillable().Comment("kopecks for each sale"),
		field.Int64("payout_percent").Optional().Nillable().Comment("hundredths of a percent of the sale's amount"),
		field.Int("holding_days").Default(0).Comment("from a sale until its payout may be paid"),
		field.Int64("payout_minimum").Default(0).Comment("kopecks; a statement of less is carried over"),
		field.Int("acceptance_hours").Optional().Nillable().Comment("working hours within which a lead is to be taken"),
		field.Int("daily_lead_cap").Optional().Nillable(),
		field.Int("monthly_lead_cap").Optional().Nillable(),
		field.Int("open_lead_cap").Optional().Nillable().Comment("leads in NEW and IN_PROGRESS"),
		field.String("timezone").Optional().Comment("of its working hours and absences; empty: the business's"),
		field.JSON("working_hours", []values.WorkingHours{}).Optional().Comment("empty: Monday to Friday, 9:00 to 18:00"),
	}
}

// Edges of the Distributor.
func (Distributor) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("users", User.Type),
		edge.To("leads", Lead.Type),
		edge.To("sources", LeadSource.Type),
		edge.To("absences", Absence.Type),
		edge.To("goals", Goal.Type),
		edge.To("statements", PayoutStatement.Type),
		edge.To("logo", Picture.Type).Field("logo_id").Unique(),
	}
}

// Indexes of the Distributor: one for each order and filter offered, and the hand-out's.
func (Distributor) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("company_name_fold", "id"),
		index.Fields("company_name_fold").StorageKey("distributor_company_name_fold_prefix").
			Annotations(entsql.OpClass("text_pattern_ops")),
		index.Fields("created_at", "id"),
		index.Fields("status", "last_turn"),
		index.Fields("inn"),
		index.Fields("logo_id"),
	}
}

// Policy of the Distributor.
func (Distributor) Policy() ent.Policy { return policy{see: Distributors} }

// Absence is a time in which a distributor works no leads. Those of one distributor do not overlap: a check under a lock
// of its row holds that.
type Absence struct{ ent.Schema }

// Mixin of the Absence.
func (Absence) Mixin() []ent.Mixin { return []ent.Mixin{idMixin{}} }

// Fields of the Absence.
func (Absence) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("distributor_id", gid.ID{}).Immutable(),
		neededDay("starts_on"),
		neededDay("ends_on"),
		field.String("reason").Optional(),
		field.Time("created_at").Immutable(),
	}
}

// Edges of the Absence.
func (Absence) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("distributor", Distributor.Type).Ref("absences").Field("distributor_id").Unique().Required().Immutable(),
	}
}

// Indexes of the Absence.
func (Absence) Indexes() []ent.Index {
	return []ent.Index{index.Fields("distributor_id", "ends_on", "id")}
}

// Policy of the Absence.
func (Absence) Policy() ent.Policy { return policy{see: Absences} }

// HandOut is the turn of the round robin: one row, stepped by one update that makes hand-outs take turns.
type HandOut struct{ ent.Schema }

// Fields of the HandOut.
func (HandOut) Fields() []ent.Field {
	return []ent.Field{
		field.Int("id"),
		field.Int64("turn").Default(0),
	}
}

// Policy of the HandOut.
func (HandOut) Policy() ent.Policy { return policy{see: systemOnly} }
