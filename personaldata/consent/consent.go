// Package consent keeps what people agreed to (152-FZ art. 9): the purposes of processing, the published versions of the
// texts, the records of consents, and their withdrawal.
//
// Read gate.go first: it is what the intake asks before a lead may be passed to anybody. The acts of administrators
// stand in files of their names.
package consent

import (
	"context"
	"time"

	"channelbook/ent"
	"channelbook/internal/db"
)

// Service holds what the acts need. All fields are required.
type Service struct {
	DB  *db.DB
	Now func() time.Time // UTC, to the microsecond
	// Changed is told, in the transaction, what a lead was before an act here and what it is now: figures of leads, and those
	// who watch them live, are above this package.
	Changed func(ctx context.Context, tx *db.Tx, was, is *ent.Lead) error
}

// ClockSkew is how far ahead of ours another's clock may be.
const ClockSkew = 5 * time.Minute

// DestroyWithin is how long after the receipt of a withdrawal the data may still be stored: 152-FZ art. 21 p. 5.
const DestroyWithin = 30 * 24 * time.Hour

const day = 24 * time.Hour
