package leads

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"channelbook/ent/distributor"
	"channelbook/ent/leadsource"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
)

const (
	maxSecret        = 255
	maxAllowed       = 1000 // distributors that a source may be held to
	maxDuplicateDays = 3650
)

// source brings the settings of a source of a kind into their normal form. A limit is at least least.
func (f *faults) source(p SourcePatch, kind leadsource.Kind, least int) SourcePatch {
	f.sourceName(&p)
	f.secret("vkSecret", &p.VKSecret, kind, leadsource.KindVK)
	f.secret("vkConfirmation", &p.VKConfirmation, kind, leadsource.KindVK)
	f.secret("googleKey", &p.GoogleKey, kind, leadsource.KindGOOGLE)
	f.limit("dailyCap", p.DailyCap, least)
	f.limit("ratePerMinute", p.RatePerMinute, least)
	p.Duplicates = f.duplicates(p.Duplicates)
	return p
}

// given is verbatim for a text that may be left as it is; the sender's own text is not touched.
func (f *faults) given(field string, value **string, limit int) bool {
	if *value == nil {
		return false
	}
	text := **value
	*value = &text
	return f.verbatim(field, &text, limit)
}

func (f *faults) sourceName(p *SourcePatch) {
	if !f.given("name", &p.Name, maxName) {
		return
	}
	switch name := *p.Name; {
	case name == "":
		f.add("REQUIRED", "name", "A lead source has a name.")
	case !strings.ContainsFunc(name, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }):
		f.add("INVALID_NAME", "name", "A name has at least one letter or digit.")
	}
}

// secret checks a secret that sources of one kind have and no others.
func (f *faults) secret(field string, value **string, kind, of leadsource.Kind) {
	if !f.given(field, value, maxSecret) {
		return
	}
	switch {
	case kind == of && **value == "":
		f.add("REQUIRED", field, fmt.Sprintf("A source of the kind %s needs this.", of))
	case kind != of && **value != "":
		f.add("WRONG_KIND", field, fmt.Sprintf("Only a source of the kind %s has this.", of))
	}
}

func (f *faults) limit(field string, n *int, least int) {
	if n != nil && *n < least {
		f.add("OUT_OF_RANGE", field, fmt.Sprintf("This is at least %d.", least))
	}
}

func (f *faults) duplicates(p DuplicatePolicy) DuplicatePolicy {
	known := []string{fieldPhone, fieldEmail, fieldIP}
	for i, field := range p.Fields {
		if !slices.Contains(known, field) {
			f.add("INVALID_VALUE", fmt.Sprintf("duplicates.fields[%d]", i), "This is none of PHONE, EMAIL, IP.")
		}
	}
	if p.Fields != nil { // each once, in one order
		p.Fields = slices.DeleteFunc(known, func(field string) bool { return !slices.Contains(p.Fields, field) })
	}
	if p.Match != "" && leadsource.DuplicateMatchValidator(p.Match) != nil {
		f.add("INVALID_VALUE", "duplicates.match", "This is neither ANY nor ALL.")
	}
	if p.WindowDays != nil && (*p.WindowDays < 1 || *p.WindowDays > maxDuplicateDays) {
		f.add("OUT_OF_RANGE", "duplicates.windowDays", fmt.Sprintf("The window is 1 to %d days.", maxDuplicateDays))
	}
	if p.Scope != "" && leadsource.DuplicateScopeValidator(p.Scope) != nil {
		f.add("INVALID_VALUE", "duplicates.scope", "This is neither BASE nor DISTRIBUTOR.")
	}
	return p
}

// sourceDistributors finds the distributors of a source that are not there. The error is a failure of ours.
func (f *faults) sourceDistributors(ctx context.Context, tx *db.Tx, p SourcePatch) error {
	if len(p.AllowedDistributorIDs) > maxAllowed {
		f.add("TOO_MANY", "allowedDistributorIds", fmt.Sprintf("At most %d distributors are taken.", maxAllowed))
		return nil
	}
	ids := p.distributors()
	if len(ids) == 0 {
		return nil
	}
	there, err := tx.Distributor.Query().Where(distributor.IDIn(ids...)).IDs(ctx)
	if err != nil {
		return fmt.Errorf("look for the distributors of a source: %w", err)
	}
	look := func(id gid.ID, field string) {
		if !slices.Contains(there, id) {
			f.list = append(f.list, fault.New(fault.NotFound, field, "There is no such distributor."))
		}
	}
	if p.hasDistributor() {
		look(*p.DistributorID, "distributorId")
	}
	for i, id := range p.AllowedDistributorIDs {
		look(id, fmt.Sprintf("allowedDistributorIds[%d]", i))
	}
	return nil
}

func (p SourcePatch) hasDistributor() bool {
	return p.DistributorID != nil && !p.DistributorID.IsZero()
}

// distributors are all that p names.
func (p SourcePatch) distributors() []gid.ID {
	ids := slices.Clone(p.AllowedDistributorIDs)
	if p.hasDistributor() {
		ids = append(ids, *p.DistributorID)
	}
	return ids
}
