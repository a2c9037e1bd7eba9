package leads

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/sqljson"

	"channelbook/ent/lead"
	"channelbook/ent/sealed"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/contact"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/fold"
	"channelbook/internal/gid"
)

// Filter is what leads may be asked for by. All conditions hold together; an absent one and an empty list ask for
// nothing. A condition on Tracking or SubIDs wants both ends of Received with at most MaxRange between them: those
// columns have no index and the rows between the dates are walked.
type Filter struct {
	DistributorIDs           []gid.ID
	Statuses                 []string
	SourceIDs                []gid.ID
	ReceivedFrom, ReceivedTo *time.Time // half-open
	Search                   *string    // beginnings of names, a phone or its last four digits, or an e-mail
	Phone, Email, IP         *string    // in any usual writing
	IsTest, Unassigned       *bool
	ProcessingRestricted     *bool
	ExternalID               *string
	FirstName, LastName      *string        // whole, in any case
	PayoutFrom, PayoutTo     *int64         // kopecks, inclusive, of sold leads
	SoldFrom, SoldTo         *calendar.Date // half-open
	Tracking                 map[string]string
	SubIDs                   []SubID
}

// SubID is a condition on one of the ten positions, from 1.
type SubID struct {
	Index int
	Value string
}

// MaxRange is how far apart the dates of a filter on tracking fields may be.
const MaxRange = 92 * 24 * time.Hour

// Where is the filter as a predicate over leads, for a viewer and the eyes it sees with. Its faults are Invalid, with
// the field's path under "filter".
func (f Filter) Where(v auth.Viewer, e Eyes) (func(*sql.Selector), error) {
	if err := errors.Join(f.checkRange(), f.checkSubIDs()); err != nil {
		return nil, err
	}
	return f.where(v, e), nil
}

// WhereButReceived is Where without the dates received, for who bounds the leads by himself.
func (f Filter) WhereButReceived(v auth.Viewer, e Eyes) (func(*sql.Selector), error) {
	f.ReceivedFrom, f.ReceivedTo = nil, nil
	if err := f.checkSubIDs(); err != nil {
		return nil, err
	}
	return f.where(v, e), nil
}

// AsksForMore tells whether there are conditions on anything but distributors and dates received.
func (f Filter) AsksForMore() bool {
	f.DistributorIDs, f.ReceivedFrom, f.ReceivedTo = nil, nil, nil
	if f.Search != nil && strings.TrimSpace(*f.Search) == "" {
		f.Search = nil
	}
	fields := reflect.ValueOf(f)
	for i := range fields.NumField() {
		field := fields.Field(i)
		if kind := field.Kind(); kind == reflect.Slice || kind == reflect.Map {
			if field.Len() > 0 {
				return true
			}
			continue
		}
		if !field.IsZero() {
			return true
		}
	}
	return false
}

func (f Filter) where(v auth.Viewer, e Eyes) func(*sql.Selector) {
	if slices.ContainsFunc(f.texts(), func(text string) bool { return strings.ContainsRune(text, 0) }) {
		return func(s *sql.Selector) { s.Where(sql.False()) } // no row has one, and PostgreSQL takes none
	}
	return func(s *sql.Selector) {
		for _, where := range []func(*sql.Selector){f.lists, f.dates, f.names, f.flags, f.money, f.tracking} {
			where(s)
		}
		f.sources(v, s)
		c := contactSearch{s, v, e}
		f.contacts(c)
		if f.Search != nil {
			c.search(strings.TrimSpace(*f.Search))
		}
	}
}

// texts are all texts that the filter compares with.
func (f Filter) texts() []string {
	texts := slices.Collect(maps.Values(f.Tracking))
	for _, sub := range f.SubIDs {
		texts = append(texts, sub.Value)
	}
	for _, text := range []*string{f.Search, f.Phone, f.Email, f.IP, f.ExternalID, f.FirstName, f.LastName} {
		if text != nil {
			texts = append(texts, *text)
		}
	}
	return texts
}

func (f Filter) checkRange() error {
	if len(f.Tracking) == 0 && len(f.SubIDs) == 0 {
		return nil
	}
	if f.ReceivedFrom == nil || f.ReceivedTo == nil || f.ReceivedTo.Sub(*f.ReceivedFrom) > MaxRange+time.Hour { // one more where summer time ends
		return fault.Coded(fault.Invalid, "DATE_RANGE_REQUIRED", "filter.receivedFrom",
			"A filter on tracking fields wants receivedFrom and receivedTo with at most 92 days between them.")
	}
	return nil
}

func (f Filter) checkSubIDs() error {
	var faults []error
	for i, s := range f.SubIDs {
		if s.Index < 1 || s.Index > maxSubIDs {
			faults = append(faults, fault.New(fault.Invalid, fmt.Sprintf("filter.subIds[%d].index", i), fmt.Sprintf("index goes from 1 to %d.", maxSubIDs)))
		}
	}
	return errors.Join(faults...)
}

func (f Filter) lists(s *sql.Selector) {
	anyOf(s, lead.FieldDistributorID, f.DistributorIDs)
	anyOf(s, lead.FieldStatus, f.Statuses)
}

// sources are asked about by who sees them: else one would learn which leads have come by the same one.
func (f Filter) sources(v auth.Viewer, s *sql.Selector) {
	if len(f.SourceIDs) > 0 && v.Role != auth.Admin && v.Role != auth.System {
		s.Where(sql.False())
		return
	}
	anyOf(s, lead.FieldSourceID, f.SourceIDs)
}

