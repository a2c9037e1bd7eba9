package leads

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// bodyPurpose keeps the hashes of submissions apart from all others.
const bodyPurpose = "submission-body"

// canonical writes out what a candidate says, without its idempotency key: equal for two submissions exactly if they
// say the same. Only what is there is written, so that a field the next version adds does not change the text of a
// submission without it.
func (c *candidate) canonical() string {
	said := map[string]string{
		"externalId": c.ExternalID, "firstName": c.FirstName, "lastName": c.LastName,
		"phone": c.Phone, "email": c.Email, "ip": c.IP, "distributorId": c.DistributorID,
	}
	for _, field := range c.trackingFields() {
		said[field.path] = *field.value
	}
	for i, id := range c.Tracking.SubIDs {
		said[fmt.Sprintf("tracking.subIds[%d]", i)] = id
	}
	if c.Test {
		said["test"] = strconv.FormatBool(c.Test)
	}
	if c.Consent != nil {
		said["consent.purpose"], said["consent.textVersion"] = c.Consent.Purpose, c.Consent.TextVersion
		said["consent.givenAt"], said["consent.userAgent"] = c.Consent.GivenAt, c.Consent.UserAgent
	}
	if c.Advertising != nil {
		said["advertisingConsent.textVersion"], said["advertisingConsent.givenAt"] = c.Advertising.TextVersion, c.Advertising.GivenAt
		said["advertisingConsent.userAgent"] = c.Advertising.UserAgent
	}
	for path, value := range said {
		if value == "" {
			delete(said, path)
		}
	}
	text, err := json.Marshal(said) // a map is written in the order of its keys
	if err != nil {
		panic(err) // not for texts
	}
	return string(text)
}
