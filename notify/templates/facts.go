package templates

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"channelbook/ent"
	"channelbook/ent/notice"
	"channelbook/ent/sealed"
	"channelbook/internal/gid"
	"channelbook/notify/channel"
	"channelbook/personaldata/processors"
)

// The pages of the frontend that no notice names.
const (
	feedPage     = "/notifications"
	settingsPage = "/settings/notifications"
)

// told is a notice as a message tells it.
type told struct{ Title, Text, Link, At string }

// facts are what a message may tell. Names stand in them as they are: whoever uses one asks the register first.
type facts struct {
	notices     []told
	company     string
	recipient   string
	client      string
	distributor struct{ name, phone, email, website string }
}

// gather reads what a letter may tell by a channel.
func (s *Service) gather(ctx context.Context, l Letter, by processors.Entry) (f facts, err error) {
	for _, n := range l.Notices {
		f.notices = append(f.notices, s.told(n, by))
	}
	if l.User != nil {
		f.recipient = line(l.User.Name)
	}
	if l.Lead != nil {
		f.client = line(l.Lead.FirstName)
	}
	company, err := s.DB.Company.Query().Select("name").First(ctx)
	if err != nil {
		return f, fmt.Errorf("read our company: %w", err)
	}
	f.company = company.Name
	if l.Distributor.IsZero() {
		return f, nil
	}
	return f, s.gatherDistributor(ctx, l.Distributor, &f)
}

func (s *Service) gatherDistributor(ctx context.Context, id gid.ID, f *facts) error {
	d, err := s.DB.Distributor.Get(ctx, id)
	if err != nil {
		return fmt.Errorf("read a distributor: %w", err)
	}
	f.distributor.name, f.distributor.website = d.CompanyName, d.Website
	if f.distributor.phone, err = sealed.DistributorPhone.Open(s.Keys, d.ID, d.PhoneSealed); err != nil {
		return fmt.Errorf("open a distributor's phone: %w", err)
	}
	if f.distributor.email, err = sealed.DistributorEmail.Open(s.Keys, d.ID, d.EmailSealed); err != nil {
		return fmt.Errorf("open a distributor's e-mail: %w", err)
	}
	return nil
}

// told is a notice as a channel may carry it: one in which somebody has typed a contact, where the register allows none, says only
// that it is there.
func (s *Service) told(n *ent.Notice, by processors.Entry) told {
	t := told{Title: line(n.Title), Text: n.Text, Link: s.link(n.URL), At: s.clock(n.At)}
	if n.Kind == notice.KindREPORT_READY && by.Channel == channel.Email && s.FileLink != nil { // a mail's reader may not be signed in there
		t.Link = s.FileLink("/files/"+n.Object, n.At.Add(s.FileLinkLasts))
	}
	if !carries(by, n.Title, n.Text, n.URL, decoded(n.URL)) {
		t.Title, t.Text, t.Link = veiledTitle, veiledText, s.link(feedPage)
	}
	return t
}

// carries tells whether a channel may carry texts, by what somebody may have typed into them.
func carries(by processors.Entry, texts ...string) bool {
	for _, d := range processors.Holds(strings.Join(texts, "\n")) {
		if !by.Allows(d) {
			return false
		}
	}
	return true
}

// decoded is an address with its escaped characters as they are read.
func decoded(address string) string {
	if plain, err := url.QueryUnescape(address); err == nil {
		return plain
	}
	return address
}

// link is a notice's: a page of the frontend, or the address that an administrator gave.
func (s *Service) link(to string) string {
	if to = cmp.Or(to, feedPage); strings.HasPrefix(to, "/") {
		return s.PublicURL + to
	}
	return to
}

func (s *Service) clock(at time.Time) string {
	return at.In(s.TimeZone).Format("02.01.2006, 15:04")
}

// line is a text in one line.
func line(text string) string { return strings.Join(strings.Fields(text), " ") }

// title is of one notice its own.
func (f *facts) title() string {
	switch len(f.notices) {
	case 0:
		return ""
	case 1:
		return f.notices[0].Title
	}
	return digestTitle(f.notices)
}

// text is of one notice its own, of several a line for each.
func (f *facts) text() string {
	if len(f.notices) == 1 {
		return f.notices[0].Text
	}
	lines := make([]string, len(f.notices))
	for i, t := range f.notices {
		lines[i] = t.At + " — " + t.Title
	}
	return strings.Join(lines, "\n")
}

// at is when the last one happened.
func (f *facts) at() string {
	if len(f.notices) == 0 {
		return ""
	}
	return f.notices[len(f.notices)-1].At
}

// link is of one notice its own, of several that of the feed.
func (f *facts) link(feed string) string {
	if len(f.notices) == 1 {
		return f.notices[0].Link
	}
	return feed
}

func (f *facts) count() string { return strconv.Itoa(len(f.notices)) }
