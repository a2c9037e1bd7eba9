package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"channelbook/internal/gid"
)

// outsideChannels are the ways by which a message leaves the house.
var outsideChannels = []string{"EMAIL", "WHATSAPP"}

// NotificationSettings are how a person wants to be told. Who has no row has the defaults, which package notify/preferences
// knows.
type NotificationSettings struct{ ent.Schema }

// Annotations of the NotificationSettings.
func (NotificationSettings) Annotations() []schema.Annotation {
	return []schema.Annotation{entsql.Table("notification_settings")}
}

// Fields of the NotificationSettings.
func (NotificationSettings) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("user_id", gid.ID{}).Unique().Immutable(),
		field.String("time_zone").Optional().Comment("that quiet hours are in; none: the business's"),
		field.Int("quiet_from").Optional().Nillable().Comment("minutes after midnight; none: no quiet hours"),
		field.Int("quiet_to").Optional().Nillable().Comment("minutes after midnight; not later than quiet_from: on the next day"),
		field.Int("digest_minutes").Comment("further ones of a kind within that time become one message; 0: each is a message"),
		field.Int("fallback_minutes").Comment("how long one may stay unread before the next channel"),
		field.Strings("fallback_order").Comment("WEB, EMAIL, WHATSAPP in the person's order"),
		field.Time("updated_at"),
	}
}

// Policy of the NotificationSettings. A person sets their own through notify/preferences, which works as the system.
func (NotificationSettings) Policy() ent.Policy {
	return policy{see: NotificationSettingsOf, systemWrites: true}
}

// NotificationPreference is what a person wants of one kind by one channel. Where there is no row, the catalogue's default holds.
type NotificationPreference struct{ ent.Schema }

// Fields of the NotificationPreference.
func (NotificationPreference) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("user_id", gid.ID{}).Immutable(),
		field.Enum("kind").Values(noticeKinds...).Immutable(),
		field.Enum("channel").Values("WEB", "EMAIL", "WHATSAPP").Immutable(),
		field.Enum("mode").Values("ALWAYS", "FALLBACK", "NEVER").Comment("FALLBACK: where no channel before it in the person's order has reached the person"),
	}
}

// Indexes of the NotificationPreference.
func (NotificationPreference) Indexes() []ent.Index {
	return []ent.Index{index.Fields("user_id", "kind", "channel").Unique()}
}

// Policy of the NotificationPreference.
func (NotificationPreference) Policy() ent.Policy {
	return policy{see: NotificationSettingsOf, systemWrites: true}
}

// Delivery is one message to one recipient by one channel that leaves the house, and how far it came. It holds neither the
// recipient's address nor the text: both are looked up when it is sent.
type Delivery struct{ ent.Schema }

// Mixin of the Delivery.
func (Delivery) Mixin() []ent.Mixin { return []ent.Mixin{idMixin{}} }

// Fields of the Delivery.
func (Delivery) Fields() []ent.Field {
	return []ent.Field{
		field.Enum("purpose").Values("NOTICE", "WELCOME", "TEST").Immutable(),
		field.Enum("channel").Values(outsideChannels...).Immutable(),
		field.Enum("kind").Values(noticeKinds...).Optional().Nillable().Immutable().Comment("of its notices; none of a WELCOME"),
		field.UUID("user_id", gid.ID{}).Optional().Nillable().Immutable().Comment("the recipient"),
		field.UUID("lead_id", gid.ID{}).Optional().Nillable().Immutable().Comment("the recipient of a WELCOME"),
		field.UUID("distributor_id", gid.ID{}).Optional().Nillable().Immutable().Comment("whose user the recipient was, or whose welcome it is"),
		field.Bool("fallback").Default(false).Immutable().Comment("what has been read by then is not sent"),
		field.UUID("template_id", gid.ID{}).Optional().Nillable().Immutable().Comment("of a TEST: the template to send; none: the built-in one"),

		field.Enum("status").Values(
			"SCHEDULED",         // waits for its time, and takes further notices of its kind along
			"QUEUED",            // waits for an attempt
			"SENDING",           // an attempt runs, or was broken off
			"SENT",              // the provider has taken it
			"DELIVERED", "READ", // as the provider tells
			"FAILED",     // the provider or the recipient's mailbox refused it
			"DEAD",       // nothing was left to try: a person has to look
			"UNKNOWN",    // nobody knows whether it went: a person decides
			"SUPPRESSED", // the address takes no messages of ours
			"SKIPPED",    // it was not needed or not allowed any more
			"CANCELLED",
		).Default("SCHEDULED"),
		field.Time("created_at").Immutable(),
		field.Time("due_at").Comment("not before this"),
		field.Int("round").Default(0).Comment("how often a person has had it sent again"),
		field.Int("attempts").Default(0).Comment("of this round"),
		field.Int("unclear").Default(0).Comment("attempts of this round of which nobody knows how they ended"),
		field.Time("begun_at").Optional().Nillable().Comment("of the last attempt"),
		field.Bool("repeated").Default(false).Comment("sent again after an attempt that may have gone: the recipient may have it twice"),
		field.String("provider_id").Optional().Comment("the provider's id of the message"),
		field.String("transaction_id").Optional().Comment("Elastic Email's, by which it is asked"),
		field.String("error_code").Optional().Comment("of the last attempt or report"),
		field.String("error").Optional().Comment("likewise, in words, without addresses"),
		field.Time("sent_at").Optional().Nillable(),
		field.Time("delivered_at").Optional().Nillable(),
		field.Time("read_at").Optional().Nillable(),
		field.Time("ended_at").Optional().Nillable().Comment("when it failed, or was given up, skipped or cancelled"),
	}
}

