package main

import (
	"context"
	"time"

	"channelbook/internal/auth"
	"channelbook/internal/config"
)

// housekeepingEvery is how often what is past its term is taken away.
const housekeepingEvery = time.Hour

// lockRetention is how long a lock on a contact is kept, a keyed hash: long enough not to be made anew all day.
const lockRetention = 24 * time.Hour

// changeRetention is how long it is kept that a lead has changed: whoever watches leads live reads it within a moment.
const changeRetention = time.Hour

// job is something that is done beside the requests, under the name that metrics and the log know it by. Doing it
// twice, or on several instances at once, does no harm.
type job struct {
	name string
	do   func(context.Context) error
}

// housekeeping is the jobs that take away what is past its term.
func (s *services) housekeeping(cfg config.Config) []job {
	return []job{
		{"raw_bodies", func(ctx context.Context) error {
			_, err := s.leads.DropRawBodies(ctx, now().Add(-cfg.RawBodyRetention))
			return err
		}},
		{"locks", func(ctx context.Context) error {
			_, err := s.leads.DropLocks(ctx, now().Add(-lockRetention))
			return err
		}},
		{"old_lead_changes", func(ctx context.Context) error {
			_, err := s.watch.Drop(ctx, now().Add(-changeRetention))
			return err
		}},
		{"keys", s.rotation.Rotate},
		{"sessions", s.accounts.Sweep},
		{"pictures", s.album.Sweep},
		{"notifications", func(ctx context.Context) error {
			_, err := s.notify.Drop(ctx, now().Add(-cfg.NotificationRetention))
			return err
		}},
		{"webhook_events", func(ctx context.Context) error {
			_, err := s.webhooks.Drop(ctx, now().Add(-cfg.NotificationRetention))
			return err
		}},
		{"deliveries", func(ctx context.Context) error {
			_, err := s.deliveries.Drop(ctx, now().Add(-cfg.NotificationRetention))
			return err
		}},
		{"overdue_deliveries", func(ctx context.Context) error {
			_, err := s.deliveries.Overdue(ctx)
			return err
		}},
		{"audit", func(ctx context.Context) error {
			_, err := s.audit.DropPast(ctx, now().Add(-cfg.AuditRetention))
			return err
		}},
	}
}

// keepHouse does the jobs one after another, now and every hour, until ctx ends.
func (s *services) keepHouse(ctx context.Context, jobs []job) {
	tick := time.NewTicker(housekeepingEvery)
	defer tick.Stop()
	for {
		for _, j := range jobs {
			s.do(ctx, j)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// do does a job; that it failed keeps nothing else from being done. One that the server's stop broke off has not failed.
func (s *services) do(ctx context.Context, j job) {
	begun := time.Now()
	err := j.do(auth.AsSystem(ctx, "housekeeping"))
	if err != nil && ctx.Err() != nil {
		return
	}
	s.metrics.Jobs.Ran(j.name, begun, err)
	if err != nil {
		s.log.ErrorContext(ctx, "housekeeping failed; it is tried again in an hour", "job", j.name, "error", err)
	}
}
