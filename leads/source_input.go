package leads

import (
	"channelbook/ent/leadsource"
	"channelbook/internal/gid"
)

// SourceInput describes a new lead source. An empty text is absent; Name is required.
type SourceInput struct {
	Name                  string
	Kind                  leadsource.Kind // GENERIC where empty
	DistributorID         *gid.ID         // gets every lead
	AllowedDistributorIDs []gid.ID        // none: any distributor
	RequireConsent        *bool           // true where nil
	Terms                 ConsentTerms
	DisclosePayouts       bool
	DailyCap              *int // accepted leads a day; nil: no cap
	RatePerMinute         *int // requests a minute; nil: no limit
	VKSecret              string
	VKConfirmation        string
	GoogleKey             string
	Duplicates            DuplicatePolicy
}

// DuplicatePolicy says which earlier lead makes a new one a duplicate. What is empty stays as it was: for a new source
// PHONE and EMAIL, ANY of them, in 30 days, in the whole BASE.
type DuplicatePolicy struct {
	Fields     []string // PHONE, EMAIL, IP; nil: as it was; empty, but not nil: no check
	Match      leadsource.DuplicateMatch
	WindowDays *int // 1 to 3650
	Scope      leadsource.DuplicateScope
}

// SourcePatch says what to change of a source: nil leaves a setting as it is. A source keeps its kind, which decides
// where it submits its leads.
type SourcePatch struct {
	Name                  *string
	DistributorID         *gid.ID  // the zero id: its leads are handed out
	AllowedDistributorIDs []gid.ID // empty, but not nil: any distributor
	RequireConsent        *bool
	Terms                 ConsentTerms
	DisclosePayouts       *bool
	DailyCap              *int // 0: no cap
	RatePerMinute         *int // 0: no limit
	VKSecret              *string
	VKConfirmation        *string
	GoogleKey             *string
	Duplicates            DuplicatePolicy
}

// patch is the change from a fresh source to what in describes.
func (in SourceInput) patch() SourcePatch {
	p := SourcePatch{
		Name: &in.Name, DistributorID: in.DistributorID, AllowedDistributorIDs: in.AllowedDistributorIDs,
		RequireConsent: in.RequireConsent, Terms: in.Terms, DisclosePayouts: &in.DisclosePayouts,
		DailyCap: in.DailyCap, RatePerMinute: in.RatePerMinute,
		VKSecret: &in.VKSecret, VKConfirmation: &in.VKConfirmation, GoogleKey: &in.GoogleKey,
		Duplicates: in.Duplicates,
	}
	if p.Duplicates.Fields == nil {
		p.Duplicates.Fields = []string{fieldPhone, fieldEmail}
	}
	return p
}
