// Package distributors keeps the companies that leads are handed out to: their requisites, and whether they get
// leads now. Read input.go first for what a company is described by, then the acts, each in a file of its name.
package distributors

import (
	"time"

	"channelbook/internal/db"
	"channelbook/internal/fault"
)

// Service holds what the acts need. All fields are required. Every act is an administrator's.
type Service struct {
	DB  *db.DB
	Now func() time.Time // UTC, to the microsecond
}

// unknown is the fault for an id that no distributor has.
func unknown() error {
	return fault.New(fault.NotFound, "id", "There is no such distributor.")
}
