package accounts

import (
	"strings"
	"unicode/utf8"

	"github.com/mileusna/useragent"
)

// maxDevice is how long a device's name may be, in characters: a client makes up its User-Agent.
const maxDevice = 60

// Device is a short name for what sends a User-Agent, such as Chrome on Windows; empty where it tells nothing.
func Device(userAgent string) string {
	ua := useragent.Parse(userAgent)
	on := ua.OS
	if ua.Device != "" && ua.Mobile { // the model says more than the system does
		on = ua.Device
	}
	var parts []string
	for _, part := range []string{ua.Name, on} {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	name := strings.ToValidUTF8(strings.Join(parts, " on "), "")
	if utf8.RuneCountInString(name) > maxDevice {
		name = string([]rune(name)[:maxDevice])
	}
	return name
}
