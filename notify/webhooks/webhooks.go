// Package webhooks tells integrators' systems of events: each registers an address and the kinds of events it wants, and gets a
// signed POST for each of them, as Standard Webhooks has it.
//
// Read plan.go first: which events a webhook gets, written in the transaction that gives their notices places. attempt.go sends
// one and records what came of it, target.go refuses addresses that nobody outside should reach by us, sign.go signs. A webhook
// gets each event at least once: after a crash it may come again, under the same id.
package webhooks

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/internal/jobs"
	"channelbook/internal/metrics"
	"channelbook/internal/seal"
)

// Service holds what the acts need. All fields but Metrics are required. It is not copied once it is in use.
type Service struct {
	DB           *db.DB
	Now          func() time.Time // UTC, to the microsecond
	Log          *slog.Logger
	Keys         seal.Keys
	AllowPrivate bool              // addresses of private networks and of this machine too, and http
	Metrics      *metrics.Webhooks // nil: nothing is counted

	calls  sync.Once
	client *http.Client
	turns  turns
}

// Due is the job that sends an event to a webhook. Round tells apart what a person has had sent again.
type Due struct {
	Event gid.ID `json:"event"`
	Round int    `json:"round"`
}

// Kind is the job's name.
func (Due) Kind() string { return "webhook" }

// Line is the jobs' own.
func (Due) Line() string { return "webhooks" }

// Waiting is the job that enqueues what waits for a webhook that sends again since a moment, in Unix microseconds.
type Waiting struct {
	Webhook gid.ID `json:"webhook"`
	Since   int64  `json:"since"`
}

// Kind is the job's name.
func (Waiting) Kind() string { return "webhook_waiting" }

// Work has a queue do what this package enqueues.
func (s *Service) Work(q *jobs.Queue) {
	jobs.WorkUnless(q, s.send, s.unsent)
	jobs.Work(q, func(ctx context.Context, w Waiting) error { return s.enqueueWaiting(ctx, w.Webhook) })
}
