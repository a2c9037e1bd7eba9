package leads

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"channelbook/ent/values"
	"channelbook/internal/contact"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
)

// The longest texts taken, in characters.
const (
	maxName      = 100
	maxKey       = 255 // external id, idempotency key
	maxContact   = 320
	maxTracking  = 512
	maxConsent   = 100
	maxUserAgent = 1000
)

// maxSubIDs is how many sub-ids a lead has room for.
const maxSubIDs = 10

// candidate is a submission that passed validation, each value in its normal form: the phone in E.164, the e-mail in
// lower case, the address in its canonical text.
type candidate struct {
	Submission
	wanted gid.ID // the distributor asked for; zero: none
}

// validate brings a submission into its normal form, or returns every fault of it at once.
func validate(in Submission) (candidate, error) {
	c := candidate{Submission: in}
	c.Tracking.SubIDs = slices.Clone(in.Tracking.SubIDs)
	f := unreadable(in.Unreadable)
	f.name("firstName", &c.FirstName)
	f.name("lastName", &c.LastName)
	f.contacts(&c)
	f.text("externalId", &c.ExternalID, maxKey)
	f.verbatim("idempotencyKey", &c.IdempotencyKey, maxKey)
	f.distributor(&c)
	f.tracking(&c.Submission)
	c.Consent = f.consent("consent.", in.Consent)
	c.Advertising = f.consent("advertisingConsent.", withPurpose(in.Advertising))
	return c, errors.Join(f.list...)
}

// faults collects what is wrong with a submission. The methods trim and normalise a value in place; a value with a
// fault is left as it is.
type faults struct{ list []error }

// unreadable begins with what an edge could not read.
func unreadable(err error) (f faults) {
	known, _ := fault.All(err)
	for _, k := range known {
		f.list = append(f.list, k)
	}
	return f
}

// add notes a fault, one for each field: the first says why the field has no value to check further.
func (f *faults) add(code, field, message string) {
	if f.has(field) {
		return
	}
	f.list = append(f.list, fault.Coded(fault.Invalid, code, field, message))
}

// has tells whether a field has its fault.
func (f *faults) has(field string) bool {
	return slices.ContainsFunc(f.list, func(known error) bool { return known.(*fault.Error).Field == field })
}

// placeholder is a macro that the advertising system was to replace and did not, as a whole value.
var placeholder = regexp.MustCompile(`^(\$?\{[^{}]*\}|\{\{[^{}]*\}\}|%[\pL_][\pL\pN_.-]*%)$`)

// text checks a text; false where it had a fault. A placeholder is no text.
func (f *faults) text(field string, value *string, limit int) bool {
	if !f.verbatim(field, value, limit) {
		return false
	}
	if placeholder.MatchString(*value) {
		*value = ""
	}
	return true
}

// verbatim checks a text that may look like a placeholder: an idempotency key may be a GUID in braces.
func (f *faults) verbatim(field string, value *string, limit int) bool {
	trimmed := strings.TrimSpace(*value)
	if !utf8.ValidString(trimmed) || strings.ContainsFunc(trimmed, unicode.IsControl) {
		f.add("INVALID_CHARACTERS", field, "The text has control characters or is not valid UTF-8.")
		return false
	}
	if utf8.RuneCountInString(trimmed) > limit {
		f.add("TOO_LONG", field, fmt.Sprintf("At most %d characters are taken here.", limit))
		return false
	}
	*value = trimmed
	return true
}

// required checks a text that must be there.
func (f *faults) required(field string, value *string, limit int) bool {
	if !f.text(field, value, limit) {
		return false
	}
	if *value == "" {
		f.add("REQUIRED", field, "This must be given.")
		return false
	}
	return true
}

// name checks a person's name: the first one is required, and a letter is the least that a name has.
func (f *faults) name(field string, value *string) {
	*value = norm.NFC.String(*value) // some senders write й as и and a breve
	check := f.text
	if field == "firstName" {
		check = f.required
	}
	if check(field, value, maxName) && *value != "" && !strings.ContainsFunc(*value, unicode.IsLetter) {
		f.add("INVALID_NAME", field, "A name has at least one letter.")
	}
}

// contacts checks phone, e-mail and address. One of phone and e-mail must be given; a wrong one counts as given.
func (f *faults) contacts(c *candidate) {
	f.normal("phone", &c.Phone, contact.Phone, "INVALID_PHONE", "This is not a phone number in use.")
	f.normal("email", &c.Email, contact.Email, "INVALID_EMAIL", "This is not an e-mail address.")
	f.normal("ip", &c.IP, address, "INVALID_IP", "This is not an IPv4 or IPv6 address.")
	if c.Phone == "" && c.Email == "" && !f.has("email") {
		f.add("CONTACT_REQUIRED", "phone", "Give a phone number or an e-mail address.")
	}
}

func (f *faults) normal(field string, value *string, normal func(string) (string, error), code, message string) {
	if !f.text(field, value, maxContact) || *value == "" {
		return
	}
	found, err := normal(*value)
	if err != nil {
		f.add(code, field, message)
		return
	}
	*value = found
}

// address is the canonical text of an IP address; an IPv4 address inside an IPv6 one is IPv4.
func address(s string) (string, error) {
	ip, err := netip.ParseAddr(s)
	if err != nil || ip.Zone() != "" {
		return "", errors.New("not an address")
	}
	return ip.Unmap().String(), nil
}

func (f *faults) distributor(c *candidate) {
	if !f.text("distributorId", &c.DistributorID, maxKey) || c.DistributorID == "" {
		return
	}
	id, err := gid.Distributor.Parse(c.DistributorID)
	if err != nil {
		f.add("INVALID_DISTRIBUTOR_ID", "distributorId", "This is not the id of a distributor, such as distributor_01….")
	}
	c.wanted = id
}

func (f *faults) tracking(s *Submission) {
	for _, field := range s.trackingFields() {
		f.text(field.path, field.value, maxTracking)
	}
	ids := s.Tracking.SubIDs
	if len(ids) > maxSubIDs {
		f.add("TOO_MANY", "tracking.subIds", fmt.Sprintf("At most %d sub-ids are taken.", maxSubIDs))
		return
	}
	for i := range ids {
		f.text(fmt.Sprintf("tracking.subIds[%d]", i), &ids[i], maxTracking)
	}
	for len(ids) > 0 && ids[len(ids)-1] == "" {
		ids = ids[:len(ids)-1]
	}
	s.Tracking.SubIDs = ids
}

// withPurpose gives the consent to advertising the purpose that its place in the body says.
func withPurpose(in *values.Consent) *values.Consent {
	if in == nil {
		return nil
	}
	c := *in
	c.Purpose = values.PurposeAdvertising
	return &c
}

// consent checks the form of a proof of consent, where there is one. Whether it holds the gate tells: one that does not
// costs the sender no lead.
func (f *faults) consent(path string, in *values.Consent) *values.Consent {
	if in == nil {
		return nil
	}
	c := *in
	f.required(path+"purpose", &c.Purpose, maxConsent)
	f.required(path+"textVersion", &c.TextVersion, maxConsent)
	f.text(path+"userAgent", &c.UserAgent, maxUserAgent)
	if !f.required(path+"givenAt", &c.GivenAt, maxConsent) {
		return &c
	}
	switch given, err := time.Parse(time.RFC3339, c.GivenAt); {
	case err != nil:
		f.add("INVALID_TIME", path+"givenAt", "This is not a time such as 2026-11-20T10:11:12+03:00.")
	default:
		c.GivenAt = given.UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano) // one instant, one text
	}
	return &c
}
