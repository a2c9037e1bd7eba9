package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"channelbook/internal/gid"
)

// Webhook is an address of an integrator's system that is told of events.
type Webhook struct{ ent.Schema }

// Mixin of the Webhook.
func (Webhook) Mixin() []ent.Mixin { return []ent.Mixin{idMixin{}, timesMixin{}} }

// Fields of the Webhook.
func (Webhook) Fields() []ent.Field {
	return []ent.Field{
		field.String("name"),
		field.String("url").Sensitive().Comment("it may hold a token"),
		field.Strings("events").Comment("the kinds of notices that it is told of"),
		field.UUID("distributor_id", gid.ID{}).Optional().Nillable().Comment("whose events; none: all"),
		field.Bytes("secret_sealed").Sensitive().Comment("see ent/sealed"),
		field.Bytes("former_secret_sealed").Optional().Sensitive().Comment("the one before a rotation, which signs too until it ends"),
		field.Time("former_until").Optional().Nillable(),
		field.Bool("enabled").Default(true),
	}
}

// Indexes of the Webhook.
func (Webhook) Indexes() []ent.Index { return []ent.Index{index.Fields("distributor_id")} }

// Policy of the Webhook.
func (Webhook) Policy() ent.Policy { return policy{see: Webhooks} }

// WebhookState is how a webhook fares.
type WebhookState struct{ ent.Schema }

// Fields of the WebhookState.
func (WebhookState) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("webhook_id", gid.ID{}).Unique().Immutable(),
		field.Int("failures").Default(0).Comment("attempts in a row"),
		field.Time("stopped_at").Optional().Nillable().Comment("after too many"),
		field.Time("succeeded_at").Optional().Nillable(),
	}
}

// Policy of the WebhookState.
func (WebhookState) Policy() ent.Policy { return policy{see: Webhooks, systemWrites: true} }

// WebhookDelivery is one event that is sent to one webhook.
type WebhookDelivery struct{ ent.Schema }

// Mixin of the WebhookDelivery.
func (WebhookDelivery) Mixin() []ent.Mixin { return []ent.Mixin{idMixin{}} }

// Fields of the WebhookDelivery.
func (WebhookDelivery) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("webhook_id", gid.ID{}).Immutable(),
		field.String("event").Immutable().Comment("names the event whatever number of notices tell of it: a webhook gets it once"),
		field.Enum("kind").Values(noticeKinds...).Immutable(),
		field.Text("body").Immutable().Comment("what is sent, to the byte"),
		field.Enum("status").Values("QUEUED", "DELIVERED", "FAILED", "CANCELLED").Default("QUEUED"),
		field.Time("created_at").Immutable(),
		field.Time("due_at"),
		field.Int("round").Default(0).Comment("how often a person has had it sent again"),
		field.Time("round_at").Comment("when the round began: it is tried for a day from then on"),
		field.Int("attempts").Default(0).Comment("of this round"),
		field.String("error_code").Optional(),
		field.Time("delivered_at").Optional().Nillable(),
		field.Time("ended_at").Optional().Nillable(),
	}
}

// Indexes of the WebhookDelivery.
func (WebhookDelivery) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("webhook_id", "event").Unique(),
		index.Fields("webhook_id", "id"),
		index.Fields("webhook_id", "status", "id"),
		index.Fields("status", "due_at"),
		index.Fields("created_at"),
	}
}

// Policy of the WebhookDelivery.
func (WebhookDelivery) Policy() ent.Policy { return policy{see: Webhooks, systemWrites: true} }

// WebhookAttempt is one attempt to send an event.
type WebhookAttempt struct{ ent.Schema }

// Mixin of the WebhookAttempt.
func (WebhookAttempt) Mixin() []ent.Mixin { return []ent.Mixin{idMixin{}} }

// Fields of the WebhookAttempt.
func (WebhookAttempt) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("delivery_id", gid.ID{}).Immutable(),
		field.Time("at").Immutable(),
		field.Int("milliseconds").Immutable(),
		field.Int("http_status").Optional().Nillable().Immutable().Comment("none: there was no answer"),
		field.String("error_code").Optional().Immutable(),
		field.String("answer").Optional().Immutable().Sensitive().Comment("the beginning of the body"),
	}
}

// Indexes of the WebhookAttempt.
func (WebhookAttempt) Indexes() []ent.Index { return []ent.Index{index.Fields("delivery_id", "id")} }

// Policy of the WebhookAttempt.
func (WebhookAttempt) Policy() ent.Policy { return policy{see: Webhooks, systemWrites: true} }
