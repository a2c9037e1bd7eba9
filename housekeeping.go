package main

import (
	"context"
	"time"

	"channelbook/goals"
	"channelbook/internal/auth"
	"channelbook/internal/config"
	"channelbook/leads/figures"
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
		{"import_files", func(ctx context.Context) error {
			_, err := s.imports.Sweep(ctx)
			return err
		}},
		{"overdue_deliveries", func(ctx context.Context) error {
			_, err := s.deliveries.Overdue(ctx)
			return err
		}},
		{"reports", func(ctx context.Context) error { return s.reports.Sweep(ctx, now().Add(-cfg.NotificationRetention)) }},
		{"audit", func(ctx context.Context) error {
			_, err := s.audit.DropPast(ctx, now().Add(-cfg.AuditRetention))
			return err
		}},
	}
}

// keepHouse has the jobs done by the queue, each by one instance, now and every hour.
func (s *services) keepHouse(jobs []job) {
	for _, j := range jobs {
		s.jobs.Regularly(j.name, housekeepingEvery, func(ctx context.Context) error { return j.do(auth.AsSystem(ctx, "housekeeping")) })
	}
}

// regularly is what has a loop of its own on each instance and is shown beside the housekeeping, by how often it is done.
var regularly = map[string]time.Duration{
	goals.JobRollOver: goals.RunEvery, goals.JobMilestones: goals.RunEvery, goals.JobTellMilestones: goals.RunEvery,
	figures.Job: figures.RunEvery,
}

// ran tells metrics and administrators of a run.
func (s *services) ran(name string, begun time.Time, err error) {
	s.metrics.Jobs.Ran(name, begun, err)
	s.jobs.Watched.Ran(name, begun, err)
}
