// Package distributors keeps the companies that leads are handed out to: their requisites, the terms agreed on with them,
// their absences and logos, and whether they get leads now; and our own company, the other party of each.
//
// Read input.go first for what a company is described by and form.go for how that is checked, then the acts, each in a
// file of its name.
package distributors

import (
	"context"
	"time"

	"channelbook/internal/album"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/internal/seal"
	"channelbook/personaldata/audit"
)

// Service holds what the acts need. All fields are required. Every act is an administrator's, but for the logo.
type Service struct {
	DB       *db.DB
	Now      func() time.Time // UTC, to the microsecond
	TimeZone *time.Location   // of the business
	Album    *album.Album
	Keys     seal.Keys // for phones and e-mails
}

// record writes what is done to a distributor into the audit, in the transaction that does it.
func (s *Service) record(ctx context.Context, tx *db.Tx, id gid.ID, act audit.Act) error {
	act.Object = audit.On(gid.Distributor, id)
	return audit.Record(ctx, tx, s.Now(), act)
}

// unknown is the fault for an id that no distributor has.
func unknown() error {
	return fault.New(fault.NotFound, "id", "There is no such distributor.")
}
