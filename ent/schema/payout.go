package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"channelbook/internal/gid"
)

// LedgerEntry is one line of what is owed to distributors: an accrual for each sale, and a negative line where a sale is
// reversed. Lines are added and never edited, which a trigger of the base holds as well.
type LedgerEntry struct{ ent.Schema }

// Mixin of the LedgerEntry.
func (LedgerEntry) Mixin() []ent.Mixin { return []ent.Mixin{idMixin{}} }

// Fields of the LedgerEntry.
func (LedgerEntry) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("distributor_id", gid.ID{}).Immutable(),
		field.UUID("lead_id", gid.ID{}).Immutable(),
		field.Enum("kind").Values("ACCRUAL", "REVERSAL").Immutable(),
		field.Int("sale_number").Immutable().Comment("1 for the lead's first sale; one more for each that follows a reversal"),
		neededDay("day"),
		field.Int64("amount").Immutable().Comment("kopecks; of a reversal at most 0"),
		field.Int64("sale_amount").Optional().Nillable().Immutable().Comment("kopecks, of the amount's sign; none where it is not known"),
		neededDay("available_on"),
		field.UUID("reverses_id", gid.ID{}).Optional().Nillable().Immutable().Unique(),
		field.Bool("correction").Default(false).Immutable().Comment("a reversal whose sale is of a period that was closed by then"),
		field.Text("reason").Optional().Immutable(),
		field.UUID("actor_id", gid.ID{}).Optional().Nillable().Immutable().Comment("none for the system"),
		field.Time("created_at").Immutable(),
	}
}

// Edges of the LedgerEntry.
func (LedgerEntry) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("distributor", Distributor.Type).Field("distributor_id").Unique().Required().Immutable(),
		edge.To("lead", Lead.Type).Field("lead_id").Unique().Required().Immutable(),
		edge.To("reversal", LedgerEntry.Type).Unique().From("reverses").Field("reverses_id").Unique().Immutable(),
		edge.To("actor", User.Type).Field("actor_id").Unique().Immutable(),
		edge.To("line", StatementLine.Type).Unique().Annotations(entsql.OnDelete(entsql.NoAction)),
	}
}

// Indexes of the LedgerEntry.
func (LedgerEntry) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("lead_id", "kind", "sale_number").Unique(),
		index.Fields("day", "id").Annotations(entsql.IncludeColumns("distributor_id", "kind", "amount", "sale_amount")),
		index.Fields("distributor_id", "day", "id").Annotations(entsql.IncludeColumns("kind", "amount", "sale_amount")),
		index.Fields("kind", "day", "id"),
		index.Fields("day", "id").StorageKey("ledgerentry_corrections").Annotations(entsql.IndexWhere("correction")),
		index.Fields("actor_id"),
	}
}

// Policy of the LedgerEntry.
func (LedgerEntry) Policy() ent.Policy { return policy{see: LedgerEntries} }

// PayoutStatement is what a distributor is to be paid for a period: one of each. One that is PAID never changes, which a
// trigger of the base holds as well.
type PayoutStatement struct{ ent.Schema }

// Mixin of the PayoutStatement.
func (PayoutStatement) Mixin() []ent.Mixin { return []ent.Mixin{idMixin{}} }

// Fields of the PayoutStatement.
func (PayoutStatement) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("distributor_id", gid.ID{}).Immutable(),
		field.Enum("period_kind").Values(periodKinds...).Immutable(),
		neededDay("starts_on"),
		field.Enum("status").Values("DRAFT", "APPROVED", "PAID").Default("DRAFT"),
		field.Int("revision").Default(1).Comment("one more for each time it was drawn up anew"),
		field.Int64("total").Comment("kopecks"),
		field.Int("entry_count"),
		field.UUID("drawn_up_by_id", gid.ID{}).Optional().Nillable(),
		field.Time("drawn_up_at"),
		field.UUID("approved_by_id", gid.ID{}).Optional().Nillable(),
		field.Time("approved_at").Optional().Nillable(),
		field.UUID("paid_by_id", gid.ID{}).Optional().Nillable(),
		field.Time("paid_at").Optional().Nillable().Comment("when it was marked as paid"),
		day("paid_on"),
		field.String("payment_reference").Optional().Comment("such as the number of the payment order"),
	}
}

// Edges of the PayoutStatement.
func (PayoutStatement) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("distributor", Distributor.Type).Ref("statements").Field("distributor_id").Unique().Required().Immutable(),
		edge.To("drawn_up_by", User.Type).Field("drawn_up_by_id").Unique(),
		edge.To("approved_by", User.Type).Field("approved_by_id").Unique(),
		edge.To("paid_by", User.Type).Field("paid_by_id").Unique(),
		edge.To("lines", StatementLine.Type).Annotations(entsql.OnDelete(entsql.NoAction)),
	}
}

// Indexes of the PayoutStatement.
func (PayoutStatement) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("distributor_id", "period_kind", "starts_on").Unique(),
		index.Fields("starts_on", "id"),
		index.Fields("distributor_id", "starts_on", "id"),
		index.Fields("status", "starts_on", "id"),
	}
}

// Policy of the PayoutStatement.
func (PayoutStatement) Policy() ent.Policy { return policy{see: PayoutStatements} }

// StatementLine puts a line of the ledger on a statement. The unique index keeps it off every other one.
type StatementLine struct{ ent.Schema }

// Fields of the StatementLine.
func (StatementLine) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("statement_id", gid.ID{}).Immutable(),
		field.UUID("entry_id", gid.ID{}).Immutable(),
	}
}

// Edges of the StatementLine.
func (StatementLine) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("statement", PayoutStatement.Type).Ref("lines").Field("statement_id").Unique().Required().Immutable(),
		edge.From("entry", LedgerEntry.Type).Ref("line").Field("entry_id").Unique().Required().Immutable(),
	}
}

// Indexes of the StatementLine.
func (StatementLine) Indexes() []ent.Index {
	return []ent.Index{index.Fields("statement_id")}
}

// Policy of the StatementLine.
func (StatementLine) Policy() ent.Policy { return policy{see: StatementLines} }
