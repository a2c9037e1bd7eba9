// Package goals keeps what distributors are to achieve in reporting periods, and tells how far they have come: from the
// leads and the ledger, as they stand while a period is open, and as they stood when it was closed.
//
// Read open.go first: closing a period and what is dated into it take turns there. Then set.go for how targets come about,
// facts.go and pace.go for how far they have come, and run.go for what the server does by itself.
// Whom what is told stands in tell.go and tellmilestones.go.
package goals

import (
	"log/slog"
	"time"

	"channelbook/internal/db"
)

// Service holds what the acts need. All fields but Ran are required.
type Service struct {
	DB       *db.DB
	Now      func() time.Time // UTC, to the microsecond
	TimeZone *time.Location   // of the business: where periods begin and end
	Log      *slog.Logger
	// Ran is told of each run of one of the jobs of Run; nil: nobody is.
	Ran func(name string, begun time.Time, err error)
}
