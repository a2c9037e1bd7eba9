package notify

import (
	"context"
	"fmt"
	"time"

	"channelbook/ent"
	"channelbook/ent/notification"
)

const (
	// missedAtOnce is how many notifications that were missed are read by one statement.
	missedAtOnce = 100
	// readAgain is the wait after the base could not be read.
	readAgain = time.Second
)

// Follow hands the subscriber all that is in the feed behind where it began, in the order of the line, then what is new, each
// once, until ctx ends or hand fails. Where hand is slow, what comes meanwhile is read from the base when its turn comes.
func (sub *Subscription) Follow(ctx context.Context, hand func(*ent.Notification) error) error {
	for {
		if sub.behind.Load() {
			if err := sub.catchUp(ctx, hand); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case n := <-sub.fresh:
			// Where behind is set by now, something before n or behind it has been left out: all is read from the base.
			if sub.behind.Load() || n.Place <= sub.at {
				continue
			}
			if err := hand(n); err != nil {
				return err
			}
			sub.at = n.Place
		}
	}
}

// catchUp hands out what the base has behind the subscriber's place. Who subscribed before it reads gets the rest live.
func (sub *Subscription) catchUp(ctx context.Context, hand func(*ent.Notification) error) error {
	for {
		sub.behind.Store(false)
		rows, err := sub.missed(ctx)
		if err != nil {
			sub.behind.Store(true)
			if ctx.Err() == nil {
				sub.service.Log.ErrorContext(ctx, "a feed cannot be read; it is tried again", "error", err)
			}
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-time.After(readAgain):
				continue
			}
		}
		for _, n := range rows {
			if n.Edges.Notice != nil { // nil where it was dropped for its age between two statements
				if err := hand(n); err != nil {
					return err
				}
			}
			sub.at = n.Place
		}
		if len(rows) < missedAtOnce {
			return nil
		}
	}
}

// missed are some notifications behind the subscriber's place. ctx names the viewer, who sees their own.
func (sub *Subscription) missed(ctx context.Context) ([]*ent.Notification, error) {
	rows, err := sub.service.DB.Notification.Query().Where(notification.UserID(sub.reader.user), notification.PlaceGT(sub.at)).
		Order(ent.Asc(notification.FieldPlace)).Limit(missedAtOnce).WithNotice().All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read a feed: %w", err)
	}
	return rows, nil
}
