// Package reports makes reports that people send on: tables in Excel and documents in Word. Somebody asks for one (request.go), or
// gets it by a schedule (schedule.go, due.go); it is made as a job (run.go), from the base as it stands at one moment and as its
// reader may see it, and its file is kept for a while (file.go, sweep.go).
//
// The packages beside it make one kind each, of an order.Order; sheet writes their workbooks, document fills their templates.
package reports

import (
	"context"
	"log/slog"
	"sync"
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

// Service holds what the acts need. All fields are required. It is not copied once it is in use.
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

	turns sync.Once
	slots chan struct{}
}

// enter waits for a place among those that are made at once.
func (s *Service) enter(ctx context.Context) (leave func(), err error) {
	s.turns.Do(func() { s.slots = make(chan struct{}, AtOnce) })
	select {
	case s.slots <- struct{}{}:
		return func() { <-s.slots }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// The jobs' own lines: those of schedules wait in one of their own, so that nobody who asks waits for all that are due on a Monday.
// AtOnce is how many an instance makes at once, of both together.
const (
	Line          = "reports"
	ScheduledLine = "scheduled_reports"
	AtOnce        = 2
)

// Lines are how many jobs of each are begun at once.
var Lines = map[string]int{Line: AtOnce, ScheduledLine: 1}

// longest is how long making a report may take.
const longest = time.Hour

// Due is the job that makes a report. Attempt tells apart what is begun anew.
type Due struct {
	Report  gid.ID `json:"report"`
	Attempt int    `json:"attempt"`
	// Scheduled is one that comes by a schedule.
	Scheduled bool `json:"scheduled,omitempty"`
}

// Kind is the job's name.
func (Due) Kind() string { return "report" }

// Line is the jobs' own: few are made at once.
func (d Due) Line() string {
	if d.Scheduled {
		return ScheduledLine
	}
	return Line
}

// AtMost is how long one may take.
func (Due) AtMost() time.Duration { return longest }

// Work has a queue do what this package enqueues.
func (s *Service) Work(q *jobs.Queue) {
	jobs.WorkUnless(q, s.run, s.unmade)
	q.Regularly("report_schedules", scheduleEvery, s.RunDue)
	q.Regularly("lost_reports", lostEvery, s.Resume)
}
