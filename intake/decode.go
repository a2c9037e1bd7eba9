package intake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"

	"channelbook/ent/values"
	"channelbook/internal/fault"
	"channelbook/leads"
)

// reader reads one JSON value into its place. Its faults name path.
type reader func(raw json.RawMessage, path string) error

// fields are the readers of an object's fields.
type fields map[string]reader

// decodeLead reads a lead. A body that is not a JSON object is an error of its own; everything else that is wrong comes
// as faults, all at once: a field that is not known, a value of another type.
func decodeLead(body []byte) (leads.Submission, error) {
	if err := wellFormed(body, "{"); err != nil {
		return leads.Submission{}, err
	}
	var in leads.Submission
	err := leadFields(&in).read(body, "")
	return in, err
}

var errNoBatch = errors.New(`a batch is {"leads": [ … ]}`)

// decodeBatch reads {"leads": […]} or the bare list. Faults of a lead stay with it.
func decodeBatch(body []byte) ([]leads.Submission, error) {
	if err := wellFormed(body, "{["); err != nil {
		return nil, err
	}
	list := json.RawMessage(bytes.TrimSpace(body))
	if list[0] == '{' {
		outer := fields{"leads": func(raw json.RawMessage, _ string) error { list = raw; return nil }}
		if err := outer.read(list, ""); err != nil {
			return nil, errNoBatch
		}
	}
	var items []json.RawMessage
	if err := json.Unmarshal(list, &items); err != nil || items == nil {
		return nil, errNoBatch
	}
	batch := make([]leads.Submission, len(items))
	for i, item := range items {
		batch[i].RawBody = item
		batch[i].Unreadable = readItem(item, &batch[i])
	}
	return batch, nil
}

// readItem reads a lead of a batch, whose idempotency key has no header to come in. It is held to the size of a lead
// that comes alone.
func readItem(item json.RawMessage, in *leads.Submission) error {
	if err := leads.CheckSize(item); err != nil {
		return err
	}
	return itemFields(in).read(item, "")
}

// wellFormed checks that the body is one JSON value that begins with one of these.
func wellFormed(body []byte, begins string) error {
	decoder := json.NewDecoder(bytes.NewReader(body))
	var raw json.RawMessage
	if err := decoder.Decode(&raw); err != nil {
		return errors.New("it is not JSON")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the JSON value")
	}
	if !strings.ContainsRune(begins, rune(bytes.TrimSpace(raw)[0])) {
		return errors.New("it is not a JSON object")
	}
	return nil
}

func leadFields(in *leads.Submission) fields {
	return fields{
		"externalId": text(&in.ExternalID), "firstName": text(&in.FirstName), "lastName": text(&in.LastName),
		"phone": text(&in.Phone), "email": text(&in.Email), "ip": text(&in.IP), "funnel": text(&in.Funnel),
		"distributorId": text(&in.DistributorID), "test": flag(&in.Test),
		"consent": consent(&in.Consent, consentFields), "advertisingConsent": consent(&in.Advertising, advertisingFields),
		"tracking": trackingFields(&in.Tracking).read,
	}
}

func itemFields(in *leads.Submission) fields {
	known := leadFields(in)
	known["idempotencyKey"] = text(&in.IdempotencyKey)
	return known
}

func trackingFields(t *leads.Tracking) fields {
	return fields{
		"subid": text(&t.Subid), "utmSource": text(&t.UTMSource), "utmMedium": text(&t.UTMMedium),
		"utmCampaign": text(&t.UTMCampaign), "utmTerm": text(&t.UTMTerm), "campaignId": text(&t.CampaignID),
		"campaignName": text(&t.CampaignName), "bannerId": text(&t.BannerID), "advertiserId": text(&t.AdvertiserID),
		"region": text(&t.Region), "gender": text(&t.Gender), "age": text(&t.Age), "random": text(&t.Random),
		"impressionWeekday": text(&t.ImpressionWeekday), "impressionHour": text(&t.ImpressionHour),
		"userTimezone": text(&t.UserTimezone), "placement": text(&t.Placement), "deviceType": text(&t.DeviceType),
		"position": text(&t.Position), "subIds": texts(&t.SubIDs),
	}
}

func consent(into **values.Consent, of func(*values.Consent) fields) reader {
	return func(raw json.RawMessage, path string) error {
		if isNull(raw) {
			return nil
		}
		if raw[0] != '{' {
			return wrongType(path, "an object")
		}
		c := &values.Consent{}
		*into = c
		return of(c).read(raw, path)
	}
}

func consentFields(c *values.Consent) fields {
	return fields{
		"purpose": text(&c.Purpose), "textVersion": text(&c.TextVersion),
		"givenAt": text(&c.GivenAt), "userAgent": text(&c.UserAgent),
	}
}

func advertisingFields(c *values.Consent) fields {
	known := consentFields(c)
	delete(known, "purpose") // its place in the body says what it is for
	return known
}

// read reads an object; null is an empty one.
func (f fields) read(raw json.RawMessage, path string) error {
	if isNull(raw) && path != "" {
		return nil
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(raw, &object); err != nil || object == nil {
		return wrongType(path, "an object")
	}
	var faults []error
	for _, name := range slices.Sorted(maps.Keys(object)) {
		at := join(path, printable(name))
		read, known := f[name]
		if !known {
			faults = append(faults, fault.Coded(fault.Invalid, "UNKNOWN_FIELD", at, "There is no such field."))
			continue
		}
		faults = append(faults, read(object[name], at))
	}
	return errors.Join(faults...)
}

func text(into *string) reader {
	return func(raw json.RawMessage, path string) error {
		if isNull(raw) {
			return nil
		}
		if json.Unmarshal(raw, into) != nil {
			return wrongType(path, "a string")
		}
		return nil
	}
}

func flag(into *bool) reader {
	return func(raw json.RawMessage, path string) error {
		if isNull(raw) {
			return nil
		}
		if json.Unmarshal(raw, into) != nil {
			return wrongType(path, "true or false")
		}
		return nil
	}
}

func texts(into *[]string) reader {
	return func(raw json.RawMessage, path string) error {
		if isNull(raw) {
			return nil
		}
		var items []json.RawMessage
		if json.Unmarshal(raw, &items) != nil {
			return wrongType(path, "a list of strings")
		}
		*into = make([]string, len(items))
		var faults []error
		for i, item := range items {
			faults = append(faults, text(&(*into)[i])(item, fmt.Sprintf("%s[%d]", path, i)))
		}
		return errors.Join(faults...)
	}
}

func isNull(raw json.RawMessage) bool { return string(bytes.TrimSpace(raw)) == "null" }

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// longestName is how much of a field's name a fault repeats, in characters. No name of ours is longer.
const longestName = 50

// printable is a name that somebody made up, as an answer and the intake log can hold it: PostgreSQL keeps no zero byte.
func printable(name string) string {
	letters := []rune(name)
	if len(letters) > longestName {
		letters = append(letters[:longestName], '…')
	}
	for i, r := range letters {
		if !unicode.IsPrint(r) {
			letters[i] = unicode.ReplacementChar
		}
	}
	return string(letters)
}

func wrongType(path, want string) error {
	return fault.Coded(fault.Invalid, "INVALID_TYPE", path, "This is not "+want+".")
}
