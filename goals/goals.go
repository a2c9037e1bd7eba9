// Package goals keeps what distributors are to achieve in reporting periods, and tells how far they have come: from the
// leads and the ledger, as they stand while a period is open, and as they stood when it was closed.
//
// Read open.go first: closing a period and what is dated into it take turns there.
package goals

import (
	"log/slog"
	"time"

	"channelbook/internal/db"
)

// Service holds what the acts need. All fields are required.
type Service struct {
	DB       *db.DB
	Now      func() time.Time // UTC, to the microsecond
	TimeZone *time.Location   // of the business: where periods begin and end
	Log      *slog.Logger
}
