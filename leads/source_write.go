package leads

import (
	"slices"
	"strings"

	"channelbook/ent"
	"channelbook/ent/leadsource"
	"channelbook/internal/gid"
)

// write puts what p gives, in its normal form, into a mutation.
func (p SourcePatch) write(m *ent.LeadSourceMutation) error {
	if p.Name != nil {
		m.SetName(*p.Name)
	}
	p.writeDistributors(m)
	if p.RequireConsent != nil {
		m.SetRequireConsent(*p.RequireConsent)
	}
	p.writeTerms(m)
	if p.DisclosePayouts != nil {
		m.SetDisclosePayouts(*p.DisclosePayouts)
	}
	p.Duplicates.write(m)
	for column, n := range map[string]*int{
		leadsource.FieldDailyCap:      p.DailyCap,
		leadsource.FieldRatePerMinute: p.RatePerMinute,
	} {
		if err := writeOptional(m, column, n); err != nil {
			return err
		}
	}
	for column, secret := range map[string]*string{
		leadsource.FieldVkSecret:       p.VKSecret,
		leadsource.FieldVkConfirmation: p.VKConfirmation,
		leadsource.FieldGoogleKey:      p.GoogleKey,
	} {
		if err := writeOptional(m, column, secret); err != nil {
			return err
		}
	}
	return nil
}

// writeOptional sets what is given; the zero value takes away what was there.
func writeOptional[T comparable](m *ent.LeadSourceMutation, column string, value *T) error {
	var zero T
	switch {
	case value == nil:
		return nil
	case *value == zero:
		return m.ClearField(column)
	default:
		return m.SetField(column, *value)
	}
}

func (p SourcePatch) writeDistributors(m *ent.LeadSourceMutation) {
	if p.hasDistributor() {
		m.SetDistributorID(*p.DistributorID)
	} else if p.DistributorID != nil {
		m.ClearDistributorID()
	}
	if len(p.AllowedDistributorIDs) > 0 {
		ids := slices.SortedFunc(slices.Values(p.AllowedDistributorIDs), func(a, b gid.ID) int {
			return strings.Compare(a.String(), b.String())
		})
		m.SetAllowedDistributorIds(slices.Compact(ids))
	} else if p.AllowedDistributorIDs != nil {
		m.ClearAllowedDistributorIds()
	}
}

func (p DuplicatePolicy) write(m *ent.LeadSourceMutation) {
	if p.Fields != nil {
		m.SetDuplicateFields(p.Fields)
	}
	if p.Match != "" {
		m.SetDuplicateMatch(p.Match)
	}
	if p.WindowDays != nil {
		m.SetDuplicateWindowDays(*p.WindowDays)
	}
	if p.Scope != "" {
		m.SetDuplicateScope(p.Scope)
	}
}
