package reports

import (
	"context"
	"fmt"
	"time"

	"channelbook/ent"
	"channelbook/ent/report"
	"channelbook/internal/auth"
	"channelbook/internal/gid"
)

// finished is the channel on which everybody is woken who waits for reports.
const finished = "reports"

// overlap is how long before the last report that was told others may have ended that were not to be seen yet.
const overlap = time.Minute

// Follow begins to watch for reports of the viewer's own that end, well or not, from now on; follow hands each over once, until ctx
// ends or hand fails, and has to be called.
func (s *Service) Follow(ctx context.Context) (follow func(hand func(*ent.Report) error) error, err error) {
	v, err := auth.Require(ctx, people...)
	if err != nil {
		return nil, err
	}
	wake, stop := s.DB.Listen(finished)
	since, told := s.Now().Add(-overlap), map[gid.ID]time.Time{}
	err = s.hand(ctx, v, since, told, func(*ent.Report) error { return nil }) // what has ended is not told
	if err != nil {
		stop()
		return nil, err
	}
	return func(hand func(*ent.Report) error) error {
		defer stop()
		return s.follow(ctx, v, since, told, wake, hand)
	}, nil
}

func (s *Service) follow(ctx context.Context, v auth.Viewer, since time.Time, told map[gid.ID]time.Time, wake <-chan struct{}, hand func(*ent.Report) error) error {
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-wake:
		}
		if err := s.hand(ctx, v, since, told, hand); err != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return err
		}
		now := s.Now()
		for id, at := range told { // what is older than any that is still read
			if at.Before(now.Add(-2 * overlap)) {
				delete(told, id)
			}
		}
		since = later(since, now.Add(-overlap))
	}
}

// hand hands over what has ended since a moment and was not told.
func (s *Service) hand(ctx context.Context, v auth.Viewer, since time.Time, told map[gid.ID]time.Time, hand func(*ent.Report) error) error {
	rows, err := s.DB.Report.Query().Where(report.UserID(v.UserID), report.FinishedAtGTE(since)).Order(ent.Asc(report.FieldFinishedAt)).All(ctx)
	if err != nil {
		return fmt.Errorf("read which reports have ended: %w", err)
	}
	for _, row := range rows {
		if _, known := told[row.ID]; known {
			continue
		}
		if err := hand(row); err != nil {
			return err
		}
		told[row.ID] = *row.FinishedAt
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
