package leads

import (
	"fmt"

	"channelbook/ent/lead"
	"channelbook/ent/values"
	"channelbook/internal/fault"
)

// Submission is a lead as a source sends it: the body of the intake, nothing checked yet. An empty text is absent.
type Submission struct {
	ExternalID    string
	FirstName     string
	LastName      string
	Phone         string
	Email         string
	IP            string
	Funnel        string
	DistributorID string // as printed: distributor_…
	Test          bool
	Consent       *values.Consent
	Advertising   *values.Consent // to advertising: of its own, its purpose is not read
	Tracking      Tracking

	IdempotencyKey string
	RawBody        []byte // what came over the wire, for the intake log
	Unreadable     error  // faults that an edge found in fields that it could not read; reported with the rest
}

// MaxBody is the largest submission, in bytes.
const MaxBody = 64 << 10

// CheckSize refuses a body that is larger: a fault of kind Invalid, TOO_LARGE.
func CheckSize(raw []byte) error {
	if len(raw) > MaxBody {
		return fault.Coded(fault.Invalid, "TOO_LARGE", "", fmt.Sprintf("A lead has at most %d bytes.", MaxBody))
	}
	return nil
}

// Tracking is what advertising knows of a lead.
type Tracking struct {
	Subid             string
	UTMSource         string
	UTMMedium         string
	UTMCampaign       string
	UTMTerm           string
	CampaignID        string
	CampaignName      string
	BannerID          string
	AdvertiserID      string
	Region            string
	Gender            string
	Age               string
	Random            string
	ImpressionWeekday string
	ImpressionHour    string
	UserTimezone      string
	Placement         string
	DeviceType        string
	Position          string
	SubIDs            []string // by position: an empty one keeps its place
}

// trackingField is one field of a submission that is kept as it came.
type trackingField struct {
	path   string // in the input
	column string
	value  *string
}

// trackingFields lists the fields that are checked and stored alike. The values point into s.
func (s *Submission) trackingFields() []trackingField {
	t := &s.Tracking
	return []trackingField{
		{"funnel", lead.FieldFunnel, &s.Funnel},
		{"tracking.subid", lead.FieldSubid, &t.Subid},
		{"tracking.utmSource", lead.FieldUtmSource, &t.UTMSource},
		{"tracking.utmMedium", lead.FieldUtmMedium, &t.UTMMedium},
		{"tracking.utmCampaign", lead.FieldUtmCampaign, &t.UTMCampaign},
		{"tracking.utmTerm", lead.FieldUtmTerm, &t.UTMTerm},
		{"tracking.campaignId", lead.FieldCampaignID, &t.CampaignID},
		{"tracking.campaignName", lead.FieldCampaignName, &t.CampaignName},
		{"tracking.bannerId", lead.FieldBannerID, &t.BannerID},
		{"tracking.advertiserId", lead.FieldAdvertiserID, &t.AdvertiserID},
		{"tracking.region", lead.FieldRegion, &t.Region},
		{"tracking.gender", lead.FieldGender, &t.Gender},
		{"tracking.age", lead.FieldAge, &t.Age},
		{"tracking.random", lead.FieldRandom, &t.Random},
		{"tracking.impressionWeekday", lead.FieldImpressionWeekday, &t.ImpressionWeekday},
		{"tracking.impressionHour", lead.FieldImpressionHour, &t.ImpressionHour},
		{"tracking.userTimezone", lead.FieldUserTimezone, &t.UserTimezone},
		{"tracking.placement", lead.FieldPlacement, &t.Placement},
		{"tracking.deviceType", lead.FieldDeviceType, &t.DeviceType},
		{"tracking.position", lead.FieldPosition, &t.Position},
	}
}
