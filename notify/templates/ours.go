package templates

import (
	"cmp"
	"fmt"
	"strings"

	"channelbook/notify/channel"
	"channelbook/personaldata/processors"
)

// ours is the built-in e-mail of a letter. It says a name only where the register allows that.
func (s *Service) ours(l Letter, f facts, by processors.Entry) (channel.Message, error) {
	switch {
	case l.Kind == "":
		return s.mailed(l, ownPage, page{Subject: testSubject, Text: testText})
	case l.Kind == Welcome:
		return s.mailed(l, ownPage, page{Subject: welcomeSubject, Text: welcome(f, by)})
	}
	p := page{Subject: f.title(), Greeting: greeting, Title: f.title(), Notices: f.notices}
	if f.recipient != "" && by.Allows(processors.EmployeeName) {
		p.Greeting = fmt.Sprintf(greetName, f.recipient)
	}
	if len(f.notices) > 1 {
		return s.mailed(l, digestPage, p)
	}
	return s.mailed(l, noticePage, p)
}

// mailed is a page as a message, with why the recipient gets it.
func (s *Service) mailed(l Letter, name string, p page) (channel.Message, error) {
	switch l.Kind {
	case "":
		p.Why = whyTest
	case Welcome:
		p.Why = whyWelcome
	default:
		p.Why, p.Settings = whyNotice, s.link(settingsPage)
	}
	html, text, err := render(name, p)
	if err != nil {
		return channel.Message{}, err
	}
	return channel.Message{Subject: p.Subject, HTML: html, Text: text}, nil
}

// welcome is the built-in text for a client.
func welcome(f facts, by processors.Entry) string {
	hello := greeting
	if f.client != "" && by.Allows(processors.ClientName) {
		hello = fmt.Sprintf(greetName, f.client)
	}
	text := fmt.Sprintf(welcomeText, hello, cmp.Or(f.distributor.name, f.company, ourName))
	var ways []string
	for _, way := range []string{f.distributor.phone, f.distributor.email, f.distributor.website} {
		if way != "" {
			ways = append(ways, way)
		}
	}
	if len(ways) > 0 {
		text += fmt.Sprintf(welcomeReach, strings.Join(ways, ", "))
	}
	return text
}
