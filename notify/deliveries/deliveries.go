// Package deliveries has messages leave the house: it plans one for each recipient of a notice that wants it by a channel (plan.go),
// sends what is due (send.go), and takes in what the providers tell afterwards (report.go). A delivery is a row; what is done with
// it next is a job, enqueued in the transaction that changed the row.
package deliveries

import (
	"log/slog"
	"strings"
	"time"

	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/internal/jobs"
	"channelbook/internal/seal"
	"channelbook/notify/channel"
	"channelbook/notify/preferences"
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
	Wishes    *preferences.Service
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
