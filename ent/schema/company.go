package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
)

// Company is our own company, the other party of every distributor: one row, which a base is born with.
type Company struct{ ent.Schema }

// Fields of the Company. An optional text is absent when empty.
func (Company) Fields() []ent.Field {
	return []ent.Field{
		field.Int("id"),
		field.String("name").Optional(),
		field.String("inn").Optional(),
		field.String("kpp").Optional(),
		field.String("ogrn").Optional(),
		field.String("address").Optional(),
		field.String("city").Optional(),
		field.String("signatory").Optional().Sensitive(),
		field.String("signatory_position").Optional(),
		field.String("information_system").Optional(),
		field.String("bank_name").Optional(),
		field.String("bank_account").Optional(),
		field.String("bank_correspondent_account").Optional(),
		field.String("bank_bik").Optional(),
		field.Time("updated_at").Optional().Nillable(),
	}
}

// Policy of the Company.
func (Company) Policy() ent.Policy { return policy{see: Companies} }