func anyOf[V any](s *sql.Selector, column string, values []V) {
	if len(values) == 0 {
		return
	}
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = v
	}
	s.Where(sql.In(s.C(column), args...))
}

func (f Filter) dates(s *sql.Selector) {
	if f.ReceivedFrom != nil {
		s.Where(sql.GTE(s.C(lead.FieldReceivedAt), *f.ReceivedFrom))
	}
	if f.ReceivedTo != nil {
		s.Where(sql.LT(s.C(lead.FieldReceivedAt), *f.ReceivedTo))
	}
	if f.SoldFrom != nil {
		s.Where(sql.GTE(s.C(lead.FieldSoldOn), *f.SoldFrom))
	}
	if f.SoldTo != nil {
		s.Where(sql.LT(s.C(lead.FieldSoldOn), *f.SoldTo))
	}
}

// contactSearch adds conditions on contacts to a selector.
type contactSearch struct {
	*sql.Selector
	viewer auth.Viewer
	eyes   Eyes
}

func (f Filter) contacts(c contactSearch) {
	if f.Phone != nil {
		phone, err := contact.Phone(*f.Phone)
		c.is(sealed.LeadPhoneIndex, phone, err)
	}
	if f.Email != nil {
		email, err := contact.Email(*f.Email)
		c.is(sealed.LeadEmailIndex, email, err)
	}
	if f.IP != nil {
		ip, err := address(strings.TrimSpace(*f.IP))
		c.matches(func(s *sql.Selector) { s.Where(sql.EQ(s.C(lead.FieldIP), ip)) }, err)
	}
}

// is asks for a sealed value; one that has no normal form is nobody's.
func (c contactSearch) is(index sealed.Index, value string, err error) {
	c.matches(index.Match(c.eyes.Keys, value), err)
}

func (c contactSearch) matches(where func(*sql.Selector), err error) {
	if err != nil {
		c.Where(sql.False())
		return
	}
	where(c.Selector)
	c.eyes.unmasked(c.viewer, c.Selector)
}

func (f Filter) names(s *sql.Selector) {
	if f.FirstName != nil {
		s.Where(sql.EQ(s.C(lead.FieldFirstNameFold), fold.Name(*f.FirstName)))
	}
	if f.LastName != nil {
		s.Where(sql.EQ(s.C(lead.FieldLastNameFold), fold.Name(*f.LastName)))
	}
	if f.ExternalID != nil {
		s.Where(sql.EQ(s.C(lead.FieldExternalID), *f.ExternalID))
	}
}

var fourDigits = regexp.MustCompile(`^[0-9]{4}$`)

// maxSearchWords bounds the cost of a search.
const maxSearchWords = 5

// search takes a text with @ for an e-mail, four digits for a phone's last ones, what reads as a phone for a phone,
// and anything else for names: each of its words begins the first or the last name.
func (c contactSearch) search(text string) {
	if text == "" {
		return
	}
	if strings.Contains(text, "@") {
		email, err := contact.Email(text)
		c.is(sealed.LeadEmailIndex, email, err)
		return
	}
	if fourDigits.MatchString(text) {
		c.is(sealed.LeadPhoneLast4Index, text, nil)
		return
	}
	if phone, err := contact.Phone(text); err == nil {
		c.is(sealed.LeadPhoneIndex, phone, nil)
		return
	}
	words := strings.Fields(fold.Name(text))
	for _, word := range words[:min(len(words), maxSearchWords)] {
		c.Where(sql.Or(
			db.Prefix(c.C(lead.FieldLastNameFold), word),
			db.Prefix(c.C(lead.FieldFirstNameFold), word),
		))
	}
}

func (f Filter) flags(s *sql.Selector) {
	if f.IsTest != nil {
		if column := s.C(lead.FieldIsTest); *f.IsTest {
			s.Where(sql.IsTrue(column))
		} else {
			s.Where(sql.IsFalse(column))
		}
	}
	if f.ProcessingRestricted != nil {
		if column := s.C(lead.FieldRestrictedAt); *f.ProcessingRestricted {
			s.Where(sql.NotNull(column))
		} else {
			s.Where(sql.IsNull(column))
		}
	}
	if f.Unassigned != nil {
		if column := s.C(lead.FieldDistributorID); *f.Unassigned {
			s.Where(sql.IsNull(column))
		} else {
			s.Where(sql.NotNull(column))
		}
	}
}

func (f Filter) money(s *sql.Selector) {
	if f.PayoutFrom == nil && f.PayoutTo == nil {
		return
	}
	s.Where(sql.NotNull(s.C(lead.FieldSoldOn)))
	if f.PayoutFrom != nil {
		s.Where(sql.GTE(s.C(lead.FieldPayout), *f.PayoutFrom))
	}
	if f.PayoutTo != nil {
		s.Where(sql.LTE(s.C(lead.FieldPayout), *f.PayoutTo))
	}
}

func (f Filter) tracking(s *sql.Selector) {
	for _, column := range slices.Sorted(maps.Keys(f.Tracking)) { // one text per set of columns, for the cache of prepared statements
		s.Where(sql.EQ(s.C(column), f.Tracking[column]))
	}
	for _, sub := range f.SubIDs {
		s.Where(sqljson.ValueEQ(s.C(lead.FieldSubIds), sub.Value, sqljson.Path(fmt.Sprintf("[%d]", sub.Index-1))))
	}
}
