// Package leads takes leads in, judges them, hands them out and keeps what becomes of them.
//
// Read accept.go first: it is the one path by which a lead comes in; intake.go names the checks in their order (checks.go,
// dedupe.go, handout.go). hold.go is how each later act changes a lead; the acts stand in files of their names.
// source*.go and blacklist*.go keep what the checks go by.
package leads

import (
	"log/slog"
	"time"

	"channelbook/internal/db"
	"channelbook/internal/metrics"
	"channelbook/internal/seal"
	"channelbook/personaldata/consent"
)

// Service holds what the acts need. All exported fields but Metrics are required. It is not copied once it is in use.
type Service struct {
	DB       *db.DB
	Now      func() time.Time // UTC, to the microsecond
	TimeZone *time.Location   // of the business: where a day begins for caps and sales
	Keys     seal.Keys        // for the keyed hashes of locks and of submissions
	Log      *slog.Logger
	Metrics  *metrics.Intake // told of each line of the intake log; nil: nobody is

	rates rates
	gate  consent.Gate // which texts people agreed to
}
