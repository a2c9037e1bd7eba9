package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
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
		field.String("email").Optional().Sensitive(),
		field.String("phone").Optional().Sensitive(),
		field.String("website").Optional(),
		field.Text("description").Optional(),
		field.String("region").Optional(),
		field.String("contract_number").Optional(),
		day("contract_signed_on"),
		field.String("bank_name").Optional(),
		field.String("bank_account").Optional(),
		field.String("bank_correspondent_account").Optional(),
		field.String("bank_bik").Optional(),
		field.Int64("last_turn").Default(0).Comment("the hand-out's turn in which it last got a lead"),
	}
}

// Edges of the Distributor.
func (Distributor) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("users", User.Type),
		edge.To("leads", Lead.Type),
		edge.To("sources", LeadSource.Type),
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
	}
}

// Policy of the Distributor.
func (Distributor) Policy() ent.Policy { return policy{see: Distributors} }

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
