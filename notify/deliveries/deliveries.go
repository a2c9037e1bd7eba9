// Package deliveries has messages leave the house: it plans one for each recipient of a notice that wants it by a channel (plan.go),
// sends what is due (send.go), and takes in what the providers tell afterwards (report.go). A delivery is a row; what is done with
// it next is a job, enqueued in the transaction that changed the row.
package deliveries

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/internal/jobs"
	"channelbook/internal/seal"
	"channelbook/notify/channel"
	"channelbook/notify/templates"
)

// Service holds what the acts need. All fields are required, but a channel that is not set up has no sender.
type Service struct {
	DB        *db.DB
	Now       func() time.Time // UTC, to the microsecond
	Log       *slog.Logger
	Keys      seal.Keys
	TimeZone  *time.Location // the business's
	Templates *templates.Service
	Senders   map[string]channel.Sender // by the names of package channel
}

// Due is the job that sends a delivery. Round tells apart what a person has had sent again.
type Due struct {
	Channel  string `json:"channel"`
	Delivery gid.ID `json:"delivery"`
	Round    int    `json:"round"`
}

// Kind is the job's name.
func (Due) Kind() string { return "delivery" }

// Line is the channel's: one that is slow keeps the other from nothing.
func (d Due) Line() string { return strings.ToLower(d.Channel) }

// Work has a queue do what this package enqueues.
func (s *Service) Work(q *jobs.Queue) {
	jobs.WorkUnless(q, s.send, s.unsent)
}

// Plan writes a delivery for each recipient of the notices at the places from after+1 to upTo that wants it by a channel that is
// set up and on, and enqueues it. It belongs to notify.Service.Further.
func (s *Service) Plan(ctx context.Context, tx *db.Tx, after, upTo int64) error { return nil }

// send sends a delivery that is due.
func (s *Service) send(ctx context.Context, d Due) error { return nil }

// unsent leaves a delivery cancelled whose job an administrator has cancelled.
func (s *Service) unsent(ctx context.Context, tx *db.Tx, d Due) error { return nil }

// Report takes in what a provider tells of deliveries, each status once and none after a further one.
func (s *Service) Report(ctx context.Context, reports ...channel.Report) error { return nil }
