package files

import (
	"testing"
	"time"
)

// Hasten shortens, for a test, the time a service has for a request.
func Hasten(t *testing.T, within time.Duration) {
	request, ready := requestWithin, readyWithin
	requestWithin, readyWithin = within, within
	t.Cleanup(func() { requestWithin, readyWithin = request, ready })
}
