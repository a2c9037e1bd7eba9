// Package webhooks tells integrators' systems of events: each registers an address and the kinds of events it wants.
package webhooks

import (
	"context"
	"log/slog"
	"time"

	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/internal/jobs"
	"channelbook/internal/seal"
)

// Service holds what the acts need. All fields are required.
type Service struct {
	DB           *db.DB
	Now          func() time.Time // UTC, to the microsecond
	Log          *slog.Logger
	Keys         seal.Keys
	AllowPrivate bool // addresses of private networks and of this machine too
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

// Work has a queue do what this package enqueues.
func (s *Service) Work(q *jobs.Queue) {
	jobs.WorkUnless(q, s.send, s.unsent)
}

// Plan writes what the webhooks get of the notices at the places from after+1 to upTo, and enqueues it. It belongs to
// notify.Service.Further.
func (s *Service) Plan(ctx context.Context, tx *db.Tx, after, upTo int64) error { return nil }

func (s *Service) send(ctx context.Context, d Due) error              { return nil }
func (s *Service) unsent(ctx context.Context, tx *db.Tx, d Due) error { return nil }
