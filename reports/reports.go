// Package reports makes reports that people send on: tables in Excel and documents in Word. Somebody asks for one (request.go), or
// gets it by a schedule (schedule.go, due.go); it is made as a job (run.go), from the base as it stands at one moment and as its
// reader may see it, and its file is kept for a while (file.go, sweep.go).
//
// The packages beside it make one kind each, of an order.Order; sheet writes their workbooks, document fills their templates.
package reports

import (
	"context"
	"log/slog"
	"time"

	"channelbook/internal/db"
	"channelbook/internal/files"
	"channelbook/internal/gid"
	"channelbook/internal/jobs"
	"channelbook/internal/seal"
	"channelbook/reports/order"
	"channelbook/reports/pdf"
)

// Maker writes a report of one kind. What it reads, it reads by o.Tx as o.Viewer.
type Maker func(ctx context.Context, o *order.Order) error

// Service holds what the acts need. All fields are required.
type Service struct {
	DB        *db.DB
	Now       func() time.Time // UTC, to the microsecond
	Log       *slog.Logger
	Keys      seal.Keys
	Store     files.Store
	TimeZone  *time.Location // the business's
	Retention time.Duration  // how long a file is kept
	Makers    map[string]Maker
	// PDF makes PDF files of documents, where LibreOffice is installed.
	PDF *pdf.Converter
}

// Line is the jobs' own, and AtOnce how many an instance does at once.
const (
	Line   = "reports"
	AtOnce = 2
)

// longest is how long making a report may take.
const longest = time.Hour

// Due is the job that makes a report. Attempt tells apart what is begun anew.
type Due struct {
	Report  gid.ID `json:"report"`
	Attempt int    `json:"attempt"`
}

// Kind is the job's name.
func (Due) Kind() string { return "report" }

// Line is the jobs' own: few are made at once.
func (Due) Line() string { return Line }

// AtMost is how long one may take.
func (Due) AtMost() time.Duration { return longest }

// Work has a queue do what this package enqueues.
func (s *Service) Work(q *jobs.Queue) {
	jobs.WorkUnless(q, s.run, s.unmade)
	q.Regularly("report_schedules", scheduleEvery, s.RunDue)
	q.Regularly("lost_reports", lostEvery, s.Resume)
}
