package leadsheet

import (
	"slices"
	"time"

	"channelbook/ent/lead"
	"channelbook/ent/values"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/gid"
	"channelbook/reports/sheet"
)

// column is a column of the report: how it is headed, the lead's columns in the base that it is made of, and for whom it is.
// It shows what the GraphQL type Lead shows, to the same people.
type column struct {
	heading    string
	width      float64
	format     sheet.Format
	fields     []string
	adminsOnly bool
	value      func(r row) any
}

// always are the columns that each row is read with: the order, and what a mask goes by.
var always = []string{lead.FieldID, lead.FieldReceivedAt, lead.FieldStatus, lead.FieldTakenAt, lead.FieldPhoneSealed, lead.FieldEmailSealed}

// columns are all columns in their order.
var columns = slices.Concat([]column{
	{heading: headReceived, width: 17, format: sheet.Instant, value: func(r row) any { return r.ReceivedAt }},
	{heading: headStatus, width: 14, value: func(r row) any { return statusText(r.Status) }},
	{heading: headFirstName, width: 16, fields: []string{lead.FieldFirstName}, value: func(r row) any { return r.FirstName }},
	{heading: headLastName, width: 18, fields: []string{lead.FieldLastName}, value: func(r row) any { return r.LastName }},
	{heading: headPhone, width: 16, format: sheet.Phone, value: func(r row) any { return r.phone }},
	{heading: headEmail, width: 26, value: func(r row) any { return r.email }},
	{heading: headIP, width: 16, fields: []string{lead.FieldIP}, value: func(r row) any { return r.eyes.IP(r.Viewer, r.Lead) }},
	{heading: trackingHeads[lead.FieldRegion], width: 20, fields: []string{lead.FieldRegion}, value: func(r row) any { return r.Region }},
	{heading: headDistributor, width: 28, fields: []string{lead.FieldDistributorID}, value: func(r row) any { return nameOf(r.distributors, r.DistributorID) }},
	{heading: headSource, width: 24, fields: []string{lead.FieldSourceID}, adminsOnly: true, value: func(r row) any { return nameOf(r.sources, &r.SourceID) }},
	{heading: headAssigned, width: 17, format: sheet.Instant, fields: []string{lead.FieldAssignedAt}, value: func(r row) any { return instant(r.AssignedAt) }},
	{heading: headTaken, width: 17, format: sheet.Instant, value: func(r row) any { return instant(r.TakenAt) }},
	{heading: headClosed, width: 17, format: sheet.Instant, fields: []string{lead.FieldClosedAt}, value: func(r row) any { return instant(r.ClosedAt) }},
	{heading: headSoldOn, width: 13, format: sheet.Day, fields: []string{lead.FieldSoldOn}, value: func(r row) any { return day(r.SoldOn) }},
	{heading: headSaleAmount, width: 16, format: sheet.Money, fields: []string{lead.FieldSaleAmount}, value: func(r row) any { return kopecks(r.SaleAmount) }},
	{heading: headPayout, width: 15, format: sheet.Money, fields: []string{lead.FieldPayout, lead.FieldSoldOn}, value: payout},
	{heading: headTest, width: 11, fields: []string{lead.FieldIsTest}, value: func(r row) any { return yesOrNo(r.IsTest) }},
	{heading: headExternalID, width: 20, fields: []string{lead.FieldExternalID}, value: func(r row) any { return known(r.ExternalID) }},
	{heading: headID, width: 34, value: func(r row) any { return gid.Lead.Format(r.ID) }},
	{heading: headDuplicateOf, width: 34, fields: []string{lead.FieldDuplicateOfID}, value: duplicateOf},
	{heading: headBasis, width: 22, fields: []string{lead.FieldLegalBasis}, value: func(r row) any { return basisText(r.LegalBasis) }},
	{heading: headRestricted, width: 14, fields: []string{lead.FieldRestrictedAt}, adminsOnly: true, value: func(r row) any { return yesOrNo(r.RestrictedAt != nil) }},
	{heading: headConsentPurpose, width: 16, fields: []string{lead.FieldConsent}, adminsOnly: true, value: consent(func(c *values.Consent) any { return c.Purpose })},
	{heading: headConsentText, width: 14, fields: []string{lead.FieldConsent}, adminsOnly: true, value: consent(func(c *values.Consent) any { return c.TextVersion })},
	{heading: headConsentGiven, width: 17, format: sheet.Instant, fields: []string{lead.FieldConsent}, adminsOnly: true, value: consent(givenAt)},
	{heading: headDestroyBy, width: 17, format: sheet.Instant, fields: []string{lead.FieldDestroyBy}, value: func(r row) any { return instant(r.DestroyBy) }},
	{heading: headUpdated, width: 17, format: sheet.Instant, fields: []string{lead.FieldUpdatedAt}, value: func(r row) any { return r.UpdatedAt }},
}, tracked(), numbered())

