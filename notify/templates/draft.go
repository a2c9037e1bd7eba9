package templates

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"channelbook/ent/messagetemplate"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/notify/channel"
	"channelbook/personaldata/processors"
)

// What a template may have.
const (
	MaxSubject    = 200  // characters
	MaxText       = 4000 // characters
	MaxTemplate   = 512  // characters
	MaxParameters = 20
)

// Draft is a template as an administrator gives it: a text of ours with its subject, a provider's template with its language and
// parameters, or, for e-mail, neither, which is the built-in one.
type Draft struct {
	Distributor      *gid.ID // nil: of all that have none of their own
	Kind, Channel    string
	Enabled          bool
	Subject, Text    string // with variables: {{name}}
	ProviderTemplate string
	Language         string   // of the provider's template; empty: ru
	Parameters       []string // names of variables, in the order of the provider's template
}

// russian is the language of a provider's template where none is given.
const russian = "ru"

// language is as the providers write one: ru, en_US.
var language = regexp.MustCompile(`^[a-z]{2,3}(_[A-Za-z]{2,4})?$`)

// form collects what is wrong with a draft, all of it at once.
type form struct{ wrong []error }

func (f *form) add(code, field, message string) {
	kind := fault.Invalid
	if code == "CONFLICT" {
		kind = fault.Conflict
	}
	f.wrong = append(f.wrong, fault.Coded(kind, code, field, message))
}

// text checks a text and returns it trimmed; lines may be broken where lined is set.
func (f *form) text(field, value string, limit int, lined bool) string {
	value = strings.TrimSpace(strings.ReplaceAll(value, "\r\n", "\n"))
	control := func(r rune) bool { return unicode.IsControl(r) && (!lined || r != '\n' && r != '\t') }
	switch {
	case !utf8.ValidString(value) || strings.ContainsFunc(value, control):
		f.add("INVALID_CHARACTERS", field, "The text has control characters or is not valid UTF-8.")
	case utf8.RuneCountInString(value) > limit:
		f.add("TOO_LONG", field, fmt.Sprintf("At most %d characters are taken here.", limit))
	}
	return value
}

// check brings a draft into its normal form, and tells all that is wrong with it.
func (d *Draft) check(register processors.Register) error {
	var f form
	known := messagetemplate.KindValidator(messagetemplate.Kind(d.Kind)) == nil
	if !known {
		f.add("INVALID_VALUE", "kind", "People are told of nothing of this kind.")
	}
	if messagetemplate.ChannelValidator(messagetemplate.Channel(d.Channel)) != nil {
		f.add("INVALID_VALUE", "channel", "Nothing leaves the house by this channel.")
	}
	if d.Kind == Welcome && d.Distributor == nil {
		f.add("REQUIRED", "distributorId", "Clients are welcomed by one distributor, never by all.")
	}
	d.Subject = f.text("subject", d.Subject, MaxSubject, false)
	d.Text = f.text("text", d.Text, MaxText, true)
	d.ProviderTemplate = f.text("providerTemplate", d.ProviderTemplate, MaxTemplate, false)
	d.form(&f)
	d.provider(&f)
	if known {
		d.variables(&f)
		d.allowed(&f, register)
	}
	return errors.Join(f.wrong...)
}

// form tells which parts do not go together.
func (d *Draft) form(f *form) {
	switch own := d.Text != ""; {
	case own && d.ProviderTemplate != "":
		f.add("CONFLICT", "text", "A template is either a text of ours or one of the provider's.")
	case d.Channel == channel.WhatsApp && d.ProviderTemplate == "":
		f.add("TEMPLATE_REQUIRED", "providerTemplate", "WhatsApp takes nothing but templates that it has approved: give the name of one.")
	case own && d.Subject == "":
		f.add("REQUIRED", "subject", "An e-mail has a subject.")
	case !own && d.ProviderTemplate == "" && d.Subject != "":
		f.add("REQUIRED", "text", "A subject goes with a text.")
	}
}

// provider checks what goes with a provider's template.
func (d *Draft) provider(f *form) {
	d.Language = strings.TrimSpace(d.Language)
	if d.ProviderTemplate == "" {
		if d.Language != "" || len(d.Parameters) > 0 {
			f.add("REQUIRED", "providerTemplate", "A language and parameters go with a template of the provider.")
		}
		return
	}
	if d.Language == "" {
		d.Language = russian
	}
	if !language.MatchString(d.Language) {
		f.add("INVALID_VALUE", "language", "A language is written as ru or en_US.")
	}
}

// variables tells which are unknown, and where.
func (d *Draft) variables(f *form) {
	f.wrong = append(f.wrong, checkText(d.Kind, "subject", d.Subject)...)
	f.wrong = append(f.wrong, checkText(d.Kind, "text", d.Text)...)
	if len(d.Parameters) > MaxParameters {
		f.add("TOO_MANY", "parameters", fmt.Sprintf("At most %d parameters are taken.", MaxParameters))
		return
	}
	for i, name := range d.Parameters {
		if !known(d.Kind, name) {
			f.add("UNKNOWN_VARIABLE", fmt.Sprintf("parameters[%d]", i), "There is no variable "+short(name)+" here.")
		}
	}
}

// allowed tells what the register does not allow: a category that a variable carries, or for a welcome in force the client's address.
func (d *Draft) allowed(f *form, register processors.Register) {
	by, there := register[d.Channel]
	if !there {
		return
	}
	fields := []struct {
		name  string
		texts []string
		names []string
	}{{"subject", []string{d.Subject}, nil}, {"text", []string{d.Text}, nil}, {"parameters", nil, d.Parameters}}
	for _, field := range fields {
		for _, v := range used(d.Kind, field.texts, field.names) {
			if v.Data != "" && !by.Allows(v.Data) {
				f.add(notAllowed, field.name, fmt.Sprintf("{{%s}} carries %s, which the register of processors does not allow on this channel.", v.Name, v.Data))
			}
		}
	}
	if to := Address(d.Channel); d.Kind == Welcome && d.Enabled && !by.Allows(to) {
		f.add(notAllowed, "enabled", fmt.Sprintf("A client's address is %s, which the register of processors does not allow on this channel.", to))
	}
}

// Address is the category that a client's address by a channel is.
func Address(by string) processors.Data {
	if by == channel.WhatsApp {
		return processors.ClientPhone
	}
	return processors.ClientEmail
}

func (d *Draft) wording() wording {
	return wording{kind: d.Kind, channel: d.Channel, subject: d.Subject, text: d.Text, template: d.ProviderTemplate, language: d.Language, parameters: d.Parameters}
}
