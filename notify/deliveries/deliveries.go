// Package deliveries has messages leave the house: it plans one for each recipient of a notice that wants it by a channel (plan.go),
// sends what is due, and takes in what the providers tell afterwards (report.go). A delivery is a row; what is done with
// it next is a job, enqueued in the transaction that changed the row.
//
// Of sending read send.go first: prepare.go says whether a delivery is still to go and makes its message, begin.go claims it,
// record.go writes down what the provider answered, as outcome.go judges it. circuit.go stops a channel whose provider takes nothing,
// pace.go has a recipient or a template wait, again.go and settle.go are what administrators do.
package deliveries

import (
	"cmp"
	"context"
	"log/slog"
	"strings"
	"time"

	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/internal/jobs"
	"channelbook/internal/metrics"
	"channelbook/internal/seal"
	"channelbook/notify/channel"
	"channelbook/notify/preferences"
	"channelbook/notify/templates"
)

// Composer makes messages, as *templates.Service does.
type Composer interface {
	Compose(ctx context.Context, l templates.Letter) (channel.Message, error)
}

// Service holds what the acts need. All fields but Timeout and Metrics are required, but a channel that is not set up has no sender.
type Service struct {
	DB        *db.DB
	Now       func() time.Time // UTC, to the microsecond
	Log       *slog.Logger
	Keys      seal.Keys
	TimeZone  *time.Location // the business's
	Templates Composer
	Wishes    *preferences.Service
	Senders   map[string]channel.Sender // by the names of package channel
	// Timeout is how long a job may take, as the queue knows it; 45 seconds where it is 0. An attempt that began longer ago was
	// broken off.
	Timeout time.Duration
	// Metrics count what became of attempts; nil: nobody does.
	Metrics *metrics.Deliveries
}

func (s *Service) timeout() time.Duration { return cmp.Or(s.Timeout, 45*time.Second) }

// Due is the job that sends a delivery. Round tells apart what a person has had sent again.
type Due struct {
	Channel  string `json:"channel"`
	Delivery gid.ID `json:"delivery"`
	Round    int    `json:"round"`
	// Call tells apart a job beside one that sleeps until its channel is tried again, or that has not ended yet; else 0.
	Call int64 `json:"call,omitempty"`
}

// Kind is the job's name.
func (Due) Kind() string { return "delivery" }

// Line is the channel's: one that is slow keeps the other from nothing.
func (d Due) Line() string { return strings.ToLower(cmp.Or(d.Channel, channel.Email)) }

// Work has a queue do what this package enqueues.
func (s *Service) Work(q *jobs.Queue) {
	jobs.WorkUnless(q, s.send, s.unsent)
	jobs.Work(q, s.call)
}
