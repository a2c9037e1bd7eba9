// Package consent keeps what people agreed to (152-FZ art. 9): the purposes of processing, the published versions of the
// texts, the records of consents, and their withdrawal.
//
// Read gate.go first: it is what the intake asks before a lead may be passed to anybody. The acts of administrators
// stand in files of their names.
package consent

import (
	"time"

	"channelbook/internal/db"
)

// Service holds what the acts need. All fields are required.
type Service struct {
	DB  *db.DB
	Now func() time.Time // UTC, to the microsecond
}

// ClockSkew is how far ahead of ours another's clock may be.
const ClockSkew = 5 * time.Minute

// DestroyWithin is how long after the receipt of a withdrawal the data may still be stored: 152-FZ art. 21 p. 5.
const DestroyWithin = 30 * 24 * time.Hour

const day = 24 * time.Hour
