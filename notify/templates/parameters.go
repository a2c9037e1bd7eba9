package templates

import (
	"cmp"

	"channelbook/notify/channel"
)

// longest is how many characters a value of a provider's template has: of what is longer WhatsApp takes no message at all, for the
// filled template may have 1024.
const longest = 600

// provided is a provider's template with its values.
func (w wording) provided(value func(string) string) channel.Message {
	m := channel.Message{Template: w.template, Language: w.language, Subject: line(fill(w.subject, value))}
	for _, name := range w.parameters {
		m.Parameters = append(m.Parameters, channel.Parameter{Name: name, Value: clean(value(name))})
	}
	return m
}

// clean is a value as providers take one: one line without tabs and rows of spaces, neither empty nor too long.
func clean(value string) string {
	value = cmp.Or(line(value), nothing)
	if runes := []rune(value); len(runes) > longest {
		return string(runes[:longest-1]) + "…"
	}
	return value
}
