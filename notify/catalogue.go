package notify

import (
	"channelbook/ent/notice"
	"channelbook/internal/gid"
)

// Event is what people are told: one entry of the catalogue. No personal data of a lead stands in one, nor a reason that somebody has
// typed, in which there may be some: it is kept and sent on for longer than the lead may be.
type Event struct {
	Kind   notice.Kind
	Title  string // one line
	Text   string // lines may be broken
	URL    string // a path of the web frontend, or the address that an administrator gave; empty: none
	Object string // what it is about, by its id as it is shown outside; empty: nothing
}

// about is an event about an object that has a page of its own.
func about(kind notice.Kind, title, text string, of gid.Kind, id gid.ID, page string) Event {
	object := of.Format(id)
	return Event{Kind: kind, Title: title, Text: text, URL: page + object, Object: object}
}

// Message is what an administrator writes.
func Message(title, text, url string) Event {
	return Event{Kind: notice.KindMESSAGE, Title: title, Text: text, URL: url}
}