// tracked are the columns of what advertising knows but for the region, which stands further left.
func tracked() []column {
	of := func(field string, width float64, value func(r row) string) column {
		return column{heading: trackingHeads[field], width: width, fields: []string{field}, value: func(r row) any { return value(r) }}
	}
	return []column{
		of(lead.FieldFunnel, 16, func(r row) string { return r.Funnel }),
		of(lead.FieldSubid, 18, func(r row) string { return r.Subid }),
		of(lead.FieldUtmSource, 14, func(r row) string { return r.UtmSource }),
		of(lead.FieldUtmMedium, 14, func(r row) string { return r.UtmMedium }),
		of(lead.FieldUtmCampaign, 20, func(r row) string { return r.UtmCampaign }),
		of(lead.FieldUtmTerm, 18, func(r row) string { return r.UtmTerm }),
		of(lead.FieldCampaignID, 16, func(r row) string { return r.CampaignID }),
		of(lead.FieldCampaignName, 24, func(r row) string { return r.CampaignName }),
		of(lead.FieldBannerID, 16, func(r row) string { return r.BannerID }),
		of(lead.FieldAdvertiserID, 18, func(r row) string { return r.AdvertiserID }),
		of(lead.FieldGender, 10, func(r row) string { return r.Gender }),
		of(lead.FieldAge, 10, func(r row) string { return r.Age }),
		of(lead.FieldRandom, 14, func(r row) string { return r.Random }),
		of(lead.FieldImpressionWeekday, 14, func(r row) string { return r.ImpressionWeekday }),
		of(lead.FieldImpressionHour, 12, func(r row) string { return r.ImpressionHour }),
		of(lead.FieldUserTimezone, 18, func(r row) string { return r.UserTimezone }),
		of(lead.FieldPlacement, 20, func(r row) string { return r.Placement }),
		of(lead.FieldDeviceType, 14, func(r row) string { return r.DeviceType }),
		of(lead.FieldPosition, 12, func(r row) string { return r.Position }),
	}
}

// subIDs is how many further sub-ids a lead has at most.
const subIDs = 10

// numbered are the columns of the further sub-ids.
func numbered() []column {
	out := make([]column, subIDs)
	for i := range out {
		out[i] = column{heading: subIDHead(i + 1), width: 14, fields: []string{lead.FieldSubIds}, value: func(r row) any {
			if i >= len(r.SubIds) {
				return nil
			}
			return r.SubIds[i]
		}}
	}
	return out
}

// columnsFor are the columns that a viewer gets.
func columnsFor(v auth.Viewer) []column {
	if v.Role != auth.Distributor {
		return columns
	}
	return slices.DeleteFunc(slices.Clone(columns), func(c column) bool { return c.adminsOnly })
}

// fieldsOf are the columns of the base that columns are made of, each once.
func fieldsOf(columns []column) []string {
	fields := slices.Clone(always)
	for _, c := range columns {
		for _, f := range c.fields {
			if !slices.Contains(fields, f) {
				fields = append(fields, f)
			}
		}
	}
	return fields
}

func sheetColumns(columns []column) []sheet.Column {
	out := make([]sheet.Column, len(columns))
	for i, c := range columns {
		out[i] = sheet.Column{Heading: c.heading, Width: c.width, Format: c.format}
	}
	return out
}

func known(text *string) any {
	if text == nil {
		return nil
	}
	return *text
}

func instant(at *time.Time) any {
	if at == nil {
		return nil
	}
	return *at
}

func day(d *calendar.Date) any {
	if d = d.Known(); d == nil {
		return nil
	}
	return *d
}

func kopecks(k *int64) any {
	if k == nil {
		return nil
	}
	return sheet.Kopecks(*k)
}

// payout is what is owed for a sale; nothing stands where there is none.
func payout(r row) any {
	if r.SoldOn.Known() == nil {
		return nil
	}
	return sheet.Kopecks(r.Payout)
}

func nameOf(names map[gid.ID]string, id *gid.ID) any {
	if id == nil {
		return nil
	}
	return names[*id]
}

func duplicateOf(r row) any {
	if r.DuplicateOfID == nil || !r.originals[*r.DuplicateOfID] {
		return nil
	}
	return gid.Lead.Format(*r.DuplicateOfID)
}

// consent is something of the consent that came with a lead.
func consent(value func(*values.Consent) any) func(r row) any {
	return func(r row) any {
		if r.Consent == nil {
			return nil
		}
		return value(r.Consent)
	}
}

// givenAt is the instant at which a consent was given, as the source sent it where that is none.
func givenAt(c *values.Consent) any {
	at, err := time.Parse(time.RFC3339, c.GivenAt)
	if err != nil {
		return c.GivenAt
	}
	return at
}
