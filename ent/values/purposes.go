package values

import "channelbook/internal/gid"

// The codes of the purposes that every base is born with.
const (
	PurposeLead          = "lead"          // a lead is passed to a distributor that contacts the person
	PurposeAdvertising   = "advertising"   // advertising messages, 38-FZ art. 18
	PurposeDeduplication = "deduplication" // keyed hashes of contacts tell repeats and the blacklist
)

// LeadPurposeID is the id of the purpose "lead" in every base: the one that a source's leads serve unless it names
// another.
var LeadPurposeID = bornID(1)

// bornID is one of the ids that the migration "consents" gives.
func bornID(n byte) gid.ID { return gid.ID{0: 0x01, 1: 0x99, 6: 0x70, 8: 0x80, 15: n} }