// Indexes of the Delivery.
func (Delivery) Indexes() []ent.Index {
	return []ent.Index{
		// One of a kind takes notices along at a time.
		index.Fields("user_id", "channel", "kind", "fallback").Unique().StorageKey("delivery_gathers").
			Annotations(entsql.IndexWhere("status = 'SCHEDULED' AND purpose = 'NOTICE'")),
		// A lead is welcomed once by a channel, whoever gets it after that.
		index.Fields("lead_id", "channel").Unique().StorageKey("delivery_welcome").Annotations(entsql.IndexWhere("purpose = 'WELCOME'")),
		index.Fields("user_id", "channel", "kind", "begun_at"),
		index.Fields("user_id", "id"),
		index.Fields("distributor_id", "id"),
		index.Fields("lead_id", "id"),
		index.Fields("status", "id"),
		index.Fields("status", "due_at"),
		index.Fields("channel", "id"),
		index.Fields("channel", "provider_id"),
		index.Fields("created_at"),
	}
}

// Policy of the Delivery.
func (Delivery) Policy() ent.Policy { return policy{see: Deliveries, systemWrites: true} }

// DeliveryItem is a notice that a delivery tells its recipient of.
type DeliveryItem struct{ ent.Schema }

// Fields of the DeliveryItem.
func (DeliveryItem) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("delivery_id", gid.ID{}).Immutable(),
		field.UUID("notice_id", gid.ID{}).Immutable(),
		field.UUID("user_id", gid.ID{}).Immutable().Comment("of the delivery"),
	}
}

// Indexes of the DeliveryItem.
func (DeliveryItem) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("delivery_id", "notice_id").Unique(),
		index.Fields("user_id", "notice_id"),
		index.Fields("notice_id"),
	}
}

// Policy of the DeliveryItem.
func (DeliveryItem) Policy() ent.Policy { return policy{see: systemOnly, systemWrites: true} }

// DeliveryReport is a status that a provider has told of a delivery: each is taken once.
type DeliveryReport struct{ ent.Schema }

// Fields of the DeliveryReport.
func (DeliveryReport) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("delivery_id", gid.ID{}).Immutable(),
		field.String("provider_id").Immutable(),
		field.String("status").Immutable(),
		field.String("code").Optional().Immutable(),
		field.Time("at").Immutable().Comment("as the provider tells"),
		field.Time("came_at").Immutable(),
	}
}

// Indexes of the DeliveryReport.
func (DeliveryReport) Indexes() []ent.Index {
	return []ent.Index{index.Fields("delivery_id", "provider_id", "status").Unique()}
}

// Policy of the DeliveryReport.
func (DeliveryReport) Policy() ent.Policy { return policy{see: systemOnly, systemWrites: true} }

// Suppression is an address that gets nothing more by a channel: its owner has complained or unsubscribed, or there is no such
// mailbox.
type Suppression struct{ ent.Schema }

// Mixin of the Suppression.
func (Suppression) Mixin() []ent.Mixin { return []ent.Mixin{idMixin{}} }

// Fields of the Suppression.
func (Suppression) Fields() []ent.Field {
	return []ent.Field{
		field.Enum("channel").Values(outsideChannels...).Immutable(),
		field.Bytes("address_index").Immutable().Sensitive().Comment("keyed hash of the address"),
		field.String("reason").Immutable().Comment("the provider's word for it"),
		field.UUID("delivery_id", gid.ID{}).Optional().Nillable().Immutable().Comment("after which"),
		field.UUID("user_id", gid.ID{}).Optional().Nillable().Immutable().Comment("whose address it was"),
		field.UUID("lead_id", gid.ID{}).Optional().Nillable().Immutable().Comment("likewise"),
		field.Time("at").Immutable(),
	}
}

