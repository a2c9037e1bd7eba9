package consent

import (
	"time"

	"channelbook/ent/consent"
	"channelbook/ent/predicate"
)

// Holds are the consents on which their leads are processed, and which neither were withdrawn nor have run out by a moment. Another
// ground of processing is none of them: for a message to the client it is not enough.
func Holds(at time.Time) predicate.Consent {
	return consent.And(consent.IsBasis(true), consent.WithdrawnAtIsNil(), consent.Or(consent.ValidUntilIsNil(), consent.ValidUntilGT(at)))
}
