// Package order says what one report is to be: what its makers are given. The packages beside it each make one kind.
package order

import (
	"io"
	"time"

	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/leads"
)

// Parameters are what a report is about. They are kept sealed, as JSON: a filter may hold contacts.
type Parameters struct {
	DistributorID *gid.ID          `json:",omitempty"` // nil: all that the viewer may see
	Filter        leads.Filter     // of leads alone
	From, To      *calendar.Date   `json:",omitempty"` // half-open, in the business's time zone
	Period        *calendar.Period `json:",omitempty"`
}

// The formats.
const (
	XLSX = "XLSX"
	CSV  = "CSV"
	DOCX = "DOCX"
	PDF  = "PDF"
)

// Order is a report that is being made.
type Order struct {
	Parameters
	Kind, Format string
	// Viewer is whose report it is: it holds what that viewer may see, as that viewer sees it.
	Viewer auth.Viewer
	// Tx reads the base as it stands at one moment, AsOf.
	Tx   *db.Tx
	AsOf time.Time
	// TimeZone is the business's, in which days and hours are shown.
	TimeZone *time.Location
	// Out takes the file.
	Out io.Writer
	// Wrote is told how many rows are written so far: after each thousand or so, and at the end. An error says that the report is
	// not wanted any more; the maker ends with it.
	Wrote func(rows int) error
	// Expect is told how many rows there will be, where that was counted.
	Expect func(rows int)
}
