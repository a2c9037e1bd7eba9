package imports

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"channelbook/ent/distributor"
	"channelbook/ent/values"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/fold"
	"channelbook/internal/gid"
	"channelbook/leads"
)

var leadsRequire = [][]string{{"firstName"}, {"phone", "email"}}

// names are the distributors as people write them: by INN and by company name.
type names map[string][]gid.ID

// distributorNames reads all of them once: they are some thousands at most.
func distributorNames(ctx context.Context, d *db.DB) (names, error) {
	rows, err := d.Distributor.Query().Select(distributor.FieldID, distributor.FieldInn, distributor.FieldCompanyNameFold).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the distributors: %w", err)
	}
	by := names{}
	for _, row := range rows {
		by[row.CompanyNameFold] = append(by[row.CompanyNameFold], row.ID)
		if row.Inn != "" {
			by[row.Inn] = append(by[row.Inn], row.ID)
		}
	}
	return by, nil
}

// id is the id of a distributor that is written by id, INN or company name.
func (n names) id(cell string) (string, error) {
	if _, err := gid.Distributor.Parse(cell); err == nil || cell == "" {
		return cell, nil
	}
	found := n[fold.Name(cell)]
	switch len(found) {
	case 0:
		return "", fault.Coded(fault.Invalid, "UNKNOWN_DISTRIBUTOR", "distributorId", "No distributor has this id, INN or name.")
	case 1:
		return gid.Distributor.Format(found[0]), nil
	}
	return "", fault.Coded(fault.Invalid, "AMBIGUOUS_DISTRIBUTOR", "distributorId", "Several distributors have this INN or name: give the id.")
}

// leadReader makes submissions of lines.
type leadReader struct {
	distributors names
	from1904     bool
	zone         *time.Location
}

// submission is what a line says. Its faults stay with it, for the intake to report with its own.
func (r leadReader) submission(l line) leads.Submission {
	in := leads.Submission{
		ExternalID: l.pick("externalId"), FirstName: l.pick("firstName"), LastName: l.pick("lastName"),
		Phone: l.pick("phone"), Email: l.pick("email"), IP: l.pick("ip"), Funnel: l.pick("funnel"),
		Consent:     r.consent(l, "consent."),
		Advertising: r.consent(l, "advertisingConsent."),
		Tracking:    tracking(l),
	}
	faults := l.faults
	var err error
	if in.DistributorID, err = r.distributors.id(l.pick("distributorId")); err != nil {
		faults = append(faults, err)
	}
	var understood bool
	if in.Test, understood = truth(l.pick("test")); !understood {
		faults = append(faults, fault.Coded(fault.Invalid, "INVALID_BOOLEAN", "test", "This is neither yes nor no."))
	}
	in.Unreadable = errors.Join(faults...)
	in.RawBody, _ = json.Marshal(l.values) // a map of texts always marshals
	return in
}

// consent is the proof of consent, where any cell of it holds something.
func (r leadReader) consent(l line, path string) *values.Consent {
	c := values.Consent{
		Purpose: l.pick(path + "purpose"), TextVersion: l.pick(path + "textVersion"),
		GivenAt: momentText(l.pick(path+"givenAt"), r.from1904, r.zone), UserAgent: l.pick(path + "userAgent"),
	}
	if c == (values.Consent{}) {
		return nil
	}
	return &c
}

// tracking fills the fields by their names: tracking.utmSource is UTMSource.
func tracking(l line) (t leads.Tracking) {
	into := reflect.ValueOf(&t).Elem()
	for i := range into.NumField() {
		if field := into.Field(i); field.Kind() == reflect.String {
			field.SetString(l.pick(trackingField(into.Type().Field(i).Name)))
		}
	}
	for i := range subIDs {
		t.SubIDs = append(t.SubIDs, l.pick(subIDField(i)))
	}
	return t
}

// trackingField is the name of a field of Tracking in the contract.
func trackingField(name string) string {
	name = strings.Replace(name, "UTM", "Utm", 1)
	name = strings.Replace(name, "ID", "Id", 1)
	return "tracking." + strings.ToLower(name[:1]) + name[1:]
}
