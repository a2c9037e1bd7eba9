package templates

import (
	"context"
	"fmt"
	"regexp"

	"channelbook/ent"
	"channelbook/ent/messagetemplate"
	"channelbook/ent/predicate"
	"channelbook/internal/auth"
	"channelbook/notify/channel"
	"channelbook/personaldata/processors"
)

// Compose makes the message of a letter, but for its address and delivery: by the template that the letter names, else by the
// distributor's own that is in force, else by that of all, else by the built-in one, which e-mail alone has. A welcome is made by
// its distributor's own or not at all.
//
// A *channel.Failure is of class Unreachable with NO_TEMPLATE where the channel has none, so that the next channel takes over, and
// of class Unfit with PERSONAL_DATA_NOT_ALLOWED where the register allows less than the template says.
func (s *Service) Compose(ctx context.Context, l Letter) (channel.Message, error) {
	ctx = auth.AsSystem(ctx, "compose a message")
	if l.Sample && l.Template.IsZero() && l.Kind == Welcome {
		l.Kind = "" // a test of a welcome names its template
	}
	row, err := s.chosen(ctx, l)
	if err != nil {
		return channel.Message{}, err
	}
	register, err := processors.Read(ctx, s.DB.Channel)
	if err != nil {
		return channel.Message{}, err
	}
	w := wording{kind: l.Kind, channel: l.Channel}
	if row != nil {
		w = wordingOf(row)
	}
	return s.compose(ctx, l, w, register[l.Channel])
}

// chosen is the template of a letter; nil: the built-in one.
func (s *Service) chosen(ctx context.Context, l Letter) (*ent.MessageTemplate, error) {
	which := messagetemplate.ID(l.Template)
	if l.Template.IsZero() {
		if l.Kind == "" {
			return nil, l.builtIn()
		}
		which = InForce(l)
	}
	rows, err := s.DB.MessageTemplate.Query().Where(which).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for a template: %w", err)
	}
	if row := Nearest(rows); row != nil {
		return row, nil
	}
	return nil, l.builtIn()
}

// InForce are the templates that a letter may be made by: the Nearest of them is.
func InForce(l Letter) predicate.MessageTemplate {
	return messagetemplate.And(
		messagetemplate.KindEQ(messagetemplate.Kind(l.Kind)), messagetemplate.ChannelEQ(messagetemplate.Channel(l.Channel)), messagetemplate.Enabled(true),
		messagetemplate.Or(messagetemplate.DistributorID(l.Distributor), messagetemplate.DistributorIDIsNil()))
}

// Nearest is the distributor's own template before that of all; nil of none.
func Nearest(rows []*ent.MessageTemplate) (nearest *ent.MessageTemplate) {
	for _, row := range rows {
		if nearest == nil || row.DistributorID != nil {
			nearest = row
		}
	}
	return nearest
}

// builtIn fails where there is no built-in template of a letter.
func (l Letter) builtIn() error {
	if l.Channel == channel.Email && l.Kind != Welcome && l.Template.IsZero() {
		return nil
	}
	return &channel.Failure{Class: channel.Unreachable, Code: "NO_TEMPLATE", Text: "There is no template for this channel."}
}

// wording is what a template says: a text of ours, a provider's template, or neither, which is the built-in one.
type wording struct {
	kind, channel      string
	subject, text      string
	template, language string
	parameters         []string
}

func wordingOf(row *ent.MessageTemplate) wording {
	return wording{
		kind: row.Kind.String(), channel: row.Channel.String(), subject: row.Subject, text: row.Text,
		template: row.ProviderTemplate, language: row.Language, parameters: row.Parameters,
	}
}

// variables are those that it uses.
func (w wording) variables() []Variable {
	return used(w.kind, []string{w.subject, w.text}, w.parameters)
}

// compose makes the message of a wording, as far as the register allows it.
func (s *Service) compose(ctx context.Context, l Letter, w wording, by processors.Entry) (channel.Message, error) {
	l.Kind = w.kind
	variables := w.variables()
	for _, v := range variables {
		if v.Data != "" && !by.Allows(v.Data) {
			return channel.Message{}, &channel.Failure{Class: channel.Unfit, Code: notAllowed,
				Text: fmt.Sprintf("The template has {{%s}}, and the register does not allow %s on this channel.", v.Name, v.Data)}
		}
	}
	f, err := s.factsOf(ctx, l, by)
	if err != nil {
		return channel.Message{}, err
	}
	value := func(name string) string {
		for _, v := range variables {
			if v.Name == name {
				return v.value(s, &f)
			}
		}
		return "" // what was declared once and is no more
	}
	switch {
	case w.template != "":
		return w.provided(value), nil
	case w.channel != channel.Email:
		return channel.Message{}, &channel.Failure{Class: channel.Unreachable, Code: "NO_TEMPLATE", Text: "This channel takes the provider's templates alone."}
	case w.text != "":
		p := page{Subject: line(fill(w.subject, value)), Text: fill(w.text, value)}
		return s.mailed(l, ownPage, p)
	}
	return s.ours(l, f, by)
}

func (s *Service) factsOf(ctx context.Context, l Letter, by processors.Entry) (facts, error) {
	if l.Sample {
		return s.sampleFacts(l.Kind, by), nil
	}
	f, err := s.gather(ctx, l, by)
	if !carries(by, f.client) || noName.MatchString(f.client) { // whoever sends a lead types what he likes into it
		f.client = ""
	}
	return f, err
}

// noName is what no name of a person has, and makes of a welcome a message of somebody else's to whatever address he gives: an address
// of the web, marks of HTML, which providers put into their templates as they are, and the braces of their variables.
var noName = regexp.MustCompile(`(?i)[<>{}/\\@]|\bwww\.|[\p{L}\p{N}-]{2}\.\p{L}{2}`)

// notAllowed says that the register of processors does not allow what a template says.
const notAllowed = "PERSONAL_DATA_NOT_ALLOWED"