// Indexes of the Suppression.
func (Suppression) Indexes() []ent.Index {
	return []ent.Index{index.Fields("channel", "address_index").Unique()}
}

// Policy of the Suppression.
func (Suppression) Policy() ent.Policy { return policy{see: Suppressions, systemWrites: true} }

// Channel is what the register of processors says of a way out (152-FZ art. 6 p. 3, art. 12): who carries messages there, in which
// country, which personal data may stand in them, and whether any are sent at all. One without a row is as the catalogue has it.
type Channel struct{ ent.Schema }

// Fields of the Channel.
func (Channel) Fields() []ent.Field {
	return []ent.Field{
		field.Enum("channel").Values(outsideChannels...).Immutable(),
		field.Bool("enabled"),
		field.String("processor").Comment("the legal entity"),
		field.String("country"),
		field.Strings("personal_data").Comment("categories that may be sent: CLIENT_NAME, CLIENT_EMAIL, CLIENT_PHONE, EMPLOYEE_NAME"),
		field.Time("updated_at"),
	}
}

// Indexes of the Channel.
func (Channel) Indexes() []ent.Index { return []ent.Index{index.Fields("channel").Unique()} }

// Policy of the Channel.
func (Channel) Policy() ent.Policy { return policy{see: Channels} }

// ChannelState is whether a channel's provider takes messages just now: the state of its circuit.
type ChannelState struct{ ent.Schema }

// Fields of the ChannelState.
func (ChannelState) Fields() []ent.Field {
	return []ent.Field{
		field.Enum("channel").Values(outsideChannels...).Immutable(),
		field.Enum("state").Values("RUNNING", "STOPPED"),
		field.Int("failures").Default(0).Comment("in a row"),
		field.Int("stops").Default(0).Comment("in a row: each lasts longer"),
		field.String("code").Optional().Comment("why it was stopped"),
		field.Time("since").Comment("in this state"),
		field.Time("retry_at").Optional().Nillable().Comment("when one message tries whether it works again"),
	}
}

// Indexes of the ChannelState.
func (ChannelState) Indexes() []ent.Index { return []ent.Index{index.Fields("channel").Unique()} }

// Policy of the ChannelState.
func (ChannelState) Policy() ent.Policy { return policy{see: Channels, systemWrites: true} }

// Pace is before when nothing is sent to a recipient, or by a provider's template, of a channel.
type Pace struct{ ent.Schema }

// Fields of the Pace.
func (Pace) Fields() []ent.Field {
	return []ent.Field{
		field.Enum("channel").Values(outsideChannels...).Immutable(),
		field.String("subject").Immutable().Sensitive().Comment("a keyed hash of the address, or template:NAME"),
		field.Time("not_before"),
		field.Int("steps").Default(0).Comment("how often in a row the provider has asked for more time"),
	}
}

// Indexes of the Pace.
func (Pace) Indexes() []ent.Index {
	return []ent.Index{index.Fields("channel", "subject").Unique(), index.Fields("not_before")}
}

// Policy of the Pace.
func (Pace) Policy() ent.Policy { return policy{see: systemOnly, systemWrites: true} }

// MessageTemplate is what a distributor's messages of one kind look like by one channel, or everybody's where it is of no
// distributor: our own text, or the name of a template that the provider keeps.
type MessageTemplate struct{ ent.Schema }

// Mixin of the MessageTemplate.
func (MessageTemplate) Mixin() []ent.Mixin { return []ent.Mixin{idMixin{}, timesMixin{}} }

// Fields of the MessageTemplate.
func (MessageTemplate) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("distributor_id", gid.ID{}).Optional().Nillable().Immutable().Comment("none: for all that have none of their own"),
		field.Enum("kind").Values(append([]string{"WELCOME"}, noticeKinds...)...).Immutable(),
		field.Enum("channel").Values(outsideChannels...).Immutable(),
		field.Bool("enabled").Comment("of a WELCOME: whether clients get it"),
		field.String("subject").Optional().Comment("with variables: {{name}}"),
		field.Text("text").Optional().Comment("likewise"),
		field.String("provider_template").Optional().Comment("instead of a text"),
		field.String("language").Optional().Comment("of the provider's template, such as ru"),
		field.Strings("parameters").Optional().Comment("the variables that the provider's template gets, in its order"),
	}
}

// Indexes of the MessageTemplate.
func (MessageTemplate) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("distributor_id", "kind", "channel").Unique(),
		index.Fields("kind", "channel").Unique().StorageKey("messagetemplate_of_all").Annotations(entsql.IndexWhere("distributor_id IS NULL")),
	}
}

// Policy of the MessageTemplate.
func (MessageTemplate) Policy() ent.Policy { return policy{see: MessageTemplates} }
