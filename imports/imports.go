// Package imports takes files of leads and of distributors in: CSV and XLSX, whose columns are known by their headings.
//
// A file is checked first (check.go), which writes nothing but a row that says what was found. An administrator starts it then
// (start.go), and a job brings its rows in (run.go): leads by the intake's own path, distributors by the rules of their form.
// table.go reads files, headings.go knows the headings, leads.go and distributors.go make of a row what it says.
package imports

import (
	"log/slog"
	"time"

	"channelbook/distributors"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/files"
	"channelbook/internal/gid"
	"channelbook/internal/seal"
	"channelbook/leads"
)

// Service holds what the acts need. All fields are required. Every act is an administrator's.
type Service struct {
	DB           *db.DB
	Now          func() time.Time // UTC, to the microsecond
	TimeZone     *time.Location   // of the business: in which times of a file are read that name none
	Keys         seal.Keys        // for the files, which hold personal data
	Store        files.Store
	Log          *slog.Logger
	Leads        *leads.Service
	Distributors *distributors.Service

	afterPart func(done int) // for tests
}

// The bounds of a file.
const (
	MaxBytes        = 32 << 20
	maxLeads        = 200_000
	maxDistributors = 10_000
	maxColumns      = 200
	maxHeading      = 200   // characters
	maxCell         = 4_000 // characters, more than any field takes
)

const (
	// maxFaults is how many faults of rows are kept of a file.
	maxFaults = 1000
	// startable is how long a file that was checked waits for its start.
	startable = 24 * time.Hour
	// batch is how many leads come in by one transaction.
	batch = 100
	// maxAttempts is how often an import is begun that fails for no fault of its file.
	maxAttempts = 10
)

// filePurpose keeps what files are sealed under apart from all others.
const filePurpose = "imports.file"

// fileName is where the file of an import lies in the store.
func fileName(id gid.ID) string { return "imports/" + id.String() }

func unknown() error { return fault.New(fault.NotFound, "id", "There is no such import.") }

// wrong is a fault of a file as a whole.
func wrong(code, message string) error { return fault.Coded(fault.Invalid, code, "file", message) }
