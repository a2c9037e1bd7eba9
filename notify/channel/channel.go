// Package channel is what all ways out have in common: a message, the provider's answer, and what a failure means for the next
// attempt. notify/email and notify/whatsapp speak with the providers, notify/deliveries decides by this what is done.
package channel

import (
	"context"
	"time"

	"channelbook/internal/gid"
)

// The channels by their names in the schema. The feed is a channel too, though nothing leaves the house by it.
const (
	Web      = "WEB"
	Email    = "EMAIL"
	WhatsApp = "WHATSAPP"
)

// Outside are the channels by which messages leave the house.
var Outside = []string{Email, WhatsApp}

// Message is what one recipient gets by one channel.
type Message struct {
	Delivery gid.ID // ours: the provider hands it back in its reports
	To       string // an e-mail address, or a phone in E.164
	// What an e-mail of our own says. HTML is whole, Text is the same for those who read no HTML.
	Subject, Text, HTML string
	// Template is the provider's own template instead, with the values that it gets, in its order.
	Template   string
	Language   string // of the template, such as ru
	Parameters []Parameter
}

// Parameter is a value of a provider's template.
type Parameter struct{ Name, Value string }

// Receipt says that a provider has taken a message: which is not that it has arrived.
type Receipt struct {
	ID          string // the provider's of the message
	Transaction string // Elastic Email's, by which its status is asked; else empty
}

// Sender hands messages to a provider. An error is a *Failure, or one of ctx.
type Sender interface {
	Send(ctx context.Context, m Message) (Receipt, error)
}

// Class is what a failure means for the message, its recipient and its channel.
type Class int

// The classes.
const (
	// Unclear: nobody knows whether the provider has taken it. It may be sent once more.
	Unclear Class = iota
	// Passing: the provider cannot just now. Soon again, ever later.
	Passing
	// Crowded: this recipient gets too many at once. Later for the recipient, ever later; others are not concerned.
	Crowded
	// Held: the provider holds the number or the sender for hours. The channel stops, and people are told.
	Held
	// TemplateHeld: likewise the template alone.
	TemplateHeld
	// NotToday: not before a day has passed for this recipient, so the next channel takes it.
	NotToday
	// Unreachable: never to this recipient by this channel, so the next channel takes it.
	Unreachable
	// Unwanted: Unreachable, and the address gets nothing more.
	Unwanted
	// Unfit: the message itself is wrong. A person has to look.
	Unfit
	// Refused: the account or its configuration is wrong. The channel stops, and people are told.
	Refused
)

// Failure is why a provider did not take or deliver a message.
type Failure struct {
	Class Class
	Code  string // the provider's, or ours in capitals where it has none
	// Text is the provider's words, for administrators: without addresses, phones and what the message said.
	Text string
	// After is at least how long to wait, where the provider says so; else 0.
	After time.Duration
}

// Error is the code and the words.
func (f *Failure) Error() string {
	if f.Text == "" {
		return f.Code
	}
	return f.Code + ": " + f.Text
}

// Report is what a provider tells of a message after it has taken it. Reports come repeated and in any order.
type Report struct {
	Channel  string
	Delivery gid.ID // ours, as the provider hands it back
	ID       string // the provider's of the message
	Status   Status
	At       time.Time
	Failure  *Failure // of a Failed; and of any where the address gets nothing more: Unwanted
}

// Status is how far a message came.
type Status string

// The statuses, each further than the one before; Failed is none after Delivered.
const (
	Sent      Status = "SENT"
	Delivered Status = "DELIVERED"
	Read      Status = "READ"
	Failed    Status = "FAILED"
)
