// Package payouts keeps what distributors are owed: a ledger with one line for each sale and one for each reversal, to which
// lines are added and never edited, and the statements by which it is paid.
//
// Read register.go first: a sale and its line of the ledger are one transaction.
package payouts

import (
	"time"

	"channelbook/internal/db"
	"channelbook/leads"
)

// Service holds what the acts need. All fields are required.
type Service struct {
	DB       *db.DB
	Now      func() time.Time // UTC, to the microsecond
	TimeZone *time.Location   // of the business: where days and periods begin and end
	Leads    *leads.Service
}
